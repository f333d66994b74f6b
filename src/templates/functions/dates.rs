//! What day it is, as far as the content knows.

use jiff::Timestamp;
use tera::{Kwargs, State, TeraResult, Value};

use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// `now(timestamp?)`: the newest date in the content, in UTC as RFC 3339 has it, or in seconds since 1970.
///
/// It is not the time on the clock, as Zola's is: a build of the same files makes the same site on any day. Content
/// without any date is of the beginning of 1970. Zola's argument `utc` makes no difference.
pub(super) fn now(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    reader.record(Dependency::Latest);
    let latest = reader.library.site.latest.as_ref().map_or(Timestamp::UNIX_EPOCH, |moment| moment.timestamp);
    Ok(if kwargs.get("timestamp")?.unwrap_or(false) { latest.as_second().into() } else { latest.to_string().into() })
}

/// `copyright_years()`: the years of the content, as in `2009–2014`, or `2014`, or nothing.
pub(super) fn copyright_years(_: Kwargs, _: &State) -> TeraResult<String> {
    let reader = Reader::current()?;
    reader.record(Dependency::Years);
    Ok(match reader.library.site.years {
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) => format!("{first}–{last}"),
        None => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::{blog, site};

    #[test]
    fn now_is_the_newest_date_of_the_content() {
        let blog = blog();
        assert_eq!(blog.render("{{ now() }}").unwrap(), "2012-05-07T00:00:00Z");
        assert_eq!(blog.render("{{ now(utc=true) | date(format='%Y') }}").unwrap(), "2012");
        assert_eq!(blog.render("{{ now(timestamp=true) }}").unwrap(), "1336348800");
        assert_eq!(blog.dependencies("{{ now() }}"), [Dependency::Latest]);
    }

    #[test]
    fn years_of_the_content() {
        let blog = blog();
        assert_eq!(blog.render("{{ copyright_years() }}").unwrap(), "2009–2012");
        assert_eq!(blog.dependencies("{{ copyright_years() }}"), [Dependency::Years]);

        let config = ("site.toml", "base_url = 'https://a.example'");
        let one = site(&[config, ("content/a.md", "+++\ndate = 2014-01-01\n+++\n")]);
        assert_eq!(one.render("{{ copyright_years() }}").unwrap(), "2014");
        let none = site(&[config, ("content/a.md", "+++\n+++\n")]);
        assert_eq!(none.render("[{{ copyright_years() }}] {{ now() | date }}").unwrap(), "[] 1970-01-01");
    }
}
