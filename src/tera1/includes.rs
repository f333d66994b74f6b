//! The templates that a template includes, and what of the page around it these use.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::{TagKind, TokenKind, tags};
use super::project::unquoted;
use super::variables::{CONTEXT, uses};

/// What each template uses of the page around it, and what it includes.
#[derive(Clone, Debug, Default)]
pub struct Includes {
    templates: BTreeMap<String, Template>,
}

#[derive(Clone, Debug)]
struct Template {
    context: BTreeSet<String>,
    included: Vec<String>,
}

impl Includes {
    /// Looks at a template. `own_name` takes a theme's prefix off a name.
    pub fn add(&mut self, name: &str, text: &str, own_name: impl Fn(&str) -> String) {
        let context = uses(text).into_iter().map(|(name, _)| name).filter(|name| CONTEXT.contains(&name.as_str()));
        let included = included(text).map(own_name).collect();
        self.templates.insert(name.to_owned(), Template { context: context.collect(), included });
    }

    /// Returns the variables of the page around a text that the templates use which it includes.
    pub fn context(&self, text: &str, own_name: impl Fn(&str) -> String) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut visited = BTreeSet::new();
        let mut open: Vec<String> = included(text).map(own_name).collect();
        while let Some(name) = open.pop() {
            let Some(template) = self.templates.get(&name) else { continue };
            if visited.insert(name) {
                names.extend(template.context.iter().cloned());
                open.extend(template.included.iter().cloned());
            }
        }
        names
    }
}

/// Returns the names in the `include` tags of a text.
fn included(text: &str) -> impl Iterator<Item = &str> {
    let is_include = |tag: &super::lexer::Tag| {
        tag.kind == TagKind::Statement && tag.tokens.first().is_some_and(|token| token.is("include"))
    };
    tags(text).filter(is_include).flat_map(|tag| {
        let names: Vec<&str> =
            tag.tokens.iter().filter(|token| token.kind == TokenKind::Text).map(|token| unquoted(token.text)).collect();
        names
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_includes_use() {
        let mut includes = Includes::default();
        for (name, text) in [
            ("a.html", "{{ page.title }}{% include 'calm/templates/b.html' %}"),
            ("b.html", "{% set lang = 'fr' %}{{ lang }}{{ config.title }}{% include \"a.html\" %}"),
            ("c.html", "{{ section.title }}"),
        ] {
            includes.add(name, text, |name| name.trim_start_matches("calm/templates/").to_owned());
        }
        let context = |text: &str| includes.context(text, str::to_owned).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(context("{{ section }}{% include ['nothing.html', 'a.html'] ignore missing %}"), "config page");
        assert_eq!(context("{{ 'c.html' }}"), "");
    }
}
