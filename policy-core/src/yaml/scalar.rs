//! What a scalar means to the Go readers: booleans, numbers, timestamps, tags.

use std::borrow::Cow;

use super::Dialect;

/// A resolved scalar, before it becomes a JSON value or a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(Cow<'a, str>),
    /// A timestamp in JSON's form; only kustomize's reader knows them
    Time(String),
}

/// The tags the Go readers act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Untagged,
    /// A lone `!`
    NonSpecific,
    Str,
    Int,
    Float,
    Bool,
    Null,
    Binary,
    Timestamp,
    /// `!!map`, `!!seq` and `!!merge`: known, yet without effect on a scalar
    Inert,
    Unknown,
}

impl Tag {
    /// Reads a tag in its long form.
    pub(super) fn from_uri(uri: &str) -> Self {
        match uri.strip_prefix("tag:yaml.org,2002:") {
            Some("str") => Self::Str,
            Some("int") => Self::Int,
            Some("float") => Self::Float,
            Some("bool") => Self::Bool,
            Some("null") => Self::Null,
            Some("binary") => Self::Binary,
            Some("timestamp") => Self::Timestamp,
            Some("map" | "seq" | "merge") => Self::Inert,
            None if uri == "!" => Self::NonSpecific,
            _ => Self::Unknown,
        }
    }
}

/// The value of a scalar, or `None` where the tag does not fit the text.
pub(super) fn resolve<'a>(text: Cow<'a, str>, plain: bool, tag: Tag, dialect: Dialect) -> Option<Scalar<'a>> {
    let wanted = match tag {
        Tag::Untagged if !plain => return Some(Scalar::Text(text)),
        Tag::NonSpecific if !plain || dialect == Dialect::Kubectl => return Some(Scalar::Text(text)),
        Tag::Str | Tag::Inert | Tag::Unknown => return Some(Scalar::Text(text)),
        Tag::Binary => return decode_base64(&text).map(|bytes| Scalar::Text(lossy(bytes).into())),
        other => other,
    };
    let scalar = guess(
        text,
        dialect,
        matches!(tag, Tag::Untagged | Tag::NonSpecific | Tag::Timestamp),
    );
    let fits = match (wanted, &scalar) {
        (Tag::Float, Scalar::Int(int)) => return Some(Scalar::Float(*int as f64)),
        (Tag::Int, Scalar::Int(_) | Scalar::Uint(_)) => true,
        (Tag::Float, Scalar::Float(_)) | (Tag::Bool, Scalar::Bool(_)) | (Tag::Null, Scalar::Null) => true,
        (Tag::Timestamp, Scalar::Time(_)) => true,
        (Tag::Timestamp, Scalar::Text(text)) => timestamp(text).is_some(),
        (Tag::Untagged | Tag::NonSpecific, _) => true,
        _ => false,
    };
    fits.then_some(scalar)
}

/// The key that a map takes for a scalar; `None` where the Go reader refuses it.
pub(super) fn key_text<'a>(scalar: Scalar<'a>, dialect: Dialect) -> Option<Cow<'a, str>> {
    match scalar {
        Scalar::Text(text) => Some(text),
        _ if dialect == Dialect::Kustomize => None,
        Scalar::Null | Scalar::Uint(_) | Scalar::Time(_) => None,
        Scalar::Bool(value) => Some(if value { "true" } else { "false" }.into()),
        Scalar::Int(value) => Some(value.to_string().into()),
        Scalar::Float(value) => Some(float_key(value).into()),
    }
}

fn guess<'a>(text: Cow<'a, str>, dialect: Dialect, dates: bool) -> Scalar<'a> {
    let known = match text.as_bytes().first() {
        None | Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O') => word(&text, dialect),
        Some(b'.') => word(&text, dialect).or_else(|| dotted(&text)),
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if dates && let Some(time) = timestamp(&text) {
                return if dialect == Dialect::Kustomize {
                    Scalar::Time(time)
                } else {
                    Scalar::Text(text)
                };
            }
            word(&text, dialect).or_else(|| number(&text, dialect))
        }
        Some(_) => None,
    };
    known.unwrap_or(Scalar::Text(text))
}

fn word(text: &str, dialect: Dialect) -> Option<Scalar<'static>> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ if dialect == Dialect::Kustomize => return None,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        _ => return None,
    })
}

/// A float that begins with a dot. Underscores count only between digits here.
fn dotted(text: &str) -> Option<Scalar<'static>> {
    let mut parts = text.split('_').peekable();
    while let Some(part) = parts.next() {
        if let Some(next) = parts.peek() {
            let joins = part.ends_with(|c: char| c.is_ascii_digit()) && next.starts_with(|c: char| c.is_ascii_digit());
            if !joins {
                return None;
            }
        }
    }
    float(&text.replace('_', ""))
}

