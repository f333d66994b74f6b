//! The moment of the build, and the years of the content.

use tera::{Kwargs, State, TeraResult, Value};

use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// `now(timestamp?)`: the moment of the build in UTC, in the format of RFC 3339, or in seconds since 1970.
///
/// A page that shows it is rendered in every build, and one that only passes it to the filter `date` when what that writes changes. The
/// argument `utc` makes no difference, as in Zola.
pub(super) fn now(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    // Else the filter `date` records what it writes.
    if !reader.is_formatted("now", &kwargs) {
        reader.record(Dependency::Now);
    }
    let now = reader.library.site.now;
    let is_timestamp: bool = kwargs.get("timestamp")?.unwrap_or(false);
    let _: Option<bool> = kwargs.get("utc")?;
    Ok(if is_timestamp { now.as_second().into() } else { now.to_string().into() })
}

/// `copyright_years()`: the years of the listed content, as in `2009–2014` or `2014`, none after the build's; empty
/// without content.
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
    use crate::templates::date_format::DateFormat;
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::{blog, site};

    #[test]
    fn now_is_the_moment_of_the_build() {
        let blog = blog();
        assert_eq!(blog.render("{{ now() }}").unwrap(), "2023-11-14T22:13:20Z");
        assert_eq!(blog.render("{{ now(utc=true) | date(format='%Y') }}").unwrap(), "2023");
        assert_eq!(blog.render("{{ now(timestamp=true) }}").unwrap(), "1700000000");
        assert_eq!(blog.dependencies("{{ now() }}"), [Dependency::Now]);
        assert!(blog.render("{{ now(utc='yes') }}").is_err());
    }

    #[test]
    fn what_only_formats_the_moment_depends_on_what_it_writes() {
        let blog = blog();
        let formatted = |format: &str| {
            let format = Some(format.to_owned());
            Dependency::FormattedNow(DateFormat { format, ..DateFormat::default() })
        };
        for template in [
            "{{ now() | date(format='%Y') }}",
            "{{ now(utc=true) | date(format='%Y') }}",
            "{{ now(timestamp=true) | date(format='%Y') }}",
            "{% set n = now() %}{{ n | date(format='%Y') }}",
            "{% set n = [now()] %}{{ n | first | date(format='%Y') }}",
            "{% if now() %}{{ now() | default(value='') | date(format='%Y') }}{% endif %}",
        ] {
            assert_eq!(blog.dependencies(template), [formatted("%Y")], "{template}");
        }
        let both = "{% set n = now() %}{{ n | date(format='%Y') }}{{ n | date(format='%m') }}";
        assert_eq!(blog.dependencies(both), [formatted("%Y"), formatted("%m")]);
        for template in [
            "{% set n = now() %}{{ n | date(format='%Y') }}{{ n }}",
            "{{ now() | upper | date(format='%Y') }}",
            "{% if now() is after(other='2020-01-01') %}{% endif %}",
            "{{ now() ~ '' }}",
            "{% if now() < '2020-01-01' %}{% endif %}",
        ] {
            assert!(blog.dependencies(template).contains(&Dependency::Now), "{template}");
        }
    }

    #[test]
    fn dates_of_the_content_do_not_depend_on_the_clock() {
        let dependencies = blog().dependencies("{{ '2012-01-02' | date(format='%Y') }}");
        assert!(dependencies.is_empty(), "{dependencies:?}");
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
        assert_eq!(none.render("[{{ copyright_years() }}]").unwrap(), "[]");
    }
}
