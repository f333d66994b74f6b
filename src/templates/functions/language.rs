//! Languages: texts of the theme, and the direction of writing.

use icu_locale::{Direction, LanguageIdentifier, LocaleDirectionality};
use tera::{Error, Kwargs, State, TeraResult};

use super::content::no_language;
use super::language;
use crate::templates::errors::unknown;
use crate::templates::record::{self, Fact};

/// `trans(key, lang?)`: the text for a key in `[translations]` or `[languages.….translations]`.
pub(super) fn trans(kwargs: Kwargs, state: &State) -> TeraResult<String> {
    let (library, _) = record::library()?;
    let key = kwargs.must_get::<&str>("key")?;
    let lang = language(&library, &kwargs, state)?;
    let config = &library.site.config;
    library.note(Fact::Config(lang.clone()));
    let Some(language) = config.language(&lang) else { return Err(no_language(config, &lang)) };
    if let Some(text) = language.translation(key) {
        return Ok(text.to_owned());
    }
    let table = if config.is_default_language(&lang) {
        "translations".to_owned()
    } else {
        format!("languages.{lang}.translations")
    };
    Err(unknown(
        &format!("there is no translation for `{key}` in the language `{lang}`"),
        key,
        language.translations.iter().map(|(key, _)| key.as_str()),
        &format!("write it into `[{table}]` in `{}`", config.location("").path),
    ))
}

/// `text_direction(lang?)`: `ltr` or `rtl`, for the attribute `dir` of HTML. Scripts that run from top to bottom
/// count as `ltr`, and so do languages that Unicode knows nothing about.
pub(super) fn text_direction(kwargs: Kwargs, state: &State) -> TeraResult<&'static str> {
    const DIRECTIONS: LocaleDirectionality = LocaleDirectionality::new_extended();
    let (library, _) = record::library()?;
    let lang = language(&library, &kwargs, state)?;
    let identifier: LanguageIdentifier = lang.parse().map_err(|_| {
        Error::message(format!("`{lang}` is no code of a language; a code is like `fr` or `pt-BR` (UTS 35)"))
    })?;
    Ok(match DIRECTIONS.get(&identifier) {
        Some(Direction::RightToLeft) => "rtl",
        _ => "ltr",
    })
}
