//! Languages: translations, locales, and writing directions.

use icu_locale::{Direction, LanguageIdentifier, LocaleDirectionality, LocaleExpander};
use tera::{Error, Kwargs, State, TeraResult};

use super::content::unknown_language_error;
use super::language;
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;
use crate::templates::errors::unknown_name_error;

/// `trans(key, lang?)`: the text for a key in `[translations]` or `[languages.….translations]`.
pub(super) fn trans(kwargs: Kwargs, state: &State) -> TeraResult<String> {
    let reader = Reader::current()?;
    let key = kwargs.must_get::<&str>("key")?;
    let lang = language(&reader, &kwargs, state)?;
    let config = &reader.library.site.config;
    reader.record(Dependency::Config);
    let Some(language) = config.language(&lang) else { return Err(unknown_language_error(config, &lang)) };
    if let Some(text) = language.translation(key) {
        return Ok(text.to_owned());
    }
    let table = if config.is_default_language(&lang) {
        "translations".to_owned()
    } else {
        format!("languages.{lang}.translations")
    };
    Err(unknown_name_error(
        &format!("there is no translation for `{key}` in the language `{lang}`"),
        key,
        language.translations.iter().map(|(key, _)| key.as_str()),
        &format!("write it into `[{table}]` in `{}`", config.location("").path),
    ))
}

/// `full_locale(lang?)`: a language with a country where it is spoken, as `en_US` for `en`, for programs that require a
/// country. A language that Unicode does not know stays as it is.
pub(super) fn full_locale(kwargs: Kwargs, state: &State) -> TeraResult<String> {
    const LIKELY: LocaleExpander = LocaleExpander::new_extended();
    let lang = language(&*Reader::current()?, &kwargs, state)?;
    let mut identifier = identifier(&lang)?;
    LIKELY.maximize(&mut identifier);
    Ok(match identifier.region {
        Some(region) => format!("{}_{region}", identifier.language),
        None => identifier.language.to_string(),
    })
}

fn identifier(lang: &str) -> TeraResult<LanguageIdentifier> {
    lang.parse().map_err(|_| {
        Error::message(format!("`{lang}` is no code of a language; a code is like `fr` or `pt-BR` (UTS 35)"))
    })
}

/// `text_direction(lang?)`: `ltr` or `rtl`, for the HTML attribute `dir`. Vertical scripts count as `ltr`, and so do
/// languages that Unicode does not know.
pub(super) fn text_direction(kwargs: Kwargs, state: &State) -> TeraResult<&'static str> {
    const DIRECTIONS: LocaleDirectionality = LocaleDirectionality::new_extended();
    let lang = language(&*Reader::current()?, &kwargs, state)?;
    Ok(match DIRECTIONS.get(&identifier(&lang)?) {
        Some(Direction::RightToLeft) => "rtl",
        _ => "ltr",
    })
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::blog;

    #[test]
    fn translations_are_in_the_requested_language() {
        let blog = blog();
        assert_eq!(blog.render("{{ trans(key='read_more') }}").unwrap(), "Read more");
        assert_eq!(blog.render_in("fr", "{{ trans(key='read_more') }}").unwrap(), "Lire la suite");
        assert_eq!(blog.render_in("fr", "{{ trans(key='read_more', lang='en') }}").unwrap(), "Read more");
        assert_eq!(blog.dependencies("{{ trans(key='read_more', lang='fr') }}"), [Dependency::Config]);
    }

    #[test]
    fn missing_content_is_an_error_with_a_suggestion() {
        let blog = blog();
        for (arguments, expected) in [
            (
                "key='readmore'",
                "there is no translation for `readmore` in the language `en`; did you mean `read_more`?",
            ),
            ("key='tags'", "write it into `[translations]` in `site.toml`"),
            ("key='tags', lang='fr'", "write it into `[languages.fr.translations]` in `site.toml`"),
            ("key='tags', lang='it'", "the site has no language `it`"),
        ] {
            let error = blog.render(&format!("{{{{ trans({arguments}) }}}}")).unwrap_err();
            assert!(error.contains(expected), "{arguments}: {error}");
        }
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
}
