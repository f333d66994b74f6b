//! The clock of a build. A build reads it once, here.
//!
//! The clock decides whether comments are closed, which posts are held back and which dates lie in the future. It changes the
//! site at few moments only: a [`Validity`] lies between two of them.

use std::ffi::OsString;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;

/// The environment variable that stands in for the clock, for builds that can be repeated
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
pub const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// Reads the clock: `SOURCE_DATE_EPOCH` where it is set, else the computer's, in whole seconds.
///
/// # Errors
/// `SOURCE_DATE_EPOCH` is no moment.
pub fn read() -> Result<Timestamp, Diagnostic> {
    moment(std::env::var_os(SOURCE_DATE_EPOCH), SystemTime::now())
}

fn moment(fixed: Option<OsString>, clock: SystemTime) -> Result<Timestamp, Diagnostic> {
    let Some(fixed) = fixed else {
        // A computer without a clock begins in 1970, and so does one whose clock shows an impossible year.
        let now = Timestamp::try_from(clock).unwrap_or_default();
        return Ok(Timestamp::from_second(now.as_second()).unwrap_or_default());
    };
    let digits = fixed.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let seconds = digits.and_then(|text| text.parse().ok());
    seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).ok_or_else(|| {
        let message = format!("`{SOURCE_DATE_EPOCH}` is `{}`, which is no moment", fixed.to_string_lossy());
        Diagnostic::error(message).help(
            "write the seconds since the beginning of 1970, as `date +%s` prints them, or unset the variable to build by this \
             computer's clock",
        )
    })
}

/// The second at which a moment has come: the clock counts in whole seconds, and a change between two of them shows at the later one.
pub fn second(moment: Timestamp) -> i64 {
    moment.as_second() + i64::from(moment.subsec_nanosecond() > 0)
}

/// The moments at which a build of the same files gives the same site: from `since` until just before `until`, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// The first of these moments.
    pub since: i64,
    /// The first moment after them.
    pub until: i64,
}

impl Validity {
    /// All moments.
    pub const ALWAYS: Self = Self { since: i64::MIN, until: i64::MAX };

    /// The span around a moment, between the nearest two of the moments at which something changes.
    pub fn around(now: Timestamp, changes: impl Iterator<Item = Timestamp>) -> Self {
        let now = now.as_second();
        changes.fold(Self::ALWAYS, |Self { since, until }, change| {
            let change = second(change);
            if change <= now {
                Self { since: since.max(change), until }
            } else {
                Self { since, until: until.min(change) }
            }
        })
    }

    /// The span of one second.
    pub fn second(now: Timestamp) -> Self {
        Self { since: now.as_second(), until: now.as_second() + 1 }
    }

    /// The moments that lie in both.
    pub fn and(self, other: Self) -> Self {
        Self { since: self.since.max(other.since), until: self.until.min(other.until) }
    }

    /// Whether a moment lies in it.
    pub fn has(self, now: Timestamp) -> bool {
        (self.since..self.until).contains(&now.as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str) -> Result<String, String> {
        let read = moment(Some(text.into()), SystemTime::UNIX_EPOCH);
        read.map(|now| now.to_string()).map_err(|problem| problem.message)
    }

    #[test]
    fn the_variable_takes_the_place_of_the_clock() {
        assert_eq!(fixed("1700000000").as_deref(), Ok("2023-11-14T22:13:20Z"));
        assert_eq!(fixed("0").as_deref(), Ok("1970-01-01T00:00:00Z"));
        for wrong in
            ["", " ", "soon", "1.5", "-1", "+1", "1700000000 ", "2024-01-01", "99999999999999", "99999999999999999999"]
        {
            let expected = format!("`SOURCE_DATE_EPOCH` is `{wrong}`, which is no moment");
            assert_eq!(fixed(wrong), Err(expected));
        }
    }

    #[test]
    fn the_clock_counts_in_whole_seconds() {
        let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(1_700_000_000_999);
        assert_eq!(moment(None, at).map(|now| now.to_string()).as_deref(), Ok("2023-11-14T22:13:20Z"));
    }

    #[test]
    fn a_span_ends_where_something_changes() {
        let at = |second| Timestamp::from_second(second).expect("a moment");
        let span = Validity::around(at(10), [3, 10, 12, 20].map(at).into_iter());
        assert_eq!(span, Validity { since: 10, until: 12 });
        assert_eq!([9, 10, 11, 12].map(|second| span.has(at(second))), [false, true, true, false]);
        assert!(Validity::around(at(10), std::iter::empty()).has(at(0)));
        assert!(!span.and(Validity::second(at(10))).has(at(11)));
    }
}
