//! What a template reaches: the templates that it extends and includes and the components that it calls, and on.
//!
//! The closure answers two questions about an output before it is rendered: which files it depends on, and whether
//! it can see the bodies of the pages in a listing (most listings cannot, and are spared them). Both answers may say
//! too much and never too little, so reading the source with regular expressions is enough.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use regex::bytes::{Captures, Regex, RegexBuilder};
use rustc_hash::FxHashMap;

use super::facets::Facets;
use crate::diagnostic::SourceText;
use crate::source::Fingerprint;

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| regex(r#"\{%-?\s*(?:extends|include)\s+["'`]([^"'`]+)["'`]"#));
static CALL: LazyLock<Regex> = LazyLock::new(|| regex(r"\{[%{]-?\s*<\s*([A-Za-z_][\w.]*)"));
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| regex(r"\{%-?\s*component\s+([A-Za-z_][\w.]*)"));
static BLOCK: LazyLock<Regex> = LazyLock::new(|| regex(r"\{%-?\s*block\s+([A-Za-z_]\w*)"));
/// What may reach a field without naming it.
const DYNAMIC: &str = concat!(
    r#"\b(?:__tera_context|json_encode|pairs|values|get|str)\b|\bfor\s+\w+\s*,"#,
    r#"|\[\s*[A-Za-z_]|\[\s*["'`][^\]\n]*~|\battribute\s*=\s*[A-Za-z_]"#
);

/// The fields that hold rendered Markdown or comments. A page that is printed as a whole, which nobody does but to look at
/// it, is shown without them.
static BODIES: LazyLock<Regex> =
    LazyLock::new(|| regex(&format!("{}|{DYNAMIC}", naming("content|summary|toc|threads"))));
/// The fields that count words.
static LENGTH: LazyLock<Regex> = LazyLock::new(|| regex(&naming("word_count|reading_time")));
/// The field that counts comments.
static TALK: LazyLock<Regex> = LazyLock::new(|| regex(&naming("comments")));

/// What everybody sees of a neighbour is no reason to render it: any other field of it is.
static RICH: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*\??\.\s*(?:content|summary|toc|comments|word_count|reading_time)\b"));
/// A field.
static FIELD: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*\??\.\s*[A-Za-z_]"));
static NEIGHBOUR: LazyLock<Regex> = LazyLock::new(|| regex(r"\.\s*(?:lower|higher)\b"));
static TERM: LazyLock<Regex> = LazyLock::new(|| regex(r"\bterm\b"));
static TERM_PAGES: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*\??\.\s*pages\b"));
static DYNAMIC_ACCESS: LazyLock<Regex> = LazyLock::new(|| regex(DYNAMIC));
static TAG: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)\{\{.*?\}\}|\{%.*?%\}"));
/// What asks for a value, or names a parameter, and hands nothing on.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| regex(r"^\{%-?\s*(?:if|elif|component|endcomponent)\b"));
/// `page["lower"]`, which is `page.lower`.
static NAMED: LazyLock<Regex> = LazyLock::new(|| regex(r#"\[\s*["'`](\w+)["'`]\s*\]"#));
static LITERAL: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?s)"[^"]*"|'[^']*'|`[^`]*`"#));

/// A tag of a template.
struct Tag {
    /// What it says, with every field named by a dot and without texts.
    code: Vec<u8>,
    /// Whether it hands nothing on.
    is_harmless: bool,
}

/// The tags of a template.
fn tags(text: &str) -> impl Iterator<Item = Tag> {
    TAG.find_iter(text.as_bytes()).map(|tag| {
        let dotted = NAMED.replace_all(tag.as_bytes(), &b".$1"[..]);
        let code = LITERAL.replace_all(&dotted, &b"\"\""[..]).into_owned();
        Tag { code, is_harmless: HARMLESS.is_match(tag.as_bytes()) }
    })
}

impl Tag {
    /// Whether it looks at a page's neighbour at all.
    fn names_neighbour(&self) -> bool {
        NEIGHBOUR.is_match(&self.code)
    }

