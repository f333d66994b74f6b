//! Dates of exports.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use regex::Regex;

/// A date as people write it in front matter.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static LOOSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:(?:[Tt]|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm])?\s*(Z|z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?(?:\s+[A-Z]{2,5})?)?$",
    )
    .expect("a pattern")
});

/// A date in the blog's own time and the same in Greenwich's, as RFC 3339 with the offset between them. None if neither is
/// a date of the time in which there are blogs.
pub fn local_and_gmt(local: &str, gmt: &str) -> Option<String> {
    let (local, gmt) = (civil(local), civil(gmt));
    match (local, gmt) {
        (Some(local), Some(gmt)) => {
            let seconds = local.duration_since(gmt).as_secs();
            let offset = i32::try_from(seconds).ok().filter(|s| s % 900 == 0 && s.abs() <= 14 * 3600);
            Some(match offset.and_then(|seconds| Offset::from_seconds(seconds).ok()) {
                Some(offset) => with_offset(local, offset),
                None => format!("{gmt}Z"),
            })
        }
        (None, Some(gmt)) => Some(format!("{gmt}Z")),
        (Some(local), None) => Some(local.to_string()),
        (None, None) => None,
    }
}

/// A date that is UTC, as RFC 3339: `2024-05-31T18:30:00Z`, with or without the letter.
pub fn utc(text: &str) -> Option<String> {
    civil(text.trim_end_matches('Z')).map(|moment| format!("{moment}Z"))
}

/// A moment in seconds since 1970, as RFC 3339 in UTC.
pub fn epoch(seconds: f64) -> Option<String> {
    // Everything beyond is no date of a blog, and would not fit.
    let seconds = (1.0..1e11).contains(&seconds).then_some(seconds as i64)?;
    let moment = Offset::UTC.to_datetime(jiff::Timestamp::from_second(seconds).ok()?);
    civil(&moment.to_string()).map(|moment| format!("{moment}Z"))
}

/// A date as people write it: a day, a day and a time, with an offset or not, or the seconds or milliseconds since 1970.
pub fn loose(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > 7 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        let seconds = if number > 100_000_000_000 { number / 1000 } else { number };
        let moment = Timestamp::from_second(seconds).ok()?;
        return utc(&Offset::UTC.to_datetime(moment).to_string());
    }
    let found = LOOSE.captures(text)?;
    let number = |group: usize| found.get(group).and_then(|part| part.as_str().parse::<i8>().ok());
    let year: i16 = found[1].parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let day = Date::new(year, number(2)?, number(3)?).ok()?;
    let Some(hour) = number(4) else { return Some(day.to_string()) };
    let hour = match found.get(7).map(|half| half.as_str().to_ascii_lowercase()) {
        Some(half) if half == "pm" && hour < 12 => hour + 12,
        Some(half) if half == "am" && hour == 12 => 0,
        _ => hour,
    };
    let local = day.to_datetime(jiff::civil::Time::new(hour, number(5)?, number(6).unwrap_or(0).min(59), 0).ok()?);
    let Some(offset) = found.get(8).map(|offset| offset.as_str()) else { return Some(local.to_string()) };
    let Some(rest) = offset.strip_prefix(['+', '-']) else { return Some(format!("{local}Z")) };
    let digits = rest.replace(':', "");
    let (hours, minutes) = digits.split_at(digits.len().min(if digits.len() % 2 == 1 { 1 } else { 2 }));
    let minutes = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().unwrap_or(0);
    let seconds = minutes * if offset.starts_with('-') { -60 } else { 60 };
    Some(with_offset(local, Offset::from_seconds(seconds).ok()?))
}

/// A date as people write it, in UTC where it has no offset.
pub fn loose_utc(text: &str) -> Option<String> {
    loose(text).map(|date| if date.len() == 19 { date + "Z" } else { date })
}

/// Gives a date without an offset the one that a time zone has then.
pub fn in_zone(date: &str, zone: &TimeZone) -> String {
    let Some(local) = civil(date).filter(|_| date.len() == 19) else { return date.to_owned() };
    match zone.to_ambiguous_zoned(local).compatible() {
        Ok(zoned) => with_offset(local, zoned.offset()),
        Err(_) => date.to_owned(),
    }
}

