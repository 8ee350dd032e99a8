//! Files of settings, read into their types with the place of whatever does not fit.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};

use crate::error::LoadError;
use crate::limits::Limits;
use crate::source::{Source, SourceText};
use crate::tree::{Member, Node, Segment, Span, Value};
use crate::yaml::{self, Dialect};

/// The version of every file of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ApiVersion {
    /// The only one there is
    #[serde(rename = "audit.plugin.fluxcd.io/v1beta1")]
    V1Beta1,
}

/// A day, `2027-01-31`, in UTC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(String);

impl Date {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The day of a time such as `2026-11-22T03:00:00Z`.
    pub(crate) fn of_time(time: &str) -> Option<Self> {
        Self::try_from(time.split_once('T')?.0.to_owned()).ok()
    }
}

impl TryFrom<String> for Date {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if is_day(&text) {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is not a day of the form 2027-01-31"))
        }
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.0
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Date {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date"})
    }
}

/// Equal length and digits everywhere, so that days compare as strings.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str, length: usize| {
        let digits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Whether something that is true for a time is true now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    Valid,
    /// Its first day has not come.
    Early,
    Expired,
    /// Nobody said what day it is.
    Undecided,
}

impl Validity {
    pub(crate) fn of(from: Option<&Date>, until: Option<&Date>, today: Option<&Date>) -> Self {
        let Some(today) = today else {
            return match (from, until) {
                (None, None) => Self::Valid,
                _ => Self::Undecided,
            };
        };
        match (from, until) {
            (_, Some(until)) if today > until => Self::Expired,
            (Some(from), _) if today < from => Self::Early,
            _ => Self::Valid,
        }
    }
}

/// A setting that fits its type and is wrong all the same.
#[derive(Debug)]
pub(crate) struct Mistake {
    path: Vec<Segment>,
    message: String,
}

impl Mistake {
    /// What is wrong with the setting of this name.
    pub(crate) fn new(setting: &str, message: impl Into<String>) -> Self {
        Self {
            path: vec![Segment::Key(setting.into())],
            message: message.into(),
        }
    }

    /// What is wrong with the value itself; [`Mistake::under`] says where that is.
    pub(crate) fn here(message: impl Into<String>) -> Self {
        Self {
            path: Vec::new(),
            message: message.into(),
        }
    }

    /// The same mistake, in the member `key`.
    #[must_use]
    pub(crate) fn under(mut self, key: &str) -> Self {
        self.path.insert(0, Segment::Key(key.into()));
        self
    }

    /// The same mistake, in an item.
    #[must_use]
    pub(crate) fn item(mut self, at: usize) -> Self {
        self.path.insert(0, Segment::Index(at));
        self
    }

    /// `exceptions[2].control`.
    pub(crate) fn setting(&self) -> String {
        self.path.iter().fold(String::new(), |text, segment| match segment {
            Segment::Key(key) if text.is_empty() => key.to_string(),
            Segment::Key(key) => format!("{text}.{key}"),
            Segment::Index(at) => format!("{text}[{at}]"),
        })
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.is_empty() {
            true => out.write_str(&self.message),
            false => write!(out, "{}: {}", self.setting(), self.message),
        }
    }
}

impl From<Mistake> for LoadError {
    fn from(mistake: Mistake) -> Self {
        Self::config(mistake.setting(), mistake.message)
    }
}

/// A file that was read: it knows where its values stand.
pub(crate) struct File {
    text: SourceText,
    root: Node,
}

