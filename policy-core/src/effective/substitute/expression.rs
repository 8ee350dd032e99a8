//! Text with expressions such as `${name:=default}`, parsed and expanded as Flux does (its package `envsubst`).

use super::operators;
use super::scan::{Accept, Escapes, Mode, Scanner, Token};
use super::{Hidden, Steps, Value, Variables};

/// How deep expressions may stand within one another.
const MAX_DEPTH: usize = 100;

/// Why Flux refuses a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) &'static str);

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Expression(Expression),
}

/// An expression: a variable, what is done with its value, and with which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    variable: String,
    operator: String,
    words: Vec<Piece>,
}

/// What becomes of a text.
#[derive(Clone, Debug)]
pub(super) enum Expanded {
    Text(String),
    Hidden(Hidden),
    /// A variable has no value, and there is no default.
    Unset(String),
    /// It takes more steps than are left.
    TooMuch,
}

/// Reads a text.
pub(super) fn parse(text: &str) -> Result<Vec<Piece>, Refused> {
    let mut parser = Parser {
        scanner: Scanner::new(text),
        depth: 0,
    };
    let mode = Mode {
        opening: true,
        escapes: Escapes::Dollar,
        ..WORD
    };
    let mut pieces = Vec::new();
    loop {
        match parser.scanner.scan(mode, |_, _| true) {
            Token::Word(word) => pieces.push(Piece::Text(word)),
            Token::Opening => pieces.push(Piece::Expression(parser.expression()?)),
            Token::End => return Ok(pieces),
            Token::Illegal | Token::Closing => return Err(BAD),
        }
    }
}

const BAD: Refused = Refused("an expression `${…}` is malformed");
const NO_NAME: Refused = Refused("an expression `${…}` does not begin with the name of a variable");
const NO_END: Refused = Refused("an expression `${…}` has no end, or an operator that Flux does not know");
const TOO_DEEP: Refused = Refused("expressions `${…}` stand too deep within one another");

const WORD: Mode = Mode {
    word: true,
    opening: false,
    closing: false,
    escapes: Escapes::None,
};
const CLOSING: Mode = Mode {
    word: false,
    closing: true,
    ..WORD
};

fn in_name(letter: char, _: usize) -> bool {
    letter.is_alphabetic() || letter.is_numeric() || letter == '_'
}

fn not_closing(letter: char, _: usize) -> bool {
    letter != '}'
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    depth: usize,
}