fn with_offset(local: DateTime, offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    if minutes == 0 {
        return format!("{local}Z");
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{local}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// A date and time: `2009-05-12 09:14:00` or with a `T`. Zeros and years without blogs are none.
fn civil(text: &str) -> Option<DateTime> {
    let text = text.trim().replacen(' ', "T", 1);
    let text = text.split('.').next().filter(|text| text.len() == 19)?;
    let moment: DateTime = text.parse().ok()?;
    (1970..=2100).contains(&moment.year()).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_has_its_own_offset() {
        let read = |local, gmt| local_and_gmt(local, gmt);
        assert_eq!(read("2009-05-12 09:14:00", "2009-05-12 14:14:00").as_deref(), Some("2009-05-12T09:14:00-05:00"));
        assert_eq!(read("2009-05-12 09:14:00", "2009-05-12 09:14:00").as_deref(), Some("2009-05-12T09:14:00Z"));
        assert_eq!(read("2009-05-12 14:59:00", "2009-05-12 09:14:00").as_deref(), Some("2009-05-12T14:59:00+05:45"));
        assert_eq!(read("2009-05-12 09:14:00", "0000-00-00 00:00:00").as_deref(), Some("2009-05-12T09:14:00"));
        assert_eq!(read("2009-05-12 09:14:00", "2011-05-12 09:14:07").as_deref(), Some("2011-05-12T09:14:07Z"));
        for wrong in
            ["0000-00-00 00:00:00", "20081-05-12 09:14:00", "", "soon", "2009-02-30 00:00:00", "1066-10-14 09:00:00"]
        {
            assert_eq!(read(wrong, ""), None, "{wrong}");
        }
    }

    #[test]
    fn offsets_and_epochs_are_read() {
        for (text, date) in [
            ("2017-12-20T15:18:22-06:00", Some("2017-12-20T15:18:22-06:00")),
            ("2021-03-17T12:09:47.722181Z", Some("2021-03-17T12:09:47Z")),
            ("2021-03-17 12:09:47.72+00", Some("2021-03-17T12:09:47Z")),
            ("2021-03-17 12:09:47+0530", Some("2021-03-17T12:09:47+05:30")),
            ("2021-03-17 12:09:47", Some("2021-03-17T12:09:47")),
            ("0001-01-01T00:00:00Z", None),
            ("2021-03-17T12:09:47?x", None),
            ("2021-03-17T12:09:47+99:99", None),
            ("soon", None),
        ] {
            assert_eq!(loose(text).as_deref(), date, "{text}");
        }
        assert_eq!(epoch(1_370_573_402.95).as_deref(), Some("2013-06-07T02:50:02Z"));
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e15, 9e10] {
            assert_eq!(epoch(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dates_of_front_matter_are_read() {
        for (text, date) in [
            ("2019-5-1", Some("2019-05-01")),
            ("2019-05-01 10:02", Some("2019-05-01T10:02:00")),
            ("2019-05-01 10:02:03 +0200", Some("2019-05-01T10:02:03+02:00")),
            ("2019-05-01T10:02:03.123-05:30", Some("2019-05-01T10:02:03-05:30")),
            ("2019-05-01 10:02 PM EST", Some("2019-05-01T22:02:00")),
            ("2019/05/01 12:02 am Z", Some("2019-05-01T00:02:00Z")),
            ("2019-05-01 10:02:03 -7", Some("2019-05-01T10:02:03-07:00")),
            ("1452218735", Some("2016-01-08T02:05:35Z")),
            ("1452218735000", Some("2016-01-08T02:05:35Z")),
            ("2019-02-30", None),
            ("20081-01-01", None),
            ("0000-00-00 00:00:00", None),
            ("99999999999999999999", None),
            ("2019-05-01 10:02:03 +99:99", None),
            ("soon", None),
        ] {
            assert_eq!(loose(text).as_deref(), date, "{text}");
        }
    }

    #[test]
    fn utc_stays_utc() {
        assert_eq!(utc("2013-06-07T02:50:02Z").as_deref(), Some("2013-06-07T02:50:02Z"));
        assert_eq!(utc("2013-06-07T02:50:02").as_deref(), Some("2013-06-07T02:50:02Z"));
    }
}
