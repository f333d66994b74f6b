//! How the filter `date` writes a date, and how long what it writes of the present stays the same.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Unit, Zoned, ZonedRound};
use serde::{Deserialize, Serialize};
use tera::{Context, Kwargs, State, TeraResult, Value};
use tera_contrib::dates;

use crate::clock::Validity;

/// The arguments of the filter `date`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DateFormat {
    /// A format of `strftime`, or with a locale also a pattern of Unicode's UTS 35. Default: `%Y-%m-%d`.
    pub format: Option<String>,
    /// The time zone. Default: that of the date itself.
    pub timezone: Option<String>,
    /// The language of the names of days and months. Default: English.
    pub locale: Option<String>,
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.format.as_deref().unwrap_or("%Y-%m-%d"))
    }
}

/// One part of a `strftime` format.
enum FormatPart<'a> {
    Text(&'a str),
    /// A conversion with its flags, such as `%-d`, and its last letter.
    Conversion(&'a str, char),
}

impl DateFormat {
    /// Writes a date.
    ///
    /// # Errors
    /// The value is no date, or an argument is wrong.
    pub fn write(&self, date: &Value) -> TeraResult<String> {
        let format = self.format.as_deref();
        match (format, &self.locale) {
            // Tera's filter takes patterns of UTS 35 only with a locale. Templates for earlier versions of Zola have others.
            (Some(format), Some(locale)) if format.contains('%') => self.write_localized(date, format, locale),
            _ => self.write_with(date, format, self.locale.as_deref()),
        }
    }

    fn write_localized(&self, date: &Value, format: &str, locale: &str) -> TeraResult<String> {
        let mut text = String::new();
        for part in parts(format) {
            let (conversion, letter) = match part {
                // It is wrong, and the error says why.
                FormatPart::Text(plain) if plain.contains('%') => return self.write_with(date, Some(plain), None),
                FormatPart::Text(plain) => {
                    text.push_str(plain);
                    continue;
                }
                FormatPart::Conversion(conversion, letter) => (conversion, letter),
            };
            let pattern = match letter {
                'A' => "EEEE",
                'a' => "EEE",
                'B' => "MMMM",
                'b' | 'h' => "MMM",
                'p' | 'P' => "a",
                _ => {
                    text.push_str(&self.write_with(date, Some(conversion), None)?);
                    continue;
                }
            };
            let name = self.write_with(date, Some(pattern), Some(locale))?;
            text.push_str(&if conversion.contains('^') { name.to_uppercase() } else { name });
        }
        Ok(text)
    }

    fn write_with(&self, date: &Value, format: Option<&str>, locale: Option<&str>) -> TeraResult<String> {
        let timezone = self.timezone.as_deref();
        let arguments = [("format", format), ("timezone", timezone), ("locale", locale)];
        let given = arguments.into_iter().filter_map(|(name, value)| Some((name.into(), value?.into())));
        dates::date(date, Kwargs::new(std::sync::Arc::new(given.collect())), &State::new(&Context::new()))
    }

    /// The moments around `now` at which the filter writes the same.
    pub fn validity(&self, now: Timestamp) -> Validity {
        let unit = match (self.format.as_deref().unwrap_or("%F"), &self.locale) {
            (format, Some(_)) if !format.contains('%') => unit_of_pattern(format),
            (format, _) => unit_of_format(format),
        };
        let timezone = self.timezone.as_deref().map_or(Ok(TimeZone::UTC), TimeZone::get);
        let Some((since, until)) = timezone.ok().and_then(|zone| period(&now.to_zoned(zone), unit)) else {
            return Validity::second(now);
        };
        Validity { since: since.timestamp().as_second(), until: until.timestamp().as_second() }
    }
}

/// The first moment of the year, month, day … that holds a moment, and the first one behind it.
fn period(now: &Zoned, unit: Unit) -> Option<(Zoned, Zoned)> {
    let first_of = |moment: &Zoned| match unit {
        Unit::Year => moment.first_of_year().ok()?.start_of_day().ok(),
        Unit::Month => moment.first_of_month().ok()?.start_of_day().ok(),
        Unit::Day => moment.start_of_day().ok(),
        _ => moment.round(ZonedRound::new().smallest(unit).mode(jiff::RoundMode::Trunc)).ok(),
    };
    let length = match unit {
        Unit::Year => 1.year(),
        Unit::Month => 1.month(),
        Unit::Day => 1.day(),
        Unit::Hour => 1.hour(),
        Unit::Minute => 1.minute(),
        _ => 1.second(),
    };
    let since = first_of(now)?;
    let until = first_of(&since.checked_add(length).ok()?)?;
    (since <= *now && *now < until).then_some((since, until))
}

/// The parts of a `strftime` format. A `%` without a letter belongs to the text.
fn parts(format: &str) -> impl Iterator<Item = FormatPart<'_>> {
    let mut rest = format;
    std::iter::from_fn(move || {
        let end = match rest.find('%') {
            Some(0) => {
                let after = rest[1..].find(|c: char| !(c.is_ascii_digit() || "-_0^#:.".contains(c)));
                match after.and_then(|at| rest[1 + at..].chars().next().map(|letter| (at, letter))) {
                    Some((at, letter)) => {
                        let (conversion, behind) = rest.split_at(1 + at + letter.len_utf8());
                        rest = behind;
                        return Some(FormatPart::Conversion(conversion, letter));
                    }
                    None => rest.len(),
                }
            }
            Some(at) => at,
            None => rest.len(),
        };
        let (plain, behind) = rest.split_at(end);
        rest = behind;
        (!plain.is_empty()).then_some(FormatPart::Text(plain))
    })
}

