//! The words of an expression such as `${name:=default}`, read as Flux's own scanner does.

/// What ends a word, or whether a character may be part of one: the character, and the bytes that the word has with it.
pub(super) type Accept = fn(char, usize) -> bool;

/// What a scanner looks for besides a word.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    pub(super) word: bool,
    pub(super) opening: bool,
    pub(super) closing: bool,
    pub(super) escapes: Escapes,
}

/// What may be written twice, or behind a backslash, to stand for itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    None,
    /// `$$`
    Dollar,
    /// `$$`, `\/` and `\\`
    All,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Illegal,
    End,
    Word(String),
    /// `${`
    Opening,
    /// `}`
    Closing,
}

pub(super) struct Scanner<'t> {
    rest: &'t str,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// The character behind the next one.
    pub(super) fn peek_second(&self) -> Option<char> {
        self.rest.chars().nth(1)
    }

    fn take(&mut self) -> Option<char> {
        let mut letters = self.rest.chars();
        let letter = letters.next();
        self.rest = letters.as_str();
        letter
    }

    pub(super) fn scan(&mut self, mode: Mode, accept: Accept) -> Token {
        let Some(first) = self.peek() else {
            return Token::End;
        };
        if mode.opening && self.opens() {
            self.take();
            self.take();
            return Token::Opening;
        }
        if mode.closing && first == '}' {
            self.take();
            return Token::Closing;
        }
        if !mode.word {
            return Token::Illegal;
        }
        let mut word = String::new();
        while let Some(letter) = self.peek() {
            if mode.opening && self.opens() {
                break;
            }
            if self.escapes(mode.escapes) {
                self.take();
                word.extend(self.take());
                continue;
            }
            if !accept(letter, word.len() + letter.len_utf8()) {
                break;
            }
            word.extend(self.take());
        }
        if word.is_empty() {
            Token::Illegal
        } else {
            Token::Word(word)
        }
    }

    fn opens(&self) -> bool {
        self.rest.starts_with("${")
    }

    fn escapes(&self, escapes: Escapes) -> bool {
        match escapes {
            Escapes::None => false,
            Escapes::Dollar => self.rest.starts_with("$$"),
            Escapes::All => ["$$", "\\/", "\\\\"].iter().any(|pair| self.rest.starts_with(pair)),
        }
    }
}
