//! Dates as authors write them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize, Serializer};

/// A date, or a date and a time, as an author wrote it. Without an offset it is UTC; without a time, midnight.
///
/// Moments are ordered by the instant that they mean.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Date {
    /// The date in the notation of RFC 3339, with the parts that the author gave and no others: `2024-01-02`,
    /// `2024-01-02T15:00:00`, `2024-01-02T15:00:00+02:00`. This is what templates see.
    pub text: String,
    /// The instant.
    pub timestamp: Timestamp,
    /// The year on the author's calendar, at the written offset.
    pub year: i16,
    /// The month, from 1.
    pub month: i8,
    /// The day of the month, from 1.
    pub day: i8,
    offset: Offset,
    /// Whether the text is the full form already.
    is_full: bool,
}

impl Date {
    /// Reads the forms of TOML (RFC 3339 with offset, without, or a date alone) and the looser ones of YAML 1.1
    /// timestamps (<https://yaml.org/type/timestamp.html>): one-digit months, hours and offsets, spaces between.
    pub fn parse(text: &str) -> Option<Self> {
        match toml::value::Datetime::from_str(text) {
            Ok(datetime) => Self::from_toml(&datetime),
            Err(_) => parse_yaml(text),
        }
    }

    /// A moment from a TOML value; none if it is a time without a date, or no day of the calendar.
    pub fn from_toml(datetime: &toml::value::Datetime) -> Option<Self> {
        let date = datetime.date?;
        let date = civil::Date::new(i16::try_from(date.year).ok()?, to_i8(date.month)?, to_i8(date.day)?).ok()?;
        let time = match datetime.time {
            None => civil::Time::midnight(),
            Some(time) => {
                let nanosecond = i32::try_from(time.nanosecond.unwrap_or(0)).ok()?;
                // A leap second has no place of its own on the time line of Unix; it is the second before.
                let second = to_i8(time.second.unwrap_or(0).min(59))?;
                civil::Time::new(to_i8(time.hour)?, to_i8(time.minute)?, second, nanosecond).ok()?
            }
        };
        let offset = match datetime.offset {
            Some(toml::value::Offset::Custom { minutes }) => Offset::from_seconds(i32::from(minutes) * 60).ok()?,
            Some(toml::value::Offset::Z) | None => Offset::UTC,
        };
        let civil = date.to_datetime(time);
        let is_even =
            |time: toml::value::Time| time.second.is_some_and(|second| second < 60) && time.nanosecond != Some(0);
        let is_full = datetime.time.is_some_and(is_even)
            && datetime.offset.is_some_and(|written| written == toml::value::Offset::Z || offset != Offset::UTC);
        // RFC 3339 has no time without seconds, though TOML does.
        let datetime = toml::value::Datetime {
            time: datetime.time.map(|time| toml::value::Time { second: Some(time.second.unwrap_or(0)), ..time }),
            ..*datetime
        };
        // Both write the same, and this in half of the time.
        let text = if is_full { rfc3339(civil, offset) } else { datetime.to_string() };
        Self::new(text, civil, offset, is_full)
    }

    /// The day alone, as file names have it.
    pub fn from_day(year: i16, month: i8, day: i8) -> Option<Self> {
        let date = civil::Date::new(year, month, day).ok()?;
        Self::new(date.to_string(), date.to_datetime(civil::Time::midnight()), Offset::UTC, false)
    }

    fn new(text: String, civil: civil::DateTime, offset: Offset, is_full: bool) -> Option<Self> {
        let timestamp = offset.to_timestamp(civil).ok()?;
        Some(Self { text, timestamp, year: civil.year(), month: civil.month(), day: civil.day(), offset, is_full })
    }

    /// The full form of RFC 3339, at the written offset, as feeds want it: `2009-05-12T09:14:00-05:00`.
    pub fn rfc3339(&self) -> String {
        if self.is_full {
            return self.text.clone();
        }
        rfc3339(self.offset.to_datetime(self.timestamp), self.offset)
    }
}