/// The smallest unit of time that a `strftime` format shows.
fn unit_of_format(format: &str) -> Unit {
    let units = parts(format).filter_map(|part| match part {
        FormatPart::Text(_) => None,
        FormatPart::Conversion(_, letter) => Some(match letter {
            '%' | 'n' | 't' => return None,
            'C' | 'Y' | 'y' => Unit::Year,
            'B' | 'b' | 'h' | 'm' | 'q' => Unit::Month,
            'A' | 'a' | 'D' | 'd' | 'e' | 'F' | 'G' | 'g' | 'j' | 'U' | 'u' | 'V' | 'W' | 'w' => Unit::Day,
            'H' | 'I' | 'k' | 'l' | 'P' | 'p' => Unit::Hour,
            'M' | 'R' => Unit::Minute,
            _ => Unit::Second,
        }),
    });
    units.min().unwrap_or(Unit::Year)
}

/// The smallest unit of time that a pattern of UTS 35 shows.
fn unit_of_pattern(pattern: &str) -> Unit {
    let letters = pattern.split('\'').step_by(2).flat_map(str::chars).filter(char::is_ascii_alphabetic);
    let units = letters.map(|letter| match letter {
        'G' | 'y' | 'u' | 'U' | 'r' => Unit::Year,
        'Q' | 'q' | 'M' | 'L' => Unit::Month,
        'd' | 'D' | 'E' | 'e' | 'c' | 'F' | 'w' | 'W' | 'Y' => Unit::Day,
        'a' | 'H' | 'h' | 'K' | 'k' => Unit::Hour,
        'm' => Unit::Minute,
        _ => Unit::Second,
    });
    units.min().unwrap_or(Unit::Year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(format: &str, locale: Option<&str>, timezone: Option<&str>) -> DateFormat {
        let owned = |text: &str| text.to_owned();
        DateFormat { format: Some(format.to_owned()), locale: locale.map(owned), timezone: timezone.map(owned) }
    }

    fn at(moment: &str) -> Timestamp {
        moment.parse().expect("a moment")
    }

    #[test]
    fn what_is_written_holds_until_the_smallest_unit_changes() {
        let now = at("2024-02-29T23:59:58Z");
        for (text, locale, timezone, since, until) in [
            ("%Y", None, None, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("© 100%%", None, None, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("%B %Y", None, None, "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("%-d. %B", Some("de"), None, "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("y", Some("fr"), None, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("d MMMM y 'at' H", Some("fr"), None, "2024-02-29T23:00:00Z", "2024-03-01T00:00:00Z"),
            ("%Y", None, Some("Asia/Tokyo"), "2023-12-31T15:00:00Z", "2024-12-31T15:00:00Z"),
            ("%F", None, Some("Asia/Tokyo"), "2024-02-29T15:00:00Z", "2024-03-01T15:00:00Z"),
            ("%H", None, Some("Asia/Kolkata"), "2024-02-29T23:30:00Z", "2024-03-01T00:30:00Z"),
            ("%R", None, None, "2024-02-29T23:59:00Z", "2024-03-01T00:00:00Z"),
            ("%s", None, None, "2024-02-29T23:59:58Z", "2024-02-29T23:59:59Z"),
            ("%Y %Z", None, None, "2024-02-29T23:59:58Z", "2024-02-29T23:59:59Z"),
        ] {
            let format = format(text, locale, timezone);
            let validity = format.validity(now);
            let expected = Validity { since: at(since).as_second(), until: at(until).as_second() };
            assert_eq!(validity, expected, "{text}");
            // And it is as long as it may be.
            let write = |second: i64| format.write(&second.into()).expect("a date");
            assert_eq!(write(validity.since), write(validity.until - 1), "{text}");
            assert!(!text.contains("%B") || write(validity.until - 1) != write(validity.until), "{text}");
        }
        assert_eq!(DateFormat::default().validity(now).until, at("2024-03-01T00:00:00Z").as_second());
        assert_eq!(format("%Y", None, Some("Mars")).validity(now), Validity::second(now));
    }

    #[test]
    fn no_format_is_too_odd() {
        for odd in ["", "%", "a%", "%-", "%é", "%%%", "%10", "%:", "%.3f", "'", "%B%"] {
            for locale in [None, Some("fr"), Some("")] {
                let format = format(odd, locale, None);
                let _ = format.write(&0.into());
                assert!(format.validity(Timestamp::UNIX_EPOCH).has(Timestamp::UNIX_EPOCH), "{odd}");
            }
        }
    }
}
