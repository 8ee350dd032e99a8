//! A string as Go's YAML writer writes it: Flux substitutes in that text, not in the one of the file, so that quotes of
//! the file are gone and those that the writer needs are there.

/// Where a string stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Key,
    /// The value under a key
    Value,
    /// An item of a list
    Item,
}

impl Place {
    /// The document in which the string stands alone in its place; a key gets a value, a value a key.
    pub(super) fn document(self, text: &str) -> String {
        match self {
            Self::Key => format!("{}: 0\n", written(text, false)),
            Self::Value => format!("k: {}\n", written(text, true)),
            Self::Item => format!("- {}\n", written(text, true)),
        }
    }
}

/// The text, which holds a `$` and so is never taken for anything but a string.
fn written(text: &str, may_break: bool) -> String {
    let shape = Shape::of(text);
    if text.contains('\n') {
        return if may_break && shape.block {
            block(text)
        } else {
            double_quoted(text)
        };
    }
    if shape.plain {
        text.to_owned()
    } else if shape.single_quoted {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double_quoted(text)
    }
}

/// The styles that can hold a text.
struct Shape {
    plain: bool,
    single_quoted: bool,
    block: bool,
}

impl Shape {
    fn of(text: &str) -> Self {
        let special = text.chars().any(|letter| !is_printable(letter));
        let ends = |letter: char| text.starts_with(letter) || text.ends_with(letter);
        // A space before a break would be lost, one behind a break would be taken for indentation.
        let space_break = text.contains(" \n");
        let break_space = text.contains("\n ");
        let indicators = text.starts_with("---") || text.starts_with("...") || has_indicator(text);
        Self {
            plain: !indicators && !special && !text.contains('\n') && !ends(' '),
            single_quoted: !special && !space_break && !break_space,
            block: !special && !space_break && !text.ends_with(' '),
        }
    }
}

/// Whether a plain scalar could not hold it: it would look like another thing of YAML.
fn has_indicator(text: &str) -> bool {
    let blank = |letter: Option<char>| letter.is_none_or(|letter| matches!(letter, ' ' | '\t' | '\n' | '\r'));
    let mut letters = text.chars().peekable();
    let first = match letters.next() {
        None => return false,
        Some('-' | '?' | ':') => blank(letters.peek().copied()),
        Some(first) => "#,[]{}&*!|>'\"%@`".contains(first),
    };
    let mut before = text.chars().next();
    let mut inside = false;
    while let Some(letter) = letters.next() {
        inside |= letter == ':' && blank(letters.peek().copied()) || letter == '#' && blank(before);
        before = Some(letter);
    }
    first || inside
}

/// What Go's writer puts into a text as it is; a tab is not among it.
fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}') && letter != '\u{FEFF}'
}

fn block(text: &str) -> String {
    let indented = if text.starts_with([' ', '\n']) { "2" } else { "" };
    let end = match text.strip_suffix('\n') {
        None => "-",
        Some(rest) if rest.is_empty() || rest.ends_with('\n') => "+",
        Some(_) => "",
    };
    let mut result = format!("|{indented}{end}");
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        result.push('\n');
        if !line.is_empty() {
            result.push_str("  ");
            result.push_str(line);
        }
    }
    result
}

fn double_quoted(text: &str) -> String {
    let mut result = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\t' => result.push_str("\\t"),
            '\r' => result.push_str("\\r"),
            other if is_printable(other) => result.push(other),
            other => result.push_str(&format!("\\U{:08X}", u32::from(other))),
        }
    }
    result.push('"');
    result
}