    /// Whether it looks at more of a page's neighbour than everybody sees: at one of the rich fields, or by handing the
    /// neighbour on. Whether there is one may be asked, and what everybody sees of it.
    fn sees_neighbour(&self) -> bool {
        NEIGHBOUR.find_iter(&self.code).any(|found| {
            let rest = &self.code[found.end()..];
            RICH.is_match(rest) || !self.is_harmless && !FIELD.is_match(rest)
        })
    }

    /// Whether it looks at the pages of the term that is shown in parts: at their list, or by handing the term on.
    fn sees_term_pages(&self) -> bool {
        TERM.find_iter(&self.code).any(|found| {
            let (before, rest) = (&self.code[..found.start()], &self.code[found.end()..]);
            // The name of an argument, of a field or of a loop's variable is another thing.
            let names = before.ends_with(b".")
                || before.trim_ascii_end().ends_with(b"for")
                || rest.trim_ascii_start().starts_with(b"=") && !self.is_harmless;
            !names && (TERM_PAGES.is_match(rest) || !self.is_harmless && !FIELD.is_match(rest))
        })
    }
}

/// A pattern for access to one of some fields.
fn naming(fields: &str) -> String {
    format!(r#"(?:\.|\[\s*["'`])\s*(?:{fields})\b|attribute\s*=\s*["'`](?:{fields})"#)
}

/// Names and blanks are ASCII in Tera, and a pattern that knows no others is compiled ten times as fast.
fn regex(pattern: &str) -> Regex {
    #[expect(clippy::unwrap_used, reason = "the patterns are constants")]
    RegexBuilder::new(pattern).unicode(false).build().unwrap()
}

/// The first group of each match.
fn names<'t>(pattern: &Regex, text: &'t str) -> impl Iterator<Item = &'t str> {
    let name = |found: Captures<'t>| std::str::from_utf8(found.get(1)?.as_bytes()).ok();
    pattern.captures_iter(text.as_bytes()).filter_map(name)
}

/// The components that a template defines.
pub(super) fn defined_in(text: &str) -> impl Iterator<Item = &str> {
    names(&DEFINITION, text)
}

/// The blocks that a template has.
pub(super) fn blocks_in(text: &str) -> impl Iterator<Item = &str> {
    names(&BLOCK, text)
}

/// What a template reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// The names of the templates, by which Tera knows them.
    pub templates: BTreeSet<String>,
    /// One hash of all their sources.
    pub fingerprint: Fingerprint,
    /// What any of them may look at in the pages of a list.
    pub facets: Facets,
    /// Whether any of them may look at more of a page's neighbour than everybody sees.
    pub sees_neighbours: bool,
    /// Whether any of them may look at the list of a term's pages.
    pub sees_term_pages: bool,
}

