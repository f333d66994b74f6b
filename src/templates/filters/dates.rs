//! The filter `date`.

use tera::{Kwargs, State, TeraResult, Value};

use crate::templates::Reader;
use crate::templates::date_format::DateFormat;
use crate::templates::dependencies::Dependency;

/// `date(format="%Y-%m-%d", timezone?, locale?)`: a date as text. What it writes of the moment of the build is recorded.
pub(super) fn date(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let argument = |name: &'static str| kwargs.get::<&str>(name).map(|value| value.map(str::to_owned));
    let format =
        DateFormat { format: argument("format")?, timezone: argument("timezone")?, locale: argument("locale")? };
    let text = format.write(value);
    if let Ok(reader) = Reader::current() {
        let now = reader.library.site.now;
        if *value == Value::from(now.as_second()) || value.as_str().is_some_and(|value| value == now.to_string()) {
            reader.record(Dependency::FormattedNow(format));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::templates::testing::blog;

    #[test]
    fn strftime_formats_can_be_localized() {
        let blog = blog();
        for (arguments, expected) in [
            ("format='%d %B %Y', locale='fr'", "04 mars 2012"),
            ("format='%A, %-d. %b', locale='de_DE'", "Sonntag, 4. März"),
            ("format='%A, %e %B %Y', locale='en'", "Sunday,  4 March 2012"),
            ("format='%^a 100%% %H:%M', locale='es-ES'", "DOM 100% 00:00"),
            ("format='%d %B', locale='ru'", "04 марта"),
            ("format='d MMMM y', locale='fr'", "4 mars 2012"),
            ("format='%F', locale='ja'", "2012-03-04"),
            ("format='%A'", "Sunday"),
        ] {
            let rendered = blog.render(&format!("{{{{ '2012-03-04' | date({arguments}) }}}}")).unwrap();
            assert_eq!(rendered, expected, "{arguments}");
        }
        for arguments in
            ["format='%B', locale='!'", "format='%', locale='fr'", "locale='fr'", "format=1", "timezone='Mars'"]
        {
            assert!(blog.render(&format!("{{{{ '2012-03-04' | date({arguments}) }}}}")).is_err(), "{arguments}");
        }
    }
}