impl Date {
    /// A date and time as the W3C has them (<https://www.w3.org/TR/NOTE-datetime>): the day alone where no time was given, and a
    /// time never without seconds and an offset.
    pub fn w3c(&self) -> String {
        if self.text.contains('T') { self.rfc3339() } else { self.text.clone() }
    }
}

impl TryFrom<String> for Date {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("this is no date")
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Ord for Date {
    fn cmp(&self, other: &Self) -> Ordering {
        // The text only decides between two ways to write one instant, so that equal means equal.
        self.timestamp.cmp(&other.timestamp).then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for Date {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn to_i8(part: u8) -> Option<i8> {
    i8::try_from(part).ok()
}

fn rfc3339(civil: civil::DateTime, offset: Offset) -> String {
    let seconds = offset.seconds();
    if seconds == 0 {
        return format!("{civil}Z");
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{civil}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The forms of YAML's timestamps that TOML does not know.
fn parse_yaml(text: &str) -> Option<Date> {
    let mut rest = Scanner(text);
    let year = rest.number(4, 4)?;
    rest.one_of("-")?;
    let month = rest.number(1, 2)?;
    rest.one_of("-")?;
    let day = rest.number(1, 2)?;
    let date = civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let (mut time, mut offset) = (civil::Time::midnight(), Offset::UTC);
    if !rest.0.is_empty() {
        if rest.one_of("Tt").is_none() && !rest.blanks() {
            return None;
        }
        let hour = rest.number(1, 2)?;
        rest.one_of(":")?;
        let minute = rest.number(2, 2)?;
        rest.one_of(":")?;
        let second = rest.number(2, 2)?;
        let nanosecond = rest.fraction()?;
        let part = |number: i32| i8::try_from(number).ok();
        time = civil::Time::new(part(hour)?, part(minute)?, part(second)?, nanosecond).ok()?;
        rest.blanks();
        if !rest.0.is_empty() && rest.one_of("Zz").is_none() {
            let sign = if rest.one_of("+-")? == '-' { -1 } else { 1 };
            let hours = rest.number(1, 2)?;
            let minutes = if rest.one_of(":").is_some() { rest.number(2, 2)? } else { 0 };
            if hours > 23 || minutes > 59 {
                return None;
            }
            offset = Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()?;
        }
        if !rest.0.is_empty() {
            return None;
        }
    }
    let civil = date.to_datetime(time);
    Date::new(rfc3339(civil, offset), civil, offset, true)
}

/// What is left of a text that is read from the left.
struct Scanner<'a>(&'a str);

impl Scanner<'_> {
    /// A number of so many digits.
    fn number(&mut self, min: usize, max: usize) -> Option<i32> {
        let length = self.0.bytes().take(max).take_while(u8::is_ascii_digit).count();
        if length < min {
            return None;
        }
        let (number, rest) = self.0.split_at(length);
        self.0 = rest;
        number.parse().ok()
    }

    fn one_of(&mut self, characters: &str) -> Option<char> {
        let first = self.0.chars().next().filter(|c| characters.contains(*c))?;
        self.0 = &self.0[first.len_utf8()..];
        Some(first)
    }

    fn blanks(&mut self) -> bool {
        let rest = self.0.trim_start_matches([' ', '\t']);
        let some = rest.len() < self.0.len();
        self.0 = rest;
        some
    }

    /// The nanoseconds of a fraction, 0 without one; more than nine digits are no date.
    fn fraction(&mut self) -> Option<i32> {
        if self.one_of(".").is_none() {
            return Some(0);
        }
        let length = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        let scale = 9_u32.checked_sub(u32::try_from(length).ok()?)?;
        if digits.is_empty() { Some(0) } else { Some(digits.parse::<i32>().ok()? * 10_i32.pow(scale)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, String) {
        let moment = Date::parse(text).unwrap_or_else(|| panic!("{text} is a date"));
        (moment.text.clone(), moment.rfc3339())
    }

    #[test]
    fn keeps_what_the_author_wrote_and_knows_the_instant() {
        for (written, text, full) in [
            ("2016-10-10", "2016-10-10", "2016-10-10T00:00:00Z"),
            ("2002-10-02T15:00:00", "2002-10-02T15:00:00", "2002-10-02T15:00:00Z"),
            ("2002-10-02T15:00:00Z", "2002-10-02T15:00:00Z", "2002-10-02T15:00:00Z"),
            ("2009-05-12T09:14:00-05:00", "2009-05-12T09:14:00-05:00", "2009-05-12T09:14:00-05:00"),
            ("2002-10-02 15:00:00+02:00", "2002-10-02T15:00:00+02:00", "2002-10-02T15:00:00+02:00"),
            ("1987-07-05T17:45:56.6Z", "1987-07-05T17:45:56.6Z", "1987-07-05T17:45:56.6Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("2016-12-31 23:59", "2016-12-31T23:59:00", "2016-12-31T23:59:00Z"),
            ("2016-12-31T23:59+01:00", "2016-12-31T23:59:00+01:00", "2016-12-31T23:59:00+01:00"),
        ] {
            assert_eq!(read(written), (text.to_owned(), full.to_owned()), "{written}");
        }
    }

    #[test]
    fn leaves_the_program_as_a_date_of_the_w3c() {
        for (written, expected) in [
            ("2016-10-10", "2016-10-10"),
            ("2002-10-02T15:00:00", "2002-10-02T15:00:00Z"),
            ("2002-10-02T15:00", "2002-10-02T15:00:00Z"),
            ("2002-10-02 15:00:00.5", "2002-10-02T15:00:00.5Z"),
            ("2009-05-12T09:14:00-05:00", "2009-05-12T09:14:00-05:00"),
            ("2016-12-31T23:59:60", "2016-12-31T23:59:59Z"),
            ("2001-1-5", "2001-01-05T00:00:00Z"),
        ] {
            assert_eq!(Date::parse(written).map(|date| date.w3c()).as_deref(), Some(expected), "{written}");
        }
    }

    #[test]
    fn reads_the_looser_dates_of_yaml() {
        for (written, full) in [
            ("2001-1-5", "2001-01-05T00:00:00Z"),
            ("2001-12-14 21:59:43.10 -5", "2001-12-14T21:59:43.1-05:00"),
            ("2001-12-15 2:59:43.10", "2001-12-15T02:59:43.1Z"),
            ("2001-12-15 2:59:43 +05:30", "2001-12-15T02:59:43+05:30"),
            ("2001-12-15\t2:59:43 Z", "2001-12-15T02:59:43Z"),
        ] {
            assert_eq!(read(written).1, full, "{written}");
        }
    }

    #[test]
    fn the_calendar_is_the_authors_own() {
        let late = Date::parse("2024-01-01T00:30:00+02:00").expect("a date");
        assert_eq!((late.year, late.month, late.day), (2024, 1, 1));
        assert_eq!(late.timestamp.to_string(), "2023-12-31T22:30:00Z");
    }

    #[test]
    fn earlier_is_less() {
        let at = |text| Date::parse(text).expect("a date");
        assert!(at("2024-01-01T00:30:00+02:00") < at("2024-01-01"));
        assert!(at("2024-01-01") < at("2024-01-01T00:00:01"));
        assert_ne!(at("2024-01-01"), at("2024-01-01T00:00:00Z"));
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "yesterday",
            "2002/10/12",
            "2002-14-01",
            "2100-02-29T15:15:15Z",
            "1988-02-30",
            "07:32:00",
            "2006-01-01T24:00:00-00:00",
            "1985-06-18 17:04:07+26:00",
            "1985-06-18 17:04:07+12:61",
            "10000-01-01",
            "2001-12-15:59:43",
            "2001-12-15 2:59:43 later",
            "2001-12-15 2:59:43.1234567890",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
