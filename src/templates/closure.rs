//! What a template reaches: the templates that it extends and includes and the components that it calls, and on.
//!
//! The closure answers two questions about an output before it is rendered: which files it depends on, and whether
//! it can see the bodies of the pages in a listing (most listings cannot, and are spared them). Both answers may say
//! too much and never too little, so reading the source with regular expressions is enough.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use regex::Regex;
use rustc_hash::FxHashMap;

use crate::diagnostic::SourceText;
use crate::source::Fingerprint;

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| regex(r#"\{%-?\s*(?:extends|include)\s+["'`]([^"'`]+)["'`]"#));
static CALL: LazyLock<Regex> = LazyLock::new(|| regex(r"\{[%{]-?\s*<\s*([A-Za-z_][\w.]*)"));
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| regex(r"\{%-?\s*component\s+([A-Za-z_][\w.]*)"));
/// The fields that hold rendered Markdown, and what may reach a field without naming it. A page that is printed as a
/// whole, which nobody does but to look at it, is shown without its body.
static BODIES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?:\.|\[\s*["'`])\s*(?:content|summary|toc|threads)\b|\b(?:__tera_context|json_encode|pairs|values|get|str)\b|attribute\s*=\s*["'`](?:content|summary|toc)|\[\s*[A-Za-z_]"#,
    )
});

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::unwrap_used, reason = "the patterns are constants")]
    Regex::new(pattern).unwrap()
}

/// What a template reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// The names of the templates, by which Tera knows them.
    pub templates: BTreeSet<String>,
    /// One hash of all their sources.
    pub fingerprint: Fingerprint,
    /// Whether any of them may look into the body or the thread of a page.
    pub sees_bodies: bool,
}

/// The closures of all templates.
pub(super) fn closures(sources: &BTreeMap<String, SourceText>, prefixes: &[String]) -> FxHashMap<String, Arc<Closure>> {
    let graph = Graph::new(sources, prefixes);
    sources.keys().map(|name| (name.clone(), Arc::new(graph.closure([name.as_str()].into(), None)))).collect()
}

/// The closure of a text that is no template of its own.
pub(super) fn of_text(text: &str, sources: &BTreeMap<String, SourceText>, prefixes: &[String]) -> Closure {
    let graph = Graph::new(sources, prefixes);
    graph.closure(graph.direct(text).into_iter().collect(), Some(text))
}

struct Graph<'a> {
    sources: &'a BTreeMap<String, SourceText>,
    prefixes: &'a [String],
    /// The template that each component comes from.
    components: BTreeMap<&'a str, &'a str>,
}

impl<'a> Graph<'a> {
    fn new(sources: &'a BTreeMap<String, SourceText>, prefixes: &'a [String]) -> Self {
        let mut components: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for (name, source) in sources {
            let rank = prefixes.iter().position(|prefix| name.starts_with(prefix)).map_or(0, |at| at + 1);
            for found in DEFINITION.captures_iter(&source.text) {
                let component = found.get(1).map_or("", |m| m.as_str());
                let entry = components.entry(component).or_insert((rank, name));
                *entry = (*entry).min((rank, name));
            }
        }
        let components = components.into_iter().map(|(component, (_, name))| (component, name)).collect();
        Self { sources, prefixes, components }
    }

    /// The templates that a text names.
    fn direct(&self, text: &str) -> BTreeSet<&'a str> {
        let name = |captures: regex::Captures<'_>| captures[1].to_owned();
        let templates = REFERENCE.captures_iter(text).map(name).filter_map(|name| {
            let exact = self.sources.get_key_value(&name);
            let found = exact.or_else(|| {
                self.prefixes.iter().find_map(|prefix| self.sources.get_key_value(&format!("{prefix}{name}")))
            });
            found.map(|(name, _)| name.as_str())
        });
        let components =
            CALL.captures_iter(text).map(name).filter_map(|name| self.components.get(name.as_str()).copied());
        templates.chain(components).collect()
    }

    fn closure(&self, mut open: Vec<&'a str>, text: Option<&str>) -> Closure {
        let mut reached = BTreeSet::new();
        while let Some(name) = open.pop() {
            if reached.insert(name)
                && let Some(source) = self.sources.get(name)
            {
                open.extend(self.direct(&source.text));
            }
        }
        let mut hashed = text.unwrap_or_default().as_bytes().to_vec();
        let mut sees_bodies = text.is_some_and(|text| BODIES.is_match(text));
        for source in reached.iter().filter_map(|name| self.sources.get(*name)) {
            // The length keeps the end of one text apart from the beginning of the next.
            hashed.extend_from_slice(&(source.text.len() as u64).to_le_bytes());
            hashed.extend_from_slice(source.text.as_bytes());
            sees_bodies |= BODIES.is_match(&source.text);
        }
        Closure {
            templates: reached.into_iter().map(str::to_owned).collect(),
            fingerprint: Fingerprint::of(&hashed),
            sees_bodies,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> BTreeMap<String, SourceText> {
        files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), SourceText { path: (*name).into(), text: (*text).into() }))
            .collect()
    }

    #[test]
    fn a_closure_follows_parents_includes_and_components() {
        let sources = sources(&[
            ("base.html", "<body>{% block main %}{% endblock %}{{ <card title={page.title} /> }}</body>"),
            ("page.html", "{% extends \"base.html\" %}{% block main %}{{ page.title }}{% endblock %}"),
            ("parts.html", "{% component card(title) %}{% include 'icon.html' %}{{ title }}{% endcomponent card %}"),
            ("icon.html", "<svg></svg>"),
            ("other.html", "{{ section.title }}"),
        ]);
        let closures = closures(&sources, &[]);
        let names: Vec<&str> = closures["page.html"].templates.iter().map(String::as_str).collect();
        assert_eq!(names, ["base.html", "icon.html", "page.html", "parts.html"]);
        assert!(!closures["page.html"].sees_bodies);
    }

    #[test]
    fn a_component_of_the_site_hides_the_theme_s() {
        let sources = sources(&[
            ("page.html", "{{<card/>}}"),
            ("mine.html", "{% component card() %}{% endcomponent %}"),
            ("theme/templates/parts.html", "{% component card() %}{{ page.content }}{% endcomponent %}"),
        ]);
        let closures = closures(&sources, &["theme/templates/".to_owned()]);
        assert!(closures["page.html"].templates.contains("mine.html"));
        assert!(!closures["page.html"].sees_bodies);
    }

    #[test]
    fn looking_into_a_body_is_noticed_however_it_is_done() {
        for text in
            ["{{ p.content }}", "{{ p.summary }}", "{{ p | json_encode }}", "{{ p[key] }}", "{{ __tera_context }}"]
        {
            assert!(of_text(text, &BTreeMap::new(), &[]).sees_bodies, "{text}");
        }
        assert!(!of_text("{{ p.title }} {{ list[0].title }}", &BTreeMap::new(), &[]).sees_bodies);
    }
}
