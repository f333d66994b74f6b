//! What a configuration may ask for that this version does not do, so that nothing is left out in silence.

use super::Config;
use super::search::elasticlunr_language;
use crate::diagnostic::Diagnostic;
use crate::images;

/// A warning for each.
pub fn warnings(config: &Config) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    let mut warn = |name: &str, message: String, help: &str| {
        warnings.push(Diagnostic::warning(message).at(config.location(name)).help(help));
    };
    if let Some(reason) = images::UNAVAILABLE.filter(|_| config.images.responsive) {
        warn("images.responsive", format!("images have one size only: {reason}"), "or leave `responsive` out");
    }
    for language in config.languages() {
        let code = &language.code;
        let has_rules = !language.search.index_format.is_for_elasticlunr() || elasticlunr_language(code).is_some();
        if language.build_search_index && !has_rules {
            let name = format!("languages.{code}.build_search_index");
            let name = if config.places.contains_key(&name) { name } else { "build_search_index".to_owned() };
            let message =
                format!("elasticlunr has no rules for the language `{code}`: it finds words only as they are written");
            warn(&name, message, "the formats `causerie`, `fuse_json` and `fuse_javascript` take any language");
        }
    }
    warnings
}
