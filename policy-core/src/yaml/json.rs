//! JSON proper: serde_json reads it, and a cursor beside it finds where each token stands.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::build::{Builder, Fault, Shape};
use super::scalar::Scalar;
use crate::tree::Node;

/// How reading a part as JSON ended.
pub(super) enum Outcome {
    /// The part is a stream of JSON values.
    Read(Vec<Node>),
    /// The part is not JSON; YAML may make something of it.
    NotJson,
    /// The part is JSON, but something in it cannot be used; the values before are good.
    Failed(Vec<Node>, Fault),
}

/// Reads one or more JSON lists or objects that begin at `start` of `text` and take all of it.
pub(super) fn read(text: &str, start: usize, builder: &mut Builder<'_>) -> Outcome {
    let Some(part) = text.get(start..) else {
        return Outcome::NotJson;
    };
    let mut reader = serde_json::Deserializer::from_str(part);
    // The builder bounds the depth, before each descent.
    reader.disable_recursion_limit();
    let mut walk = Walk {
        builder,
        bytes: text.as_bytes(),
        at: start,
        fault: None,
    };
    let mut roots = Vec::new();
    loop {
        walk.skip(b" \t\r\n");
        match walk.bytes.get(walk.at) {
            None => return Outcome::Read(roots),
            Some(b'{' | b'[') => {}
            Some(_) => return Outcome::NotJson,
        }
        match (Value { walk: &mut walk }.deserialize(&mut reader)) {
            Ok(()) => roots.extend(walk.builder.finish()),
            Err(error) => {
                if let Some(fault) = walk.fault.take() {
                    return Outcome::Failed(roots, fault);
                }
                if roots.is_empty() {
                    return Outcome::NotJson;
                }
                let message = format!("this is not JSON: {}; mend or remove it", cleaned(&error));
                return Outcome::Failed(roots, Fault::new("yaml-syntax", walk.at, message));
            }
        }
    }
}

fn cleaned(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message)
        .to_owned()
}

struct Walk<'w, 'a> {
    builder: &'w mut Builder<'a>,
    bytes: &'w [u8],
    at: usize,
    fault: Option<Fault>,
}

impl Walk<'_, '_> {
    fn skip(&mut self, set: &[u8]) {
        while self.bytes.get(self.at).is_some_and(|byte| set.contains(byte)) {
            self.at += 1;
        }
    }

    /// Where the token that serde_json has just read begins and ends.
    fn token(&mut self) -> (usize, usize) {
        self.skip(b" \t\r\n,:");
        let start = self.at;
        self.at += 1;
        if self.bytes.get(start) == Some(&b'"') {
            while let Some(found) = self
                .bytes
                .get(self.at..)
                .and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
                .map(|at| self.at + at)
            {
                let escape = self.bytes.get(found) == Some(&b'\\');
                self.at = found + if escape { 2 } else { 1 };
                if !escape {
                    break;
                }
            }
        } else {
            while self
                .bytes
                .get(self.at)
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
            {
                self.at += 1;
            }
        }
        (start, self.at)
    }

    fn open(&mut self, shape: Shape) -> Result<(), Fault> {
        self.skip(b" \t\r\n,:");
        self.builder.open(shape, self.at, 0)?;
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Fault> {
        self.skip(b" \t\r\n");
        self.at += 1;
        self.builder.close(Some(self.at))
    }

    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<(), Fault> {
        let (start, end) = self.token();
        self.builder.scalar(scalar, start, end, 0)
    }

    /// serde_json may miss the nearest float by one place, so the text is read once more.
    fn float(&mut self, value: f64) -> Result<(), Fault> {
        let (start, end) = self.token();
        let text = self
            .bytes
            .get(start..end)
            .and_then(|bytes| std::str::from_utf8(bytes).ok());
        let value = text.and_then(|text| text.parse().ok()).unwrap_or(value);
        self.builder.scalar(Scalar::Float(value), start, end, 0)
    }

    fn key(&mut self, text: &str) {
        let (start, end) = self.token();
        self.builder.key(text, start, end);
    }

    /// serde's errors hold no data, so the fault waits here.
    fn keep<E: Error>(&mut self, result: Result<(), Fault>) -> Result<(), E> {
        result.map_err(|fault| {
            let error = E::custom(&fault.message);
            self.fault = Some(fault);
            error
        })
    }
}

struct Value<'s, 'w, 'a> {
    walk: &'s mut Walk<'w, 'a>,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        let result = self.walk.scalar(Scalar::Null);
        self.walk.keep(result)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        let result = self.walk.scalar(Scalar::Bool(value));
        self.walk.keep(result)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        let result = self.walk.scalar(Scalar::Int(value));
        self.walk.keep(result)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        let result = self.walk.scalar(Scalar::Uint(value));
        self.walk.keep(result)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        let result = self.walk.float(value);
        self.walk.keep(result)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        let result = self.walk.scalar(Scalar::Text(value.into()));
        self.walk.keep(result)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let result = self.walk.open(Shape::List);
        self.walk.keep(result)?;
        while items.next_element_seed(Value { walk: self.walk })?.is_some() {}
        let result = self.walk.close();
        self.walk.keep(result)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let result = self.walk.open(Shape::Map);
        self.walk.keep(result)?;
        while members.next_key_seed(Key { walk: self.walk })?.is_some() {
            members.next_value_seed(Value { walk: self.walk })?;
        }
        let result = self.walk.close();
        self.walk.keep(result)
    }
}

struct Key<'s, 'w, 'a> {
    walk: &'s mut Walk<'w, 'a>,
}

impl<'de> DeserializeSeed<'de> for Key<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.walk.key(value);
        Ok(())
    }
}
