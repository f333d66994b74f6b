//! Templates: finding and compiling them, their values, and their functions.
//!
//! A site's own templates override its theme's, and those override the built-in ones; the same holds for components.
//! The values of templates are in `values`, their functions in `functions` and `filters`. Both read the site through a
//! [`Reader`], which records what they read.

pub mod body;
mod bounded;
mod budget;
mod closure;
mod component_output;
pub mod date_format;
pub mod dependencies;
mod errors;
pub mod external_links;
mod field_mask;
mod filters;
mod fingerprints;
mod functions;
mod ids;
pub mod images;
mod leftovers;
pub mod library;
pub mod link_check;
#[cfg(test)]
mod manual_tests;
mod markdown_images;
mod nesting;
mod per_content;
mod reader;
mod reads;
pub mod remote;
pub mod search_texts;
mod shortcodes;
mod stylesheets;
mod suggest;
mod syntax;
#[cfg(test)]
mod testing;
mod theme;
mod values;
mod whole_index;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use tera::{Context, Tera};

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Location, MAX_SUGGESTIONS, Severity, SourceText, nearest};
use crate::source::{Fingerprint, World, read_text};
use bounded::BoundedTemplates;
use closure::{Closure, ParsedTemplates};
use ids::TemplateIds;

pub use library::Library;
pub use per_content::PerContent;
pub use reader::Reader;
pub use theme::{ThemedWorld, built_in_files};

/// The version of Zola that templates are compatible with, for themes that check it.
const ZOLA_VERSION: &str = "0.23.0";

const BUILTIN_PREFIX: &str = "__causerie_builtin/";

/// The built-in templates, which every theme can override.
const BUILTINS: &[(&str, &str)] = &[
    ("404.html", include_str!("builtin/404.html")),
    ("anchor-link.html", include_str!("builtin/anchor-link.html")),
    ("atom.xml", include_str!("builtin/atom.xml")),
    ("comments-atom.xml", include_str!("builtin/comments-atom.xml")),
    ("components.html", include_str!("builtin/components.html")),
    ("index.html", include_str!("builtin/index.html")),
    ("internal/alias.html", include_str!("builtin/internal/alias.html")),
    ("internal/list.html", include_str!("builtin/internal/list.html")),
    ("page.html", include_str!("builtin/page.html")),
    ("reply-notice.html", include_str!("builtin/reply-notice.html")),
    ("reply-received.html", include_str!("builtin/reply-received.html")),
    ("reply-refused.html", include_str!("builtin/reply-refused.html")),
    ("robots.txt", include_str!("builtin/robots.txt")),
    ("rss.xml", include_str!("builtin/rss.xml")),
    ("section.html", include_str!("builtin/section.html")),
    ("sitemap.xml", include_str!("builtin/sitemap.xml")),
    ("split_sitemap_index.xml", include_str!("builtin/split_sitemap_index.xml")),
    ("summary-cutoff.html", include_str!("builtin/summary-cutoff.html")),
];

/// The built-in templates of a site that follows Zola, in place of those with the same names: byte for byte what Zola writes.
const ZOLA_BUILTINS: &[(&str, &str)] = &[
    ("404.html", include_str!("builtin/zola/404.html")),
    ("anchor-link.html", include_str!("builtin/zola/anchor-link.html")),
];

/// The built-in templates that stand in for the ones that every site should have.
const FALLBACKS: [&str; 3] = ["index.html", "section.html", "page.html"];

/// The extensions of templates.
const EXTENSIONS: [&str; 6] = ["html", "xml", "md", "txt", "json", "ics"];

/// The compiled templates of a site.
pub struct Templates {
    tera: Tera,
    /// The sources, by the names that Tera knows.
    sources: BTreeMap<String, SourceText>,
    /// The prefix of the theme's templates, if there is a theme.
    prefixes: Vec<String>,
    parsed: ParsedTemplates,
    names_fingerprint: Fingerprint,
    /// The renderer of texts, created on first use.
    bounded: OnceLock<BoundedTemplates>,
    /// The closures of templates, computed on first use.
    closures: FxHashMap<String, OnceLock<Arc<Closure>>>,
    /// The ids that each template and everything that it reaches write, computed on first use.
    ids: FxHashMap<String, OnceLock<TemplateIds>>,
}