fn number(text: &str, dialect: Dialect) -> Option<Scalar<'static>> {
    let plain: Cow<'_, str> = if text.contains('_') {
        text.replace('_', "").into()
    } else {
        text.into()
    };
    let negative = plain.starts_with('-');
    let digits = plain.strip_prefix(['-', '+']).unwrap_or(&plain);
    integer(digits, negative, plain.starts_with('+'))
        .or_else(|| float(&plain))
        .or_else(|| prefixed(&plain, "0b", 2))
        .or_else(|| {
            if dialect == Dialect::Kustomize {
                prefixed(&plain, "0o", 8)
            } else {
                None
            }
        })
}

/// An integer with Go's prefixes: `0x`, `0b`, `0o`, and `0` for octal.
fn integer(digits: &str, negative: bool, plus: bool) -> Option<Scalar<'static>> {
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (digits.get(2..)?, 16),
        [b'0', b'b' | b'B', ..] => (digits.get(2..)?, 2),
        [b'0', b'o' | b'O', ..] => (digits.get(2..)?, 8),
        [b'0', _, ..] => (digits.get(1..)?, 8),
        _ => (digits, 10),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Scalar::Int);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(Scalar::Int(value)),
        // Go takes no sign before an unsigned number.
        Err(_) if plus => None,
        Err(_) => Some(Scalar::Uint(magnitude)),
    }
}

/// A quirk of the Go readers: a second sign may follow the prefix, as in `0b-1`.
fn prefixed(plain: &str, prefix: &str, radix: u32) -> Option<Scalar<'static>> {
    let digits = plain.strip_prefix(prefix)?;
    i64::from_str_radix(digits, radix).ok().map(Scalar::Int)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, and within the range of a float.
fn float(plain: &str) -> Option<Scalar<'static>> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let power = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    let formed = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && power.is_none_or(|power| !power.is_empty() && digits(power));
    let value = if formed {
        plain.parse::<f64>().ok()?
    } else {
        return None;
    };
    value.is_finite().then_some(Scalar::Float(value))
}

/// Go's `strconv.FormatFloat(value, 'g', -1, 32)`, and YAML's names for what is not finite.
fn float_key(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        return ".nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.into();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(power) if value != 0.0 && !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", power.unsigned_abs())
        }
        _ => format!("{value}"),
    }
}

/// Standard base64 with padding; line breaks are skipped.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let data = text
        .strip_suffix(b"==")
        .or_else(|| text.strip_suffix(b"="))
        .unwrap_or(&text);
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in data.chunks(4) {
        let mut bits = 0_u32;
        for byte in group {
            let sextet = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(sextet);
        }
        let [_, first, second, third] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        bytes.extend([first, second, third].into_iter().take(group.len() - 1));
    }
    Some(bytes)
}

fn lossy(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// A timestamp in one of the four forms the Go readers know, as RFC 3339.
fn timestamp(text: &str) -> Option<String> {
    let year = text
        .get(..4)
        .filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (month, rest) = short(text.get(4..)?.strip_prefix('-')?)?;
    let (day, rest) = short(rest.strip_prefix('-')?)?;
    let last = match month {
        2 if leap(year.parse().ok()?) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    if rest.is_empty() {
        return Some(format!("{year}-{month:02}-{day:02}T00:00:00Z"));
    }
    let zoned = rest.starts_with(['T', 't']);
    let (hour, rest) = short(rest.strip_prefix(['T', 't', ' '])?)?;
    let (minute, rest) = short(rest.strip_prefix(':')?)?;
    let (second, rest) = short(rest.strip_prefix(':')?)?;
    let (fraction, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
        None => ("0", rest),
    };
    if hour > 23 || minute > 59 || second > 59 || fraction.is_empty() {
        return None;
    }
    let zone = if zoned {
        zone(rest)?
    } else {
        rest.is_empty().then_some("Z")?
    };
    let fraction = fraction.get(..9).unwrap_or(fraction).trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!(
        "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{dot}{fraction}{zone}"
    ))
}

fn zone(text: &str) -> Option<&str> {
    let offset = text.strip_prefix(['+', '-']);
    match (text, offset.and_then(|offset| offset.split_once(':'))) {
        ("Z" | "+00:00" | "-00:00", _) => Some("Z"),
        (_, Some((hours, minutes))) if hours.len() == 2 && minutes.len() == 2 => {
            let valid = hours.parse::<u8>().ok()? < 24 && minutes.parse::<u8>().ok()? < 60;
            valid.then_some(text)
        }
        _ => None,
    }
}

/// One or two digits, and what follows.
fn short(text: &str) -> Option<(u8, &str)> {
    let length = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length)?;
    Some((digits.parse().ok()?, rest))
}

fn leap(year: u32) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}
