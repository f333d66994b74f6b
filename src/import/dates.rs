//! Dates of exports.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

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

/// A date with its offset, as RFC 3339 has it, with or without parts of a second. One without an offset stays without.
pub fn with_any_offset(text: &str) -> Option<String> {
    let text = text.trim();
    let moment = civil(text.get(..19)?)?;
    let offset = text[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit()).trim();
    match offset {
        "" => Some(moment.to_string()),
        "Z" | "z" | "UTC" => Some(format!("{moment}Z")),
        _ => {
            let (hours, minutes) = offset.get(1..)?.split_at_checked(2)?;
            let minutes = minutes.trim_start_matches(':');
            let seconds = hours.parse::<i32>().ok()? * 3600
                + if minutes.is_empty() { 0 } else { minutes.parse::<i32>().ok()? * 60 };
            let seconds = match offset.as_bytes()[0] {
                b'+' => seconds,
                b'-' => -seconds,
                _ => return None,
            };
            Some(with_offset(moment, Offset::from_seconds(seconds).ok()?))
        }
    }
}

/// A moment in seconds since 1970, as RFC 3339 in UTC.
pub fn epoch(seconds: f64) -> Option<String> {
    // Everything beyond is no date of a blog, and would not fit.
    let seconds = (1.0..1e11).contains(&seconds).then_some(seconds as i64)?;
    let moment = Offset::UTC.to_datetime(jiff::Timestamp::from_second(seconds).ok()?);
    civil(&moment.to_string()).map(|moment| format!("{moment}Z"))
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
            assert_eq!(with_any_offset(text).as_deref(), date, "{text}");
        }
        assert_eq!(epoch(1_370_573_402.95).as_deref(), Some("2013-06-07T02:50:02Z"));
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e15, 9e10] {
            assert_eq!(epoch(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn utc_stays_utc() {
        assert_eq!(utc("2013-06-07T02:50:02Z").as_deref(), Some("2013-06-07T02:50:02Z"));
        assert_eq!(utc("2013-06-07T02:50:02").as_deref(), Some("2013-06-07T02:50:02Z"));
    }
}
