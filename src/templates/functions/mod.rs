//! Functions for templates. Names, arguments and results are those of Zola 0.23, with a few additions.
//!
//! Tera knows the functions before there is a site, so they are plain functions. They reach the site through the
//! [`Reader`] of the current rendering, which records what they read.

mod bibtex;
mod comments;
mod content;
mod data;
mod dates;
mod environment;
mod files;
mod hashes;
mod images;
mod language;
mod quotes;
pub(super) mod random;
mod related;
mod remote;
mod search;
mod taxonomy;
mod url;
mod xml;

use tera::{Kwargs, State, Tera, TeraResult, Value};

use super::Reader;

/// Registers the functions with Tera.
pub(super) fn register(tera: &mut Tera) {
    tera.register_function("get_page", content::get_page);
    tera.register_function("get_section", content::get_section);
    tera.register_function("get_taxonomy", taxonomy::get_taxonomy);
    tera.register_function("get_taxonomy_term", taxonomy::get_taxonomy_term);
    tera.register_function("get_taxonomy_url", taxonomy::get_taxonomy_url);
    tera.register_function("get_related", related::get_related);
    tera.register_function("get_series", related::get_series);
    tera.register_function("get_url", url::get_url);
    tera.register_function("get_env", environment::get_env);
    tera.register_function("get_random", random::get_random);
    tera.register_function("get_hash", hashes::get_hash);
    tera.register_function("load_data", data::load_data);
    tera.register_function("trans", language::trans);
    tera.register_function("language_name", language::language_name);
    tera.register_function("text_direction", language::text_direction);
    tera.register_function("text_script", language::text_script);
    tera.register_function("full_locale", language::full_locale);
    tera.register_function("now", dates::now);
    tera.register_function("copyright_years", dates::copyright_years);
    tera.register_function("recent_comments", comments::recent_comments);
    tera.register_function("quote", quotes::quote);
    tera.register_function("search_index", search::search_index);
    tera.register_function("resize_image", images::resize_image);
    tera.register_function("social_card", images::social_card);
    tera.register_function("get_image_metadata", images::get_image_metadata);
}

/// Returns the language of a call: its argument `lang`, or else the language of the rendering.
fn language(reader: &Reader, kwargs: &Kwargs, state: &State) -> TeraResult<String> {
    if let Some(lang) = language_argument(kwargs)? {
        return Ok(lang);
    }
    rendering_language(reader, state)
}

/// Returns the language of the rendering.
pub(super) fn rendering_language(reader: &Reader, state: &State) -> TeraResult<String> {
    let lang = state.get::<Value>("lang")?;
    let lang = lang.as_ref().and_then(Value::as_str).map(str::to_owned);
    Ok(lang.or_else(|| reader.lang()).unwrap_or_else(|| reader.library.site.config.default_language().code.clone()))
}

/// Returns the argument `lang`. An argument without a value counts as absent, so that a template can pass on a variable
/// that may be undefined.
fn language_argument(kwargs: &Kwargs) -> TeraResult<Option<String>> {
    let lang = kwargs.get::<&Value>("lang")?;
    lang.filter(|lang| !lang.is_none() && !lang.is_undefined())
        .map(|lang| <&str as tera::ArgFromValue>::from_value(lang).map(str::to_owned))
        .transpose()
}
