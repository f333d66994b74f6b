//! The filter `date`.

use tera::{Error, Kwargs, State, TeraResult, Value};

use crate::templates::Reader;
use crate::templates::date_format::DateFormat;
use crate::templates::dependencies::Dependency;
use crate::templates::functions::rendering_language;

/// `date(format="%Y-%m-%d", timezone?, locale?)`: a date as text. What it writes of the moment of the build is recorded.
pub(super) fn date(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let argument = |name: &'static str| kwargs.get::<&str>(name).map(|value| value.map(str::to_owned));
    let format =
        DateFormat { format: argument("format")?, timezone: argument("timezone")?, locale: argument("locale")? };
    write(value, format)
}

/// `local_date(style="long", timezone?)`: a date in the language of the page. The text `date_long` of the language is its
/// pattern, and the same holds for other styles.
pub(super) fn local_date(value: &Value, kwargs: Kwargs, state: &State) -> TeraResult<String> {
    let reader = Reader::current()?;
    let lang = rendering_language(&reader, state)?;
    let style = kwargs.get::<&str>("style")?.unwrap_or("long");
    let key = format!("date_{style}");
    reader.record(Dependency::Texts(lang.clone()));
    let translations = &reader.library.site.config.translations;
    if translations.find(&lang, &key).is_none() {
        let styles: Vec<&str> = translations.keys(&lang).filter_map(|key| key.strip_prefix("date_")).collect();
        let help = format!("there are {}; the text `{key}` would make it one", styles.join(", "));
        return Err(Error::message(format!("there is no style `{style}` of dates: {help}")));
    }
    let format = Some(translations.text(&lang, &key, &[]));
    let timezone = kwargs.get::<&str>("timezone")?.map(str::to_owned);
    write(value, DateFormat { format, timezone, locale: Some(lang) })
}

fn write(value: &Value, format: DateFormat) -> TeraResult<String> {
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
