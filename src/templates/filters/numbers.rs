//! Formatting of numbers.

use num_format::{Locale, ToFormattedString as _};
use tera::{Kwargs, State, TeraResult};

use crate::config::translations::Conventions;
use crate::templates::Reader;
use crate::templates::errors::unknown_name_error;
use crate::templates::functions::rendering_language;

/// `num_format(locale?)`: formats a whole number with the separators of a language, by default of the site's default
/// language. A variant without rules of its own, such as `de-BE`, uses those of its base language.
pub(super) fn num_format(value: i128, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let reader = Reader::current()?;
    let name = match kwargs.get::<&str>("locale")? {
        Some(name) => name,
        None => &reader.library.site.config.default_language().code,
    };
    let general = name.split(['-', '_']).next().unwrap_or(name);
    let locale = Locale::from_name(name).or_else(|_| Locale::from_name(general)).map_err(|_| {
        let help = "name a language like `en`, `de` or `pt-PT` with `locale=`";
        unknown_name_error(
            &format!("nothing is known of how `{name}` writes numbers"),
            name,
            Locale::available_names().iter().copied(),
            help,
        )
    })?;
    Ok(value.to_formatted_string(&locale))
}

/// `local_number`: a whole number in the language of the page, in its digits and with its separators.
pub(super) fn local_number(value: i64, _: Kwargs, state: &State) -> TeraResult<String> {
    let reader = Reader::current()?;
    Ok(Conventions::of(&rendering_language(&reader, state)?).number(value))
}

#[cfg(test)]
mod tests {
    use crate::templates::testing::{blog, site};

    #[test]
    fn separators_of_languages() {
        let blog = blog();
        for (filter, expected) in [
            ("num_format", "1,234,567"),
            ("num_format(locale='en-IN')", "12,34,567"),
            ("num_format(locale='de')", "1.234.567"),
            ("num_format(locale='en-US')", "1,234,567"),
            ("num_format(locale='de_BE')", "1.234.567"),
        ] {
            assert_eq!(blog.render(&format!("{{{{ 1234567 | {filter} }}}}")).unwrap(), expected);
        }
        assert_eq!(blog.render("{{ -1000 | num_format }}").unwrap(), "-1,000");
        let german = site(&[("site.toml", "base_url = 'https://a.example'\ndefault_language = 'de-DE'")]);
        assert_eq!(german.render("{{ 1000 | num_format }}").unwrap(), "1.000");
    }

    #[test]
    fn an_unknown_language_is_an_error() {
        let blog = blog();
        let error = blog.render("{{ 1 | num_format(locale='nope') }}").unwrap_err();
        assert!(error.contains("nothing is known of how `nope` writes numbers; "), "{error}");
        let error = blog.render("{{ 'one' | num_format }}").unwrap_err();
        assert!(error.contains("i128"), "{error}");
    }
}
