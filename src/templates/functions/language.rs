//! Languages: translations, locales, and writing directions.

use icu_locale::LanguageIdentifier;
use tera::{Error, Kwargs, State, TeraResult, Value};

use super::content::unknown_language_error;
use super::language;
use crate::config::translations::{Conventions, Translation, locale};
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;
use crate::templates::errors::unknown_name_error;

/// `trans(key, lang?, count?, …)`: the text for a key, in the form for a number, with its places filled in by the other
/// arguments. If one of these is HTML, the text is HTML too.
pub(super) fn trans(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let key = kwargs.must_get::<&str>("key")?;
    let lang = language(&reader, &kwargs, state)?;
    let config = &reader.library.site.config;
    if config.language(&lang).is_none() {
        reader.record(Dependency::Config);
        return Err(unknown_language_error(config, &lang));
    }
    reader.record(Dependency::Texts(lang.clone()));
    let Some(Translation { lang: written_in, message }) = config.translations.find(&lang, key) else {
        let table = if config.is_default_language(&lang) {
            "translations".to_owned()
        } else {
            format!("languages.{lang}.translations")
        };
        return Err(unknown_name_error(
            &format!("there is no translation for `{key}` in the language `{lang}`"),
            key,
            config.translations.keys(&lang),
            &format!("write it into `[{table}]` in `{}`", config.location("").path),
        ));
    };
    let count = kwargs.get::<i64>("count")?;
    if count.is_none() && message.has_forms() {
        let error = format!("the text `{key}` has forms for numbers: say which number with `count=`");
        return Err(Error::message(error));
    }
    let conventions = Conventions::of(written_in);
    let is_html = kwargs.iter().any(|(_, value)| value.is_string() && value.is_safe());
    let escaped = |text: &str| if is_html { state.escape(text) } else { Ok(text.to_owned()) };
    let fill = |name: &str| {
        let value = kwargs.get::<&Value>(name)?.filter(|_| !matches!(name, "key" | "lang"));
        value
            .map(|value| match (value.as_str(), value.as_i64()) {
                (Some(text), _) if value.is_safe() => Ok(text.to_owned()),
                (Some(text), _) => escaped(&conventions.isolated(text)),
                (None, Some(number)) => Ok(conventions.number(number)),
                (None, None) => escaped(&value.to_string()),
            })
            .transpose()
    };
    let text = message.write(&conventions, count, escaped, fill)?;
    Ok(if is_html { Value::safe_string(&text) } else { text.into() })
}

/// `language_name(lang?)`: the name of a language in itself, `français`; its code if no name is known.
pub(super) fn language_name(kwargs: Kwargs, state: &State) -> TeraResult<String> {
    const KEY: &str = "language_name";
    let reader = Reader::current()?;
    let lang = language(&reader, &kwargs, state)?;
    reader.record(Dependency::Texts(lang.clone()));
    let translations = &reader.library.site.config.translations;
    // A name in another language is that of the other language.
    let is_own = |name: &Translation| !locale::nearest_languages(&lang, [name.lang.as_str()].into_iter()).is_empty();
    let name = translations.find(&lang, KEY).filter(|name| is_own(name));
    Ok(name.map_or_else(|| lang.clone(), |_| translations.text(&lang, KEY, &[])))
}

/// `full_locale(lang?)`: a language with a country where it is spoken, as `en_US` for `en`, for programs that require a
/// country. A language that Unicode does not know stays as it is.
pub(super) fn full_locale(kwargs: Kwargs, state: &State) -> TeraResult<String> {
    let lang = language(&*Reader::current()?, &kwargs, state)?;
    let identifier = locale::with_likely_parts(identifier(&lang)?);
    Ok(match identifier.region {
        Some(region) => format!("{}_{region}", identifier.language),
        None => identifier.language.to_string(),
    })
}

fn identifier(lang: &str) -> TeraResult<LanguageIdentifier> {
    locale::identifier(lang).ok_or_else(|| {
        Error::message(format!("`{lang}` is no code of a language; a code is like `fr` or `pt-BR` (UTS 35)"))
    })
}

/// `text_direction(lang?)`: `ltr` or `rtl`, for the HTML attribute `dir`. Vertical scripts count as `ltr`, and so do
/// languages that Unicode does not know.
pub(super) fn text_direction(kwargs: Kwargs, state: &State) -> TeraResult<&'static str> {
    let lang = language(&*Reader::current()?, &kwargs, state)?;
    identifier(&lang)?;
    Ok(if locale::is_right_to_left(&lang) { "rtl" } else { "ltr" })
}

