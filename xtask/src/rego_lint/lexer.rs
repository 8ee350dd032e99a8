//! Rego text in tokens: as much as the lint needs.

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or keyword
    Word(String),
    /// A string, raw or not, as it is written between its quotes
    Text(String),
    /// The start of a template string, whose rest follows as a string
    Template,
    /// A comment without its `#`
    Comment(String),
    /// Anything else, numbers included
    Mark(char),
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// From 1.
    pub(crate) line: usize,
    /// It stands in the first column: a rule's name, `package`, `import` or `default`.
    pub(crate) starts_line: bool,
    /// Nothing stands between it and the token before.
    pub(crate) touches: bool,
}

impl Token {
    /// The name or keyword, where it is one.
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Whether it is this mark.
    pub(crate) fn is(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }
}

/// Cuts a module into tokens. Text that is no Rego gives some tokens, too: `opa check` is there to refuse it.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        rest: text,
        line: 1,
        starts_line: true,
        touches: false,
        tokens: Vec::new(),
    };
    while lexer.step() {}
    lexer.tokens
}

struct Lexer<'t> {
    rest: &'t str,
    line: usize,
    starts_line: bool,
    touches: bool,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        match first {
            '\n' => {
                self.rest = &self.rest[1..];
                (self.line, self.starts_line, self.touches) = (self.line + 1, true, false);
            }
            _ if first.is_whitespace() => {
                self.rest = &self.rest[first.len_utf8()..];
                (self.starts_line, self.touches) = (false, false);
            }
            '#' => {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                let text = self.rest[1..end].to_owned();
                self.push(Kind::Comment(text), end);
            }
            '"' => self.quoted(true),
            '`' => self.quoted(false),
            '$' if self.rest[1..].starts_with(['"', '`']) => self.push(Kind::Template, 1),
            _ if first.is_alphabetic() || first == '_' => {
                let end = self
                    .rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(self.rest.len());
                let word = self.rest[..end].to_owned();
                self.push(Kind::Word(word), end);
            }
            _ if first.is_ascii_digit() => {
                // `1.5e3` holds no name.
                let end = self
                    .rest
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '.')
                    .unwrap_or(self.rest.len());
                self.push(Kind::Mark('0'), end);
            }
            _ => self.push(Kind::Mark(first), first.len_utf8()),
        }
        true
    }

    fn quoted(&mut self, escapes: bool) {
        let quote = self.rest.as_bytes()[0];
        let bytes = self.rest.as_bytes();
        let mut end = 1;
        while end < bytes.len() && bytes[end] != quote {
            end += if escapes && bytes[end] == b'\\' { 2 } else { 1 };
        }
        let close = end.min(bytes.len());
        let text = self.rest.get(1..close).unwrap_or("").to_owned();
        self.push(Kind::Text(text), (close + 1).min(self.rest.len()));
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token {
            kind,
            line: self.line,
            starts_line: self.starts_line,
            touches: self.touches,
        });
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        (self.rest, self.starts_line, self.touches) = (rest, false, true);
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, tokens};

    #[test]
    fn strings_and_comments_hide_words() {
        let kinds = tokens("x := \"with \\\" # no\" # with\ny if `in\nput` in z.count(1.5e3)\n");
        let words: Vec<&str> = kinds.iter().filter_map(|token| token.word()).collect();
        assert_eq!(words, ["x", "y", "if", "in", "z", "count"]);
        assert_eq!(
            kinds.iter().filter(|token| matches!(token.kind, Kind::Text(_))).count(),
            2
        );
        assert_eq!(kinds.last().map(|token| (token.line, token.touches)), Some((3, true)));
    }

    #[test]
    fn an_open_string_ends_with_the_text() {
        assert_eq!(tokens("x := \"\\").len(), 4);
        assert_eq!(tokens("é := `").len(), 4);
    }
}