impl Parser<'_> {
    /// An expression, after its `${`.
    fn expression(&mut self) -> Result<Expression, Refused> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        let read = self.inner();
        self.depth -= 1;
        read
    }

    fn inner(&mut self) -> Result<Expression, Refused> {
        if self.scanner.peek() == Some('#') {
            let operator = self.word(|letter, at| letter == '#' && at == 1)?;
            let variable = self.word(in_name)?;
            return self.closed(variable, operator, Vec::new());
        }
        let Token::Word(variable) = self.scanner.scan(WORD, in_name) else {
            return Err(NO_NAME);
        };
        match self.scanner.peek() {
            Some(':') if matches!(self.scanner.peek_second(), Some('=' | '-' | '?' | '+')) => {
                let operator = self.word(|letter, at| match at {
                    1 => letter == ':',
                    2 => matches!(letter, '=' | '-' | '?' | '+'),
                    _ => false,
                })?;
                self.default(variable, operator)
            }
            Some('=') => {
                let operator = self.word(|letter, at| letter == '=' && at == 1)?;
                self.default(variable, operator)
            }
            Some(':') => self.part(variable),
            Some(',' | '^') => {
                let operator = self.word(|letter, at| matches!(letter, ',' | '^') && at < 3)?;
                self.closed(variable, operator, Vec::new())
            }
            Some('/') => self.replacement(variable),
            Some('#') => self.removal(variable, |letter, at| letter == '#' && at < 3),
            Some('%') => self.removal(variable, |letter, at| letter == '%' && at < 3),
            _ => match self.scanner.scan(CLOSING, in_name) {
                Token::Closing => Ok(Expression {
                    variable,
                    operator: String::new(),
                    words: Vec::new(),
                }),
                _ => Err(NO_END),
            },
        }
    }

    fn word(&mut self, accept: Accept) -> Result<String, Refused> {
        match self.scanner.scan(WORD, accept) {
            Token::Word(word) => Ok(word),
            _ => Err(BAD),
        }
    }

    fn closed(&mut self, variable: String, operator: String, words: Vec<Piece>) -> Result<Expression, Refused> {
        match self.scanner.scan(CLOSING, not_closing) {
            Token::Closing => Ok(Expression {
                variable,
                operator,
                words,
            }),
            _ => Err(NO_END),
        }
    }

    /// A word that an operator works with: plain, or an expression.
    fn operand(&mut self, accept: Accept, escapes: Escapes) -> Result<Piece, Refused> {
        let mode = Mode {
            opening: true,
            escapes,
            ..WORD
        };
        match self.scanner.scan(mode, accept) {
            Token::Opening => self.expression().map(Piece::Expression),
            Token::Word(word) => Ok(Piece::Text(word)),
            _ => Err(BAD),
        }
    }

    fn default(&mut self, variable: String, operator: String) -> Result<Expression, Refused> {
        let mut words = Vec::new();
        while self.scanner.peek() != Some('}') {
            words.push(self.operand(not_closing, Escapes::None)?);
        }
        self.closed(variable, operator, words)
    }

    fn part(&mut self, variable: String) -> Result<Expression, Refused> {
        let operator = self.word(|letter, at| letter == ':' && at == 1)?;
        let mut words = vec![self.operand(|letter, _| !matches!(letter, ':' | '}'), Escapes::None)?];
        let mode = Mode { closing: true, ..WORD };
        match self.scanner.scan(mode, |letter, _| letter == ':') {
            Token::Closing => Ok(Expression {
                variable,
                operator,
                words,
            }),
            Token::Word(_) => {
                words.push(self.operand(not_closing, Escapes::None)?);
                self.closed(variable, operator, words)
            }
            _ => Err(BAD),
        }
    }

    fn removal(&mut self, variable: String, accept: Accept) -> Result<Expression, Refused> {
        let operator = self.word(accept)?;
        let words = vec![self.operand(not_closing, Escapes::None)?];
        self.closed(variable, operator, words)
    }

    fn replacement(&mut self, variable: String) -> Result<Expression, Refused> {
        let operator = self.word(|letter, at| match at {
            1 => letter == '/',
            2 => matches!(letter, '/' | '#' | '%'),
            _ => false,
        })?;
        let mut words = vec![match self.scanner.peek() {
            Some('/') => Piece::Text(String::new()),
            _ => self.operand(|letter, _| letter != '/', Escapes::All)?,
        }];
        self.word(|letter, _| letter == '/')?;
        if self.scanner.peek() != Some('}') {
            words.push(self.operand(not_closing, Escapes::All)?);
        }
        self.closed(variable, operator, words)
    }
}

/// Puts values in the place of expressions.
pub(super) fn expand(pieces: &[Piece], variables: &Variables, steps: &mut Steps) -> Expanded {
    let mut text = String::new();
    for piece in pieces {
        match value(piece, variables, steps) {
            Expanded::Text(part) => text.push_str(&part),
            other => return other,
        }
    }
    Expanded::Text(text)
}

fn value(piece: &Piece, variables: &Variables, steps: &mut Steps) -> Expanded {
    let expression = match piece {
        Piece::Text(text) => return copied(text, steps),
        Piece::Expression(expression) => expression,
    };
    let has_default = matches!(expression.operator.as_str(), "=" | ":-" | ":+" | ":=" | ":?");
    let own = match variables.get(&expression.variable) {
        Value::Known(text) => text,
        Value::Hidden(hidden) => return Expanded::Hidden(hidden.clone()),
        Value::Unset if has_default => "",
        Value::Unset => return Expanded::Unset(expression.variable.clone()),
    };
    // To Flux, all of these mean a default.
    if has_default && own.is_empty() {
        return expand(&expression.words, variables, steps);
    }
    if has_default || expression.operator.is_empty() {
        return copied(own, steps);
    }
    let mut words = Vec::new();
    for word in &expression.words {
        match value(word, variables, steps) {
            Expanded::Text(word) => words.push(word),
            other => return other,
        }
    }
    let copy = steps.take(own.len());
    match copy.and_then(|()| operators::apply(&expression.operator, own, &words, steps)) {
        Some(text) => Expanded::Text(text),
        None => Expanded::TooMuch,
    }
}

fn copied(text: &str, steps: &mut Steps) -> Expanded {
    match steps.take(text.len()) {
        Some(()) => Expanded::Text(text.to_owned()),
        None => Expanded::TooMuch,
    }
}
