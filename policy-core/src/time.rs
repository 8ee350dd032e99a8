//! Points in time.

use crate::settings::Date;

/// A whole second in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Since 1970-01-01T00:00:00Z.
    seconds: i64,
}

impl Time {
    /// Reads RFC 3339 in UTC, such as `2026-11-22T03:00:00Z`; a fraction of a second is cut off.
    ///
    /// # Errors
    /// Tells the form where the text has another one.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| format!("`{text}` is not a time in UTC such as 2026-11-22T03:00:00Z"))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    fn read(text: &str) -> Option<Self> {
        let day = Date::of_time(text).filter(|_| is_utc_time(text))?;
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let in_range = hour < 24 && minute < 60 && second < 60;
        in_range.then_some(Self {
            seconds: days(&day)? * 86_400 + hour * 3600 + minute * 60 + second,
        })
    }
}

/// Days since 1970-01-01. Years begin in March here, so that the leap day is the last of its year.
fn days(day: &Date) -> Option<i64> {
    let number = |from: usize, to: usize| day.as_str().get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 153 days are the five months from March on, and 719,468 the days from 0000-03-01 to 1970-01-01.
    Some(year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// `2026-11-22T03:00:00Z`, with or without a fraction: the form in which times compare as strings.
pub(crate) fn is_utc_time(text: &str) -> bool {
    let fits = |pattern: &str, text: &str| {
        pattern.len() == text.len()
            && pattern
                .chars()
                .zip(text.chars())
                .all(|(p, c)| if p == '0' { c.is_ascii_digit() } else { p == c })
    };
    let Some((seconds, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let fraction = rest.strip_suffix('Z').map(|rest| {
        rest.strip_prefix('.').map_or(rest.is_empty(), |digits| {
            !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
        })
    });
    fits("0000-00-00T00:00:00", seconds) && fraction == Some(true)
}

#[cfg(test)]
mod tests {
    use super::Time;

    /// What `date -u -d TEXT +%s` says of each.
    #[test]
    fn seconds_since_1970() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-11-22T03:00:00Z", 1_795_316_400),
            ("2026-11-22T03:00:00.999Z", 1_795_316_400),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(Time::parse(text).map(Time::seconds), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn no_times() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T03:00:00",
            "2026-11-22T03:00:00+01:00",
            "2026-02-29T03:00:00Z",
            "2026-13-01T03:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T03:60:00Z",
            "2026-11-22T03:00:60Z",
            "2026-11-22t03:00:00z",
        ] {
            assert!(Time::parse(text).is_err(), "{text}");
        }
    }
}
