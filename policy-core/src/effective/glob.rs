//! Shell patterns as Go matches them: `*`, `?`, classes in brackets, and `\` before what is meant as it is.

/// A pattern that can be read.
#[derive(Clone, Debug)]
pub(super) struct Glob(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    /// Any run of characters
    Any,
    /// Any one character
    One,
    /// A character that stands for itself
    Literal(char),
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    /// Reads a pattern; nothing where Go refuses it.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            parts.push(match letter {
                '*' if matches!(parts.last(), Some(Part::Any)) => continue,
                '*' => Part::Any,
                '?' => Part::One,
                '\\' => Part::Literal(letters.next()?),
                '[' => class(&mut letters)?,
                other => Part::Literal(other),
            });
        }
        Some(Self(parts))
    }

    /// Whether the whole text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.ends(text).last() == Some(&text.len())
    }

    /// Where a start of the text ends that fits, the shortest first. Takes as many steps as the text and the pattern
    /// have characters, multiplied.
    pub(super) fn ends(&self, text: &str) -> Vec<usize> {
        // The parts that may come next.
        let mut next = vec![false; self.0.len() + 1];
        if let Some(first) = next.first_mut() {
            *first = true;
        }
        self.pass_any(&mut next);
        let mut ends = Vec::new();
        if next.last() == Some(&true) {
            ends.push(0);
        }
        for (at, letter) in text.char_indices() {
            let mut after = vec![false; self.0.len() + 1];
            for (place, part) in self.0.iter().enumerate() {
                let stays = matches!(part, Part::Any);
                let reached = if stays { place } else { place + 1 };
                if next.get(place) == Some(&true)
                    && (stays || part.fits(letter))
                    && let Some(reached) = after.get_mut(reached)
                {
                    *reached = true;
                }
            }
            self.pass_any(&mut after);
            next = after;
            if next.last() == Some(&true) {
                ends.push(at + letter.len_utf8());
            }
        }
        ends
    }

    /// `*` may stand for nothing.
    fn pass_any(&self, next: &mut [bool]) {
        for (place, part) in self.0.iter().enumerate() {
            if matches!(part, Part::Any)
                && next.get(place) == Some(&true)
                && let Some(behind) = next.get_mut(place + 1)
            {
                *behind = true;
            }
        }
    }
}

impl Part {
    fn fits(&self, letter: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Literal(own) => *own == letter,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter)) != *negated
            }
        }
    }
}

fn class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Part> {
    let negated = letters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && letters.next_if_eq(&']').is_some() {
            return Some(Part::Class { negated, ranges });
        }
        let low = in_class(letters)?;
        let high = match letters.next_if_eq(&'-') {
            Some(_) => in_class(letters)?,
            None => low,
        };
        ranges.push((low, high));
    }
}

fn in_class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    match letters.next()? {
        '-' | ']' => None,
        '\\' => letters.next(),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn patterns_match_as_a_whole() {
        let cases = [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "a.yml", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]*", "bxx", true),
            ("[^a-c]*", "bxx", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("*a*b", "xaxxb", true),
            ("*a*b", "xaxxbc", false),
            ("**", "", true),
            ("", "", true),
            ("", "a", false),
        ];
        for (pattern, text, fits) in cases {
            assert_eq!(Glob::new(pattern).unwrap().matches(text), fits, "{pattern} {text}");
        }
        for broken in ["[", "[]", "[a", "a\\", "[-]"] {
            assert!(Glob::new(broken).is_none(), "{broken}");
        }
    }
}