impl Templates {
    /// Finds and compiles the templates. Reports the mistakes of every template, not only of the first.
    pub fn load(world: &dyn World, config: &Config) -> (Option<Self>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let mut sources = BTreeMap::new();
        let mut prefixes = Vec::new();
        let of_zola = if config.markdown.follows_zola { ZOLA_BUILTINS } else { &[] };
        for (name, text) in BUILTINS.iter().chain(of_zola) {
            let source = SourceText { path: format!("(built in) {name}").into(), text: (*text).into() };
            sources.insert(format!("{BUILTIN_PREFIX}{name}"), source);
        }
        if let Some(theme) = &config.theme {
            let prefix = format!("{theme}/templates/");
            read_folder(world, &format!("themes/{theme}/templates"), &prefix, &mut sources, &mut problems);
            prefixes.push(prefix);
        }
        read_folder(world, "templates", "", &mut sources, &mut problems);
        prefixes.push(BUILTIN_PREFIX.to_owned());

        let mut tera = tera_without_templates(&prefixes);
        if let Err(error) = tera.add_raw_templates(sources.iter().map(|(name, source)| (name, &*source.text))) {
            let diagnostics = errors::compile_errors(&error, &sources, || tera_without_templates(&prefixes));
            let diagnostics = leftovers::explain(diagnostics, &sources, &prefixes);
            problems.extend(
                diagnostics.into_iter().map(|problem| suggest::with_help(problem, 0, &sources, &prefixes, false)),
            );
            return (None, problems);
        }
        let parsed = ParsedTemplates::new(&sources, &prefixes);
        let names_fingerprint = parsed.names_fingerprint();
        let closures = sources.keys().map(|name| (name.clone(), OnceLock::new())).collect();
        let ids = sources.keys().map(|name| (name.clone(), OnceLock::new())).collect();
        let bounded = OnceLock::new();
        (Some(Self { tera, sources, prefixes, parsed, names_fingerprint, bounded, closures, ids }), problems)
    }

    /// Returns the name that Tera knows a template by; none if it does not exist.
    pub fn resolve(&self, name: &str) -> Option<&str> {
        let exact = self.sources.get_key_value(name);
        exact
            .or_else(|| self.prefixes.iter().find_map(|prefix| self.sources.get_key_value(&format!("{prefix}{name}"))))
            .map(|(name, _)| name.as_str())
    }