/// `text_script(lang?)`: the script in which a language is written, such as `Latn` or `Cyrl` (ISO 15924); empty for languages
/// that Unicode does not know.
pub(super) fn text_script(kwargs: Kwargs, state: &State) -> TeraResult<String> {
    let lang = language(&*Reader::current()?, &kwargs, state)?;
    let script = locale::with_likely_parts(identifier(&lang)?).script;
    Ok(script.map(|script| script.to_string()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::{blog, blog_with, site};

    #[test]
    fn translations_are_in_the_requested_language() {
        let blog = blog();
        assert_eq!(blog.render("{{ trans(key='read_more') }}").unwrap(), "Read more");
        assert_eq!(blog.render_in("fr", "{{ trans(key='read_more') }}").unwrap(), "Lire la suite");
        assert_eq!(blog.render_in("fr", "{{ trans(key='read_more', lang='en') }}").unwrap(), "Read more");
        let text = Dependency::Texts("fr".to_owned());
        assert_eq!(blog.dependencies("{{ trans(key='read_more', lang='fr') }}"), [text]);
    }

    #[test]
    fn missing_content_is_an_error_with_a_suggestion() {
        let blog = blog();
        for (arguments, expected) in [
            (
                "key='readmore'",
                "there is no translation for `readmore` in the language `en`; did you mean `read_more`?",
            ),
            ("key='shelves'", "write it into `[translations]` in `site.toml`"),
            ("key='shelves', lang='fr'", "write it into `[languages.fr.translations]` in `site.toml`"),
            ("key='tags', lang='it'", "the site has no language `it`"),
        ] {
            let error = blog.render(&format!("{{{{ trans({arguments}) }}}}")).unwrap_err();
            assert!(error.contains(expected), "{arguments}: {error}");
        }
    }

    #[test]
    fn places_are_filled_in_and_numbers_choose_forms() {
        let blog = blog_with(&[(
            "i18n/fr.toml",
            "voices = { one = '{count} voix de <{name}>', many = 'm', other = '{count} voix !' }\nplain = 'Sur {name} & {odd}'",
        )]);
        for (expression, expected) in [
            ("trans(key='voices', count=1, name='Jo & Al')", "1 voix de &lt;Jo &amp; Al&gt;"),
            ("trans(key='voices', count=12000)", "12\u{202f}000 voix !"),
            ("trans(key='plain', name=2000)", "Sur 2\u{202f}000 &amp; {odd}"),
            ("trans(key='plain', name='<b>' | safe)", "Sur <b> &amp; {odd}"),
            ("trans(key='plain', name='<b>' | safe, odd='<i>')", "Sur <b> &amp; &lt;i&gt;"),
            ("trans(key='plain', name='שלום')", "Sur \u{2068}שלום\u{2069} &amp; {odd}"),
            ("trans(key='comments_title', count=0, title='Thé')", "0 commentaire sur «\u{202f}Thé\u{202f}»"),
            ("'2012-03-04' | local_date", "4 mars 2012"),
            ("'2012-03-04' | local_date(style='time')", "4 mars 2012 à 00:00"),
            ("1234 | local_number", "1\u{202f}234"),
            ("language_name()", "Français"),
            ("language_name(lang='en')", "English"),
        ] {
            assert_eq!(blog.render_in("fr", &format!("{{{{ {expression} }}}}")).unwrap(), expected, "{expression}");
        }
        for (expression, expected) in [
            ("trans(key='voices')", "the text `voices` has forms for numbers: say which number with `count=`"),
            ("trans(key='voices', count='x')", "i64"),
            (
                "'2012-03-04' | local_date(style='odd')",
                "there is no style `odd` of dates: there are day, long, short, time",
            ),
            ("'x' | local_date", "x"),
            ("'x' | local_number", "i64"),
        ] {
            let error = blog.render_in("fr", &format!("{{{{ {expression} }}}}")).unwrap_err();
            assert!(error.contains(expected), "{expression}: {error}");
        }
        let swedish = site(&[("site.toml", "base_url = 'https://a.example'\ndefault_language = 'sv'")]);
        assert_eq!(swedish.render("{{ language_name() }}").unwrap(), "sv");
        assert_eq!(
            swedish.render("{{ '2012-03-04' | local_date }} {{ trans(key='says') }}").unwrap(),
            "4 mars 2012 says:"
        );
    }

    #[test]
    fn every_language_writes_dates() {
        for (lang, expected) in [
            ("ar", "4 مارس 2012"),
            ("de", "4. März 2012"),
            ("en", "4 March 2012"),
            ("es", "4 de marzo de 2012"),
            ("fa", "۴ مارس ۲۰۱۲"),
            ("fr", "4 mars 2012"),
            ("he", "4 במרץ 2012"),
            ("hi", "4 मार्च 2012"),
            ("it", "4 marzo 2012"),
            ("ja", "2012年3月4日"),
            ("ko", "2012년 3월 4일"),
            ("nl", "4 maart 2012"),
            ("pl", "4 marca 2012"),
            ("pt-BR", "4 de março de 2012"),
            ("ru", "4 марта 2012 г."),
            ("tr", "4 Mart 2012"),
            ("uk", "4 березня 2012 р."),
            ("zh-cn", "2012年3月4日"),
            ("zh-TW", "2012年3月4日"),
        ] {
            let site = site(&[("site.toml", &format!("base_url = 'https://a.example'\ndefault_language = '{lang}'"))]);
            assert_eq!(site.render("{{ '2012-03-04' | local_date }}").unwrap(), expected, "{lang}");
            for style in ["short", "day", "time"] {
                let rendered = site.render(&format!("{{{{ '2012-03-04' | local_date(style='{style}') }}}}"));
                assert!(rendered.is_ok_and(|date| !date.is_empty()), "{lang} {style}");
            }
        }
    }

    #[test]
    fn texts_that_nothing_shows_are_reported_if_they_may_be_mistyped() {
        let site = site(&[
            ("i18n/en.toml", "tagline = 'x'"),
            (
                "site.toml",
                "base_url = 'https://a.example'\n[translations]\nwrite_repyl = 'a'\nreed_more = 'b'\nsearhc = 'c'\nmine = 'd'",
            ),
            ("templates/a.html", "{{ trans(key='searhc') }}"),
        ]);
        let warnings = site.library.templates.translation_warnings(&site.library.site.config);
        let shown: Vec<_> = warnings.iter().map(|it| (it.message.as_str(), it.help.as_deref())).collect();
        assert_eq!(shown, [("no template shows a text `write_repyl`", Some("did you mean `write_reply`?"))]);
        assert!(warnings[0].location.as_ref().is_some_and(|place| place.excerpt.is_some()));
    }

    #[test]
    fn languages_with_a_country() {
        let blog = blog();
        for (lang, expected) in [
            ("en", "en_US"),
            ("fr", "fr_FR"),
            ("pt-BR", "pt_BR"),
            ("zh-Hant", "zh_TW"),
            ("ar", "ar_EG"),
            ("tlh", "tlh"),
        ] {
            assert_eq!(blog.render(&format!("{{{{ full_locale(lang='{lang}') }}}}")).unwrap(), expected);
        }
        assert_eq!(blog.render_in("fr", "{{ full_locale() }}").unwrap(), "fr_FR");
        assert!(blog.render("{{ full_locale(lang='not a code') }}").is_err());
    }

    #[test]
    fn directions_of_writing() {
        let blog = blog();
        assert_eq!(blog.render("{{ text_direction() }}").unwrap(), "ltr");
        assert_eq!(blog.render_in("ar", "{{ text_direction() }}").unwrap(), "rtl");
        for (lang, expected) in [
            ("fr", "ltr"),
            ("he", "rtl"),
            ("fa-IR", "rtl"),
            ("az-Arab", "rtl"),
            ("dv", "rtl"),
            ("jbn", "rtl"),
            ("mn-Mong", "ltr"),
            ("tlh", "ltr"),
        ] {
            assert_eq!(blog.render(&format!("{{{{ text_direction(lang='{lang}') }}}}")).unwrap(), expected, "{lang}");
        }
        let error = blog.render("{{ text_direction(lang='not a code') }}").unwrap_err();
        assert!(error.contains("`not a code` is no code of a language"), "{error}");
    }

    #[test]
    fn scripts_of_languages() {
        let blog = blog();
        assert_eq!(blog.render_in("ar", "{{ text_script() }}").unwrap(), "Arab");
        for (lang, expected) in [
            ("en", "Latn"),
            ("pt-BR", "Latn"),
            ("uk", "Cyrl"),
            ("sr", "Cyrl"),
            ("sr-Latn", "Latn"),
            ("el", "Grek"),
            ("zh-Hant", "Hant"),
            ("ja", "Jpan"),
            ("hi", "Deva"),
            ("tlh", ""),
        ] {
            assert_eq!(blog.render(&format!("{{{{ text_script(lang='{lang}') }}}}")).unwrap(), expected, "{lang}");
        }
        let error = blog.render("{{ text_script(lang='not a code') }}").unwrap_err();
        assert!(error.contains("`not a code` is no code of a language"), "{error}");
    }
}