impl Closure {
    /// The closure of what is made without a template.
    pub const EMPTY: Self = Self {
        templates: BTreeSet::new(),
        fingerprint: Fingerprint(0),
        facets: Facets::META,
        sees_neighbours: false,
        sees_term_pages: false,
    };
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
            for component in defined_in(&source.text) {
                let entry = components.entry(component).or_insert((rank, name));
                *entry = (*entry).min((rank, name));
            }
        }
        let components = components.into_iter().map(|(component, (_, name))| (component, name)).collect();
        Self { sources, prefixes, components }
    }

    /// The templates that a text names.
    fn direct(&self, text: &str) -> BTreeSet<&'a str> {
        let templates = names(&REFERENCE, text).filter_map(|name| {
            let exact = self.sources.get_key_value(name);
            let found = exact.or_else(|| {
                self.prefixes.iter().find_map(|prefix| self.sources.get_key_value(&format!("{prefix}{name}")))
            });
            found.map(|(name, _)| name.as_str())
        });
        let components = names(&CALL, text).filter_map(|name| self.components.get(name).copied());
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
        let mut texts: Vec<&str> = text.into_iter().collect();
        for source in reached.iter().filter_map(|name| self.sources.get(*name)) {
            // The length keeps the end of one text apart from the beginning of the next.
            hashed.extend_from_slice(&(source.text.len() as u64).to_le_bytes());
            hashed.extend_from_slice(source.text.as_bytes());
            texts.push(&source.text);
        }
        let any = |pattern: &Regex| texts.iter().any(|text| pattern.is_match(text.as_bytes()));
        let tags: Vec<Tag> = texts.iter().flat_map(|text| tags(text)).collect();
        let is_dynamic = any(&DYNAMIC_ACCESS);
        let is_seen = |sees: fn(&Tag) -> bool| is_dynamic || tags.iter().any(sees);
        let only_if = |seen: bool, facets: Facets| if seen { facets } else { Facets::META };
        Closure {
            templates: reached.into_iter().map(str::to_owned).collect(),
            fingerprint: Fingerprint::of(&hashed),
            facets: only_if(any(&BODIES), Facets::WHOLE)
                | only_if(any(&LENGTH), Facets::LENGTH)
                | only_if(any(&TALK), Facets::TALK)
                | only_if(is_seen(Tag::names_neighbour), Facets::NEIGHBOURS),
            sees_neighbours: is_seen(Tag::sees_neighbour),
            sees_term_pages: is_seen(Tag::sees_term_pages),
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
        assert_eq!(closures["page.html"].facets, Facets::META);
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
        assert_eq!(closures["page.html"].facets, Facets::META);
    }

    #[test]
    fn looking_into_a_neighbour_is_noticed_however_it_is_done() {
        let sees = |text| of_text(text, &BTreeMap::new(), &[]).sees_neighbours;
        for text in [
            "{{ page.lower.summary }}",
            "{{ page.higher?.content or '' }}",
            "{% set next = page.higher %}",
            "{{ <card post={page.lower} /> }}",
            "{% for post in [page.lower, page.higher] %}",
            "{{ page | json_encode }}",
            "{% set near = page.higher or page.lower %}{{ near.content }}",
            "{% set near = page.lower if page.lower else page.higher %}",
            "{{ page['higher'].content }}{{ page[\"lower\"]?.toc }}",
            "{{ page.lower['con' ~ 'tent'] }}",
            "{% if page.lower.word_count > 5 %}",
        ] {
            assert!(sees(text), "{text}");
        }
        for text in [
            "{% if page.lower or page.higher %}",
            "{{ page.lower.title or page.lower.path }}{{ page.content }}",
            "{%- elif not page['lower'] and page.higher -%}The lower. page.lower {{ page.title | lower }}",
            "{{ \"page.lower\" }}{{ page.lower.title | replace(from='.', to='') }}",
        ] {
            assert!(!sees(text), "{text}");
        }
    }

    #[test]
    fn looking_at_the_pages_of_a_term_is_noticed() {
        let sees = |text| of_text(text, &BTreeMap::new(), &[]).sees_term_pages;
        for text in [
            "{% for page in term.pages %}",
            "{{ <card term={term} /> }}",
            "{% set t = term %}",
            "{% set t = term if term else 0 %}",
            "{{ term['pages'] | length }}",
            "{% for page in (paginator or term).pages %}",
            "{{ term | json_encode }}",
        ] {
            assert!(sees(text), "{text}");
        }
        for text in [
            "{{ term.name }} {{ term.page_count }} {% if term.slug == 'a' %}{% endif %} the term, term.pages",
            "{% for term in terms %}{{ get_taxonomy_url(kind='term', term=term.name) }}{% endfor %}",
            "{% component card(term) %}{{ term.name }}{% endcomponent card %}",
        ] {
            assert!(!sees(text), "{text}");
        }
    }

    #[test]
    fn looking_into_a_body_is_noticed_however_it_is_done() {
        for text in [
            "{{ p.content }}",
            "{{ p.summary }}",
            "{{ p | json_encode }}",
            "{{ p[key] }}",
            "{{ __tera_context }}",
            "{% for key, value in p %}",
        ] {
            assert!(of_text(text, &BTreeMap::new(), &[]).facets.contains(Facets::WHOLE), "{text}");
        }
        let facets = |text| of_text(text, &BTreeMap::new(), &[]).facets;
        assert_eq!(facets("{{ p.title }} {{ list[0].title }}"), Facets::META);
        assert_eq!(facets("{{ p.word_count }} {{ p.title }}"), Facets::LENGTH);
        assert_eq!(facets("{{ p.reading_time }} {{ p['comments'].count }}"), Facets::LENGTH | Facets::TALK);
        assert_eq!(facets("{{ p.lower.title }} {{ p.title | lower }}"), Facets::NEIGHBOURS);
        assert_eq!(facets("{{ p.title | lower }}"), Facets::META);
    }
}
