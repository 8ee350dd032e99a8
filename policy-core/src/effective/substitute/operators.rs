//! What the operators of an expression make of a value. Lengths and places count bytes, as in Flux.

use super::Steps;
use crate::effective::glob::Glob;

/// The value after an operator; nothing where that takes more steps than are left.
pub(super) fn apply(operator: &str, value: &str, words: &[String], steps: &mut Steps) -> Option<String> {
    let first = words.first().map_or("", String::as_str);
    let second = words.get(1).map_or("", String::as_str);
    let text = match (operator, words.len()) {
        (",", _) => change_first(value, lower),
        (",,", _) => value.chars().map(lower).collect(),
        ("^", _) => change_first(value, upper),
        ("^^", _) => value.chars().map(upper).collect(),
        ("#", 0) => value.len().to_string(),
        ("#" | "##" | "%" | "%%", _) => {
            steps.take((value.len() + 1).saturating_mul(first.len() + 1))?;
            trim(operator, value, first)
        }
        (":", _) => part(value, first, words.get(1).map(String::as_str))?,
        ("/#", 2) if value.starts_with(first) => value.replacen(first, second, 1),
        ("/%", 2) => match value.strip_suffix(first) {
            Some(start) => format!("{start}{second}"),
            None => value.to_owned(),
        },
        ("/", _) => value.replacen(first, second, 1),
        ("//", _) => {
            let places = value.len() / first.len().max(1) + 1;
            steps.take(places.saturating_mul(second.len()))?;
            value.replace(first, second)
        }
        _ => value.to_owned(),
    };
    Some(text)
}

/// Go changes a letter only where one letter comes of it.
fn lower(letter: char) -> char {
    only(letter.to_lowercase()).unwrap_or(letter)
}

fn upper(letter: char) -> char {
    only(letter.to_uppercase()).unwrap_or(letter)
}

fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    let first = letters.next()?;
    letters.next().is_none().then_some(first)
}

fn change_first(value: &str, change: fn(char) -> char) -> String {
    let mut letters = value.chars();
    match letters.next() {
        Some(first) => format!("{}{}", change(first), letters.as_str()),
        None => String::new(),
    }
}

/// A part of a value: from a place, or from a place counted from the end, and so long, or so far from the end.
/// Nothing where it would cut a character in two.
fn part(value: &str, from: &str, length: Option<&str>) -> Option<String> {
    let end = i64::try_from(value.len()).ok()?;
    let Some(from) = number(from) else {
        return Some(value.to_owned());
    };
    let from = if from < 0 {
        end.saturating_add(from).max(0)
    } else {
        from
    };
    let to = match length.map(number) {
        None => end,
        Some(None) => return Some(value.to_owned()),
        Some(Some(length)) if length < 0 => end.saturating_add(length),
        Some(Some(length)) => from.saturating_add(length).min(end),
    };
    if from >= end || to <= from {
        return Some(String::new());
    }
    let place = |at: i64| usize::try_from(at).ok();
    value.get(place(from)?..place(to)?).map(str::to_owned)
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Takes the shortest or the longest start or end off that fits a pattern.
fn trim(operator: &str, value: &str, pattern: &str) -> String {
    let reverse = |text: &str| text.chars().rev().collect::<String>();
    if operator.starts_with('%') {
        let forward = if operator == "%" { "#" } else { "##" };
        return reverse(&trim(forward, &reverse(value), &reverse(pattern)));
    }
    let Some(glob) = Glob::new(pattern) else {
        return value.to_owned();
    };
    let mut ends = glob.ends(value).into_iter().filter(|end| *end > 0);
    let end = if operator == "##" {
        ends.next_back()
    } else {
        ends.next()
    };
    let end = end.unwrap_or(0);
    value.get(end..).unwrap_or(value).to_owned()
}