impl File {
    /// Reads the one document of a file as a `T`.
    ///
    /// # Errors
    /// [`LoadError::File`] for text that is not one YAML document, and for members that `T` does not know, lacks or
    /// wants otherwise.
    pub(crate) fn read<T: DeserializeOwned>(source: &Source) -> Result<(Self, T), LoadError> {
        let standard = Limits::standard();
        let limits = Limits {
            source_bytes: standard.settings_bytes,
            ..standard
        };
        // Days stay texts in this dialect; that `no` is none is then told by the types.
        let parsed = yaml::parse(source, Dialect::Kubectl, &limits);
        if let Some(problem) = parsed.problems.first() {
            return Err(LoadError::File {
                file: source.name.clone(),
                line: problem.line.unwrap_or(1),
                message: problem.message.clone(),
            });
        }
        let mut documents = parsed.documents.into_iter();
        let error = |line: u32, message: &str| LoadError::File {
            file: source.name.clone(),
            line,
            message: message.into(),
        };
        let Some(first) = documents.next() else {
            return Err(error(1, "the file is empty; it needs `apiVersion` and `kind`"));
        };
        if let Some(second) = documents.next() {
            let line = parsed.text.position(second.root.span.start).line;
            return Err(error(line, "a second document; a file of settings has one"));
        }
        let file = Self {
            text: parsed.text,
            root: first.root,
        };
        if file.root.as_object().is_none() {
            return Err(file.error(file.root.span, "the file must be a mapping"));
        }
        // Types that programs build too can leave these out; files cannot, or no later version could be told apart.
        for key in ["apiVersion", "kind"] {
            if file.root.get(key).is_none() {
                return Err(file.error(file.root.span, &format!("`{key}` is missing")));
            }
        }
        match T::deserialize(Reader(&file.root)) {
            Ok(value) => Ok((file, value)),
            Err(misfit) => Err(file.error(misfit.span.unwrap_or(file.root.span), &misfit.mistake.to_string())),
        }
    }

    /// The error for a mistake in this file.
    pub(crate) fn mistake(&self, mistake: &Mistake) -> LoadError {
        self.error(self.root.locate(&mistake.path), &mistake.to_string())
    }

    fn error(&self, at: Span, message: &str) -> LoadError {
        LoadError::File {
            file: self.text.name.to_string(),
            line: self.text.position(at.start).line,
            message: message.into(),
        }
    }
}

/// A value that does not fit its type.
#[derive(Debug)]
struct Misfit {
    span: Option<Span>,
    mistake: Mistake,
}

impl Misfit {
    /// The innermost place is the one to show.
    fn at(mut self, span: Span) -> Self {
        self.span = self.span.or(Some(span));
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mistake.fmt(out)
    }
}

impl std::error::Error for Misfit {}

impl serde::de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            span: None,
            mistake: Mistake::here(message.to_string()),
        }
    }
}

/// A node as serde sees it.
struct Reader<'n>(&'n Node);

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let read = match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, Some(number)) => visitor.visit_f64(number),
                _ => Err(serde::de::Error::custom(format!("{number} is too large a number"))),
            },
            Value::String(text) => visitor.visit_str(text),
            Value::Array(items) => visitor.visit_seq(Items {
                rest: items.iter().enumerate(),
            }),
            Value::Object(members) => visitor.visit_map(Members {
                rest: members.iter(),
                current: None,
            }),
        };
        read.map_err(|misfit: Misfit| misfit.at(self.0.span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let read = match &self.0.value {
            Value::String(text) => StrDeserializer::<Misfit>::new(text).deserialize_enum(name, variants, visitor),
            _ => Err(serde::de::Error::custom(format!(
                "must be one of {}",
                variants.join(", ")
            ))),
        };
        read.map_err(|misfit| misfit.at(self.0.span))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.0.value {
            Value::String(text) => visitor.visit_str(text),
            _ => Err(serde::de::Error::custom("must be a text; put it in quotes")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'n> {
    rest: std::iter::Enumerate<std::slice::Iter<'n, Node>>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some((at, node)) = self.rest.next() else {
            return Ok(None);
        };
        let in_item = |misfit: Misfit| Misfit {
            mistake: misfit.mistake.item(at),
            ..misfit
        };
        seed.deserialize(Reader(node))
            .map(Some)
            .map_err(|misfit| in_item(misfit.at(node.span)))
    }
}

struct Members<'n> {
    rest: std::slice::Iter<'n, Member>,
    current: Option<&'n Member>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        self.current = self.rest.next();
        let read = |member: &Member| {
            let key = seed.deserialize(StrDeserializer::<Misfit>::new(&member.key));
            key.map_err(|misfit| misfit.at(member.key_span))
        };
        self.current.map(read).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let Some(member) = self.current else {
            return Err(serde::de::Error::custom("a value without a key"));
        };
        let in_member = |misfit: Misfit| Misfit {
            mistake: misfit.mistake.under(&member.key),
            ..misfit
        };
        let read = seed.deserialize(Reader(&member.node));
        read.map_err(|misfit| in_member(misfit.at(member.node.span)))
    }
}