    /// Warns of missing templates that a site or its theme should have, because the built-in ones are plain.
    pub fn fallback_warnings<'a>(&self, names: impl Iterator<Item = &'a str>, config: &Location) -> Vec<Diagnostic> {
        let used: BTreeSet<&str> = names.collect();
        let is_built_in = |name: &str| self.resolve(name).is_some_and(|resolved| resolved.starts_with(BUILTIN_PREFIX));
        let plain = FALLBACKS.into_iter().filter(|name| used.contains(name) && is_built_in(name));
        let warning = |name| {
            let mut problem = self.missing_template(name, Some(config.clone()));
            problem.severity = Severity::Warning;
            problem.message.push_str(", and a plain one stands in for it");
            problem
        };
        plain.map(warning).collect()
    }

    /// Returns the name that Tera knows a template by, and its closure. None if there is no such template.
    pub fn closure(&self, name: &str) -> Option<(&str, &Arc<Closure>)> {
        let name = self.resolve(name)?;
        let closure = || self.parsed.closure(name, &self.sources).into();
        Some((name, self.closures.get(name)?.get_or_init(closure)))
    }

    /// Returns the ids that a template and everything that it reaches write. None if there is no such template.
    pub(crate) fn ids(&self, name: &str) -> Option<&TemplateIds> {
        let (name, closure) = self.closure(name)?;
        let find = || {
            let source = |name: &String| Some((&*self.sources.get(name)?.text, name.starts_with(BUILTIN_PREFIX)));
            TemplateIds::find(closure.templates.iter().filter_map(source))
        };
        Some(self.ids.get(name)?.get_or_init(find))
    }

    /// Returns the fingerprint of the names of all templates, and of which template defines each component.
    pub fn names_fingerprint(&self) -> Fingerprint {
        self.names_fingerprint
    }

    /// Returns the closure of a text with template syntax.
    pub fn closure_of_text(&self, text: &str) -> Closure {
        self.parsed.closure_of_text(text)
    }

    /// Renders a template. `origin` is where its name was written, for the error if it does not exist.
    pub fn render(&self, name: &str, context: &Context, origin: Option<Location>) -> Result<Vec<u8>, Diagnostic> {
        let Some(resolved) = self.resolve(name) else { return Err(self.missing_template(name, origin)) };
        let mut bytes = Vec::with_capacity(16 * 1024);
        match self.tera.render_to(resolved, context, &mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) => {
                let problem = errors::render_error(&error, &self.sources, origin);
                Err(suggest::with_help(problem, 0, &self.sources, &self.prefixes, false))
            }
        }
    }

    fn bounded(&self) -> &BoundedTemplates {
        self.bounded
            .get_or_init(|| BoundedTemplates::new(tera_without_templates(&self.prefixes), self.prefixes.clone()))
    }

    /// Renders a part of a page's Markdown that has template syntax, within the budget of a text.
    pub fn render_content(&self, source: &SourceText, start: usize, context: &Context) -> Result<String, Diagnostic> {
        if let Some(rendered) = self.bounded().render(source, start, context, &self.sources) {
            return rendered;
        }
        // This fails in the same way, and Tera's error refers to the author's own text.
        self.tera.render_str(&source.text[start..], context, false).map_err(|error| {
            let problem = errors::content_error(&error, source, start, &self.sources);
            let is_here = problem.location.as_ref().is_some_and(|location| location.path == source.path);
            suggest::with_help(problem, if is_here { start } else { 0 }, &self.sources, &self.prefixes, is_here)
        })
    }

    /// Renders a variant of a part of a page's Markdown within the same budget; none if it fails.
    fn render_variant(&self, text: &str, context: &Context) -> Option<String> {
        let source = SourceText { path: "".into(), text: text.into() };
        self.bounded().render(&source, 0, context, &self.sources)?.ok()
    }

    /// Renders a small template such as `anchor-link.html` to a string.
    pub fn render_snippet(&self, name: &str, context: &Context) -> Result<String, String> {
        self.tera.render(name, context).map_err(|error| errors::one_line(&error))
    }

    /// Warns of texts in the site's `[translations]` that no template shows, and whose keys are nearly those of others.
    pub fn translation_warnings(&self, config: &Config) -> Vec<Diagnostic> {
        let brought: BTreeSet<&str> = config.translations.brought().collect();
        let shows = |key: &str| {
            let quoted = ['"', '\'', '`'].map(|quote| format!("{quote}{key}{quote}"));
            self.sources.values().any(|source| quoted.iter().any(|key| source.text.contains(key)))
        };
        let own = config
            .languages()
            .iter()
            .flat_map(|language| language.translations.iter().map(|(key, _)| (language.code.as_str(), key.as_str())));
        let unknown = own.filter(|(_, key)| !brought.contains(key)).take(MAX_SUGGESTIONS);
        let warning = |(lang, key): (&str, &str)| {
            let near = nearest(key, brought.iter().copied())?;
            let problem = Diagnostic::warning(format!("no template shows a text `{key}`"));
            let problem = problem.at(config.translation_location(lang, key)).help(format!("did you mean `{near}`?"));
            (!shows(key)).then_some(problem)
        };
        unknown.filter_map(warning).collect()
    }

    fn missing_template(&self, name: &str, origin: Option<Location>) -> Diagnostic {
        let known = self.sources.keys().map(|full| suggest::without_prefix(full, &self.prefixes));
        let known = known.filter(|known| *known != name);
        let mut problem = Diagnostic::error(format!("there is no template `{name}`"));
        problem.location = origin;
        match nearest(name, known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("make `templates/{name}`, or choose a theme that has it")),
        }
    }
}

/// Returns the names of the components that every site has.
pub fn built_in_components() -> Vec<String> {
    BUILTINS.iter().flat_map(|(_, text)| syntax::calls::defined_names(text, "component")).collect()
}

/// Creates a Tera with all functions and filters, and without templates.
fn tera_without_templates(prefixes: &[String]) -> Tera {
    let mut tera = Tera::default();
    // This fails only for an instance with templates.
    let _ = tera.set_fallback_prefixes(prefixes.to_vec());
    filters::register(&mut tera);
    functions::register(&mut tera);
    tera.global_context().insert("causerie_version", env!("CARGO_PKG_VERSION"));
    tera.global_context().insert("zola_version", ZOLA_VERSION);
    tera
}

fn read_folder(
    world: &dyn World,
    folder: &str,
    prefix: &str,
    sources: &mut BTreeMap<String, SourceText>,
    problems: &mut Vec<Diagnostic>,
) {
    let walk = world.walk(folder);
    problems.extend(walk.problems);
    for entry in walk.files {
        let name = &entry.path[folder.len() + 1..];
        let hidden = name.split('/').any(|part| part.starts_with('.'));
        let is_template = name.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension));
        if hidden || !is_template {
            continue;
        }
        match read_text(world, &entry.path) {
            Ok(source) => {
                sources.insert(format!("{prefix}{name}"), source);
            }
            Err(problem) => problems.push(problem),
        }
    }
}
