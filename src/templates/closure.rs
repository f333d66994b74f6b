//! The closure of a template: the templates that it extends and includes, the components that it calls, and everything
//! that these reach.
//!
//! The closure answers two questions about an output before it is rendered: which templates it depends on, and which
//! fields of its values it can read.

use std::collections::{BTreeMap, BTreeSet};

use super::reads::{Definitions, Lookup, Reads, analyse};
use super::syntax::ast::{Component, Template};
use super::syntax::parser::parse;
use crate::diagnostic::SourceText;
use crate::source::Fingerprint;

/// Everything that a template reaches.
#[derive(Clone, Debug, Default)]
pub struct Closure {
    /// The names of the templates, as Tera knows them.
    pub templates: BTreeSet<String>,
    /// The fingerprint of all their sources. For a text that is not a template it is empty.
    pub fingerprint: Fingerprint,
    /// What they can read.
    pub reads: Reads,
}

/// The templates of a site as syntax trees.
#[derive(Debug)]
pub(super) struct ParsedTemplates {
    /// By the names that Tera knows; none for a template that the parser does not support.
    templates: BTreeMap<String, Option<Template>>,
    /// The definition of each component: the first template that defines it, and the index in it.
    components: BTreeMap<String, (String, usize)>,
    prefixes: Vec<String>,
    /// Whether the parser supports all templates.
    is_complete: bool,
}

impl ParsedTemplates {
    pub fn new(sources: &BTreeMap<String, SourceText>, prefixes: &[String]) -> Self {
        let templates: BTreeMap<String, Option<Template>> =
            sources.iter().map(|(name, source)| (name.clone(), parse(&source.text).ok())).collect();
        let mut ranked: BTreeMap<&str, (usize, &str, usize)> = BTreeMap::new();
        for (name, template) in &templates {
            let rank = prefixes.iter().position(|prefix| name.starts_with(prefix)).map_or(0, |at| at + 1);
            for (place, component) in template.iter().flat_map(|template| template.components.iter().enumerate()) {
                let candidate = (rank, name.as_str(), place);
                let first = ranked.entry(&component.name).or_insert(candidate);
                *first = (*first).min(candidate);
            }
        }
        let location = |(component, (_, template, place)): (&str, (_, &str, _))| {
            (component.to_owned(), (template.to_owned(), place))
        };
        let components = ranked.into_iter().map(location).collect();
        let is_understood = templates.values().all(Option::is_some);
        Self { templates, components, prefixes: prefixes.to_vec(), is_complete: is_understood }
    }

    /// Returns the fingerprint of the names of all templates and components.
    pub fn names_fingerprint(&self) -> Fingerprint {
        let names: Vec<&String> = self.templates.keys().collect();
        Fingerprint::of(format!("{names:?} {:?}", self.components).as_bytes())
    }

    /// Returns the closure of a template.
    pub fn closure(&self, name: &str, sources: &BTreeMap<String, SourceText>) -> Closure {
        let template = self.templates.get(name).and_then(Option::as_ref);
        let mut closure = self.closure_of(template);
        closure.templates.insert(name.to_owned());
        let mut hashed = Vec::new();
        for (name, source) in closure.templates.iter().filter_map(|name| Some((name, sources.get(name)?))) {
            // The lengths separate the end of one text from the beginning of the next.
            hashed.extend_from_slice(name.as_bytes());
            hashed.extend_from_slice(&(source.text.len() as u64).to_le_bytes());
            hashed.extend_from_slice(source.text.as_bytes());
        }
        closure.fingerprint = Fingerprint::of(&hashed);
        closure
    }

    /// Returns the closure of a text that is not a template.
    pub fn closure_of_text(&self, text: &str) -> Closure {
        // A component that the text itself defines is not in the table.
        self.closure_of(parse(text).ok().filter(|template| template.components.is_empty()).as_ref())
    }

    /// Returns everything that a template reaches, without the template itself. For an unsupported template that can be
    /// everything.
    fn closure_of(&self, template: Option<&Template>) -> Closure {
        let (reads, reached) = template
            .and_then(|template| analyse(template, self))
            .unwrap_or_else(|| (Reads::unknown(), self.templates.keys().map(String::as_str).collect()));
        Closure { templates: reached.into_iter().map(str::to_owned).collect(), reads, ..Closure::default() }
    }
}

impl Definitions for ParsedTemplates {
    fn template(&self, name: &str) -> Lookup<'_, Template> {
        let exact = self.templates.get_key_value(name);
        let lookup = exact.or_else(|| {
            self.prefixes.iter().find_map(|prefix| self.templates.get_key_value(&format!("{prefix}{name}")))
        });
        match lookup {
            None => Lookup::Missing,
            Some((_, None)) => Lookup::Unsupported,
            Some((name, Some(template))) => Lookup::Found(name, template),
        }
    }

    fn component(&self, name: &str) -> Lookup<'_, Component> {
        // An unsupported template can define it.
        if !self.is_complete {
            return Lookup::Unsupported;
        }
        let lookup = self.components.get(name).and_then(|(template, place)| {
            let (template, parsed) = self.templates.get_key_value(template)?;
            Some(Lookup::Found(template.as_str(), parsed.as_ref()?.components.get(*place)?))
        });
        lookup.unwrap_or(Lookup::Missing)
    }
}

#[cfg(test)]
mod tests;
