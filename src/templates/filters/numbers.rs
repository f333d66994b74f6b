//! Numbers as people write them.

use num_format::{Locale, ToFormattedString as _};
use tera::{Kwargs, State, TeraResult};

use crate::templates::errors::unknown;
use crate::templates::record;

/// `num_format(locale?)`: a whole number with the separators of a language, or else of the site's default language.
/// A language that has no rules of its own, as `de-BE`, is written like the one that it belongs to.
pub(super) fn num_format(value: i128, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let (library, _) = record::library()?;
    let name = match kwargs.get::<&str>("locale")? {
        Some(name) => name,
        None => &library.site.config.default_language().code,
    };
    let general = name.split(['-', '_']).next().unwrap_or(name);
    let locale = Locale::from_name(name).or_else(|_| Locale::from_name(general)).map_err(|_| {
        let help = "name a language like `en`, `de` or `pt-PT` with `locale=`";
        unknown(
            &format!("nothing is known of how `{name}` writes numbers"),
            name,
            Locale::available_names().iter().copied(),
            help,
        )
    })?;
    Ok(value.to_formatted_string(&locale))
}
