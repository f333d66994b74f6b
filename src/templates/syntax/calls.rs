//! The definitions and calls in the tags of a template: components, blocks, and templates that are included or
//! extended.

use super::lexer::{Tag, TagKind, Token, tags};

/// Something that a tag calls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::templates) enum Callee {
    /// A component, by its name.
    Component(String),
    /// A template that is included or extended, by the name in the tag.
    Template(String),
}

/// Which part of a call a tag is. An inclusion is a call with one tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::templates) enum CallTag {
    /// `{{ <card /> }}`, `{% <card /> %}` or `{% include "card.html" %}`
    Complete,
    /// `{% <card> %}`, with the name of the component.
    Opening(String),
    /// `{% </card> %}`, with the name of the component.
    Closing(String),
}

impl Tag<'_> {
    /// Returns everything that the tag calls. This includes a comparison with a name, which looks like the call of a
    /// component.
    pub fn callees(&self) -> Vec<Callee> {
        if let [Token::Ident("include" | "extends"), Token::Text(name), ..] = self.tokens.as_slice() {
            return vec![Callee::Template(name.to_string())];
        }
        let components = self.tokens.windows(2).enumerate().filter_map(|(at, pair)| match pair {
            [Token::Symbol("<"), Token::Ident(_)] => Some(Callee::Component(dotted_name(&self.tokens[at + 1..]))),
            _ => None,
        });
        components.collect()
    }

    /// Returns which part of a call the tag is, if it begins as one.
    pub fn call(&self) -> Option<CallTag> {
        match self.tokens.as_slice() {
            [Token::Ident("include"), ..] if self.kind == TagKind::Statement => Some(CallTag::Complete),
            [Token::Symbol("</"), name @ ..] => Some(CallTag::Closing(dotted_name(name))),
            [Token::Symbol("<"), .., Token::Symbol("/"), Token::Symbol(">")] => Some(CallTag::Complete),
            [Token::Symbol("<"), ..] if self.kind == TagKind::Expression => Some(CallTag::Complete),
            [Token::Symbol("<"), name @ ..] => Some(CallTag::Opening(dotted_name(name))),
            _ => None,
        }
    }

    /// Returns the name of the component or block that the tag defines, if it begins with the keyword for it.
    pub fn defined_name(&self, keyword: &str) -> Option<String> {
        match self.tokens.as_slice() {
            [Token::Ident(word), name @ ..] if *word == keyword => Some(dotted_name(name)),
            _ => None,
        }
    }

    /// Whether the tag captures the content up to its end tag into a variable: a `set` without a value.
    pub fn is_capture(&self) -> bool {
        let is_assignment = || self.tokens.get(2) == Some(&Token::Symbol("="));
        matches!(self.tokens.first(), Some(Token::Ident("set" | "set_global"))) && !is_assignment()
    }
}

/// Returns the names that a text defines with a keyword: `component` or `block`.
pub(in crate::templates) fn defined_names<'t>(text: &'t str, keyword: &'t str) -> impl Iterator<Item = String> {
    tags(text).filter_map(move |tag| tag.defined_name(keyword))
}

/// Returns the name at the beginning of some tokens. It can contain dots.
fn dotted_name(tokens: &[Token<'_>]) -> String {
    let mut name = String::new();
    for (place, token) in tokens.iter().enumerate() {
        match token {
            Token::Ident(part) if place % 2 == 0 => name.push_str(part),
            Token::Symbol(".") if place % 2 == 1 => name.push('.'),
            _ => break,
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callees_of_tags() {
        let component = |name: &str| Callee::Component(name.to_owned());
        let template = |name: &str| Callee::Template(name.to_owned());
        for (text, expected) in [
            ("{{ <a.b c={<d />} /> }}", vec![component("a.b"), component("d")]),
            ("{% set e = <f /> ~ <g /> %}", vec![component("f"), component("g")]),
            ("{% if h < i %}", vec![component("i")]),
            ("{% </a> %}{{ 1 < 2 }}", vec![]),
            ("{% include 'j' %}{% extends \"k\" %}", vec![template("j"), template("k")]),
            ("{% raw %}{{ <a /> }}{% endraw %}", vec![]),
        ] {
            assert_eq!(tags(text).flat_map(|tag| tag.callees()).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn calls_have_one_tag_or_two() {
        let opening = |name: &str| Some(CallTag::Opening(name.to_owned()));
        let closing = |name: &str| Some(CallTag::Closing(name.to_owned()));
        for (text, expected) in [
            ("{{ <a /> }}", Some(CallTag::Complete)),
            ("{% <a b={c} /> %}", Some(CallTag::Complete)),
            ("{% include 'a' %}", Some(CallTag::Complete)),
            ("{{ include }}", None),
            ("{% <a.b c=\"d\"> %}", opening("a.b")),
            ("{% </a.b> %}", closing("a.b")),
            ("{% extends 'a' %}", None),
            ("{% set a = <b /> %}", None),
        ] {
            assert_eq!(tags(text).next().unwrap().call(), expected, "{text}");
        }
    }

    #[test]
    fn names_may_have_dots() {
        let text = "{% component a.b.c(d) %}{% block e %}{% endcomponent %}{% component %}";
        assert_eq!(defined_names(text, "component").collect::<Vec<_>>(), ["a.b.c", ""]);
        assert_eq!(defined_names(text, "block").collect::<Vec<_>>(), ["e"]);
    }
}
