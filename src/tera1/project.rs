//! What must be known of all templates to rewrite one of them: where macros are defined, and how they are called.

use std::collections::{BTreeMap, BTreeSet};

use super::ast::{Expression, ExpressionKind, Filter};
use super::includes::Includes;
use super::lexer::{Tag, TagKind, TokenKind, tags};
use super::macros::renames_body;
use super::parser::{Parser, parse};
use super::safety::gives_html;

/// The kind of an argument's value, as far as a default value is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueKind {
    /// A quoted text.
    Text,
    /// A whole number.
    Integer,
    /// A number with a point.
    Float,
    /// `true` or `false`.
    Bool,
    /// What a macro or a function gives that Tera 2 takes for HTML.
    Html,
    /// Anything else.
    Other,
}

impl ValueKind {
    /// Returns the kind of an expression.
    pub fn of(expression: &Expression, text: &str) -> Self {
        match &expression.kind {
            ExpressionKind::Text => Self::Text,
            ExpressionKind::Literal => Self::of_literal(&text[expression.span.clone()]),
            ExpressionKind::Call(call) if gives_html(call) => Self::Html,
            _ => Self::Other,
        }
    }

    /// Returns the kind of a literal.
    pub fn of_literal(text: &str) -> Self {
        match text.as_bytes().first() {
            Some(b'"' | b'\'' | b'`') => Self::Text,
            Some(b'0'..=b'9' | b'-') if text.contains('.') => Self::Float,
            Some(b'0'..=b'9' | b'-') => Self::Integer,
            _ if matches!(text, "true" | "false" | "True" | "False") => Self::Bool,
            _ => Self::Other,
        }
    }
}

/// The kinds of values that each argument of a component gets, by component and argument.
pub type ArgumentKinds = BTreeMap<String, BTreeMap<String, BTreeSet<ValueKind>>>;

/// What is known of all templates.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The names of all templates, without a theme's prefix.
    pub templates: BTreeSet<String>,
    /// The prefix of a theme's names: `calm/templates/`.
    pub theme_prefix: Option<String>,
    /// The component that a macro becomes, by template and macro.
    components: BTreeMap<(String, String), String>,
    /// The parameters of the components that were macros.
    parameters: BTreeMap<String, BTreeSet<String>>,
    /// The components whose parameter `body` gets another name.
    renamed_bodies: BTreeSet<String>,
    /// The templates that are imported under a name somewhere.
    namespaces: BTreeMap<String, BTreeSet<String>>,
    /// The blocks of each template, and the templates that it extends.
    blocks: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>,
    /// What the components that were macros are called with.
    pub argument_kinds: ArgumentKinds,
    /// What the templates include.
    includes: Includes,
}

impl Project {
    /// Looks at all templates, given with their names and texts. Macros do not get one of the `reserved` names.
    pub fn new<'t>(
        templates: impl Iterator<Item = (&'t str, &'t str)> + Clone,
        theme_prefix: Option<String>,
        reserved: &BTreeSet<String>,
    ) -> Self {
        let mut project = Self { theme_prefix, ..Self::default() };
        let mut macros = BTreeSet::new();
        for (name, text) in templates.clone() {
            project.templates.insert(name.to_owned());
            let mut includes = std::mem::take(&mut project.includes);
            includes.add(name, text, |name| project.template_name(name).to_owned());
            project.includes = includes;
            for tag in tags(text).filter(|tag| tag.kind == TagKind::Statement) {
                if let [keyword, argument, ..] = tag.tokens.as_slice() {
                    let parent = project.template_name(unquoted(argument.text)).to_owned();
                    let (blocks, parents) = project.blocks.entry(name.to_owned()).or_default();
                    match keyword.text {
                        "block" => drop(blocks.insert(argument.text.to_owned())),
                        "extends" => drop(parents.insert(parent)),
                        _ => {}
                    }
                }
                if let Some(defined) = macro_name(&tag) {
                    macros.insert((name.to_owned(), defined.to_owned()));
                }
                if let Some((template, namespace)) = import(&tag) {
                    let template = project.template_name(template).to_owned();
                    project.namespaces.entry(namespace.to_owned()).or_default().insert(template);
                }
            }
        }
        project.name_components(macros, reserved);
        for (name, text) in templates.clone() {
            for tag in tags(text).filter(|tag| tag.kind == TagKind::Statement) {
                let component = macro_name(&tag).and_then(|defined| project.defined_component(name, defined));
                let Some(component) = component.map(str::to_owned) else { continue };
                if renames_body(text, &tag) {
                    project.renamed_bodies.insert(component.clone());
                }
                let names = tag.tokens.iter().skip(2).filter(|token| token.kind == TokenKind::Name);
                project.parameters.entry(component).or_default().extend(names.map(|token| token.text.to_owned()));
            }
        }
        for (name, text) in templates {
            project.note_calls(name, text);
        }
        project
    }

    /// Gives each macro the shortest name that is not ambiguous.
    fn name_components(&mut self, macros: BTreeSet<(String, String)>, reserved: &BTreeSet<String>) {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for (template, name) in &macros {
            for candidate in candidates(template, name) {
                *times.entry(candidate).or_default() += 1;
            }
        }
        for (template, name) in macros {
            let mut candidates = candidates(&template, &name);
            let last = candidates.pop().unwrap_or_else(|| name.clone());
            let is_free = |candidate: &String| times[candidate] == 1 && !reserved.contains(candidate);
            let component = candidates.into_iter().find(is_free).unwrap_or(last);
            self.components.insert((template, name), component);
        }
    }

    /// Notes the arguments of each call of a macro in a template.
    fn note_calls(&mut self, template: &str, text: &str) {
        let imports: BTreeMap<&str, &str> =
            tags(text).filter_map(|tag| import(&tag).map(|(template, namespace)| (namespace, template))).collect();
        for tag in tags(text) {
            let mut open: Vec<Expression<'_>> = expression_of(&tag).into_iter().collect();
            while let Some(expression) = open.pop() {
                open.extend(expression.parts().into_iter().cloned());
                let ExpressionKind::Call(call) = &expression.kind else { continue };
                let Some(namespace) = call.namespace else { continue };
                let Some(component) = self.component(template, &imports, namespace, call.name) else { continue };
                let known = self.argument_kinds.entry(component.to_owned()).or_default();
                for argument in &call.arguments.list {
                    let kind = ValueKind::of(&argument.value, text);
                    known.entry(argument.name.unwrap_or_default().to_owned()).or_default().insert(kind);
                }
            }
        }
    }

    /// Returns the variables of the page around a text that the templates use which it includes.
    pub fn context_of_includes(&self, text: &str) -> BTreeSet<String> {
        self.includes.context(text, |name| self.template_name(name).to_owned())
    }

    /// Whether a component has a parameter, as far as it is known.
    pub fn has_parameter(&self, component: &str, name: &str) -> bool {
        self.parameters.get(component).is_none_or(|names| names.contains(name))
    }

    /// Whether the parameter `body` of a component has another name than in the macro.
    pub fn renames_body(&self, component: &str) -> bool {
        self.renamed_bodies.contains(component)
    }

    /// Whether a block of a template can be shown: a template that it extends has the block, or is not among these.
    pub fn can_show(&self, template: &str, block: &str) -> bool {
        let parents = |template: &str| self.blocks.get(template).map(|(_, parents)| parents.iter());
        let mut open: Vec<&String> = parents(template).into_iter().flatten().collect();
        let mut visited = BTreeSet::from([template]);
        while let Some(parent) = open.pop() {
            let known = self.blocks.get(parent);
            let is_here = known.is_none_or(|(blocks, _)| blocks.contains(block));
            // A template can extend the theme's template of the same name.
            if is_here || !visited.insert(parent) {
                return true;
            }
            open.extend(parents(parent).into_iter().flatten());
        }
        false
    }

    /// Whether another template extends this one, or one that does, and has a block of this name.
    pub fn is_filled(&self, template: &str, block: &str) -> bool {
        let is_child = |name: &str| {
            let mut open = vec![name];
            let mut visited = BTreeSet::new();
            while let Some(name) = open.pop() {
                let Some((_, parents)) = self.blocks.get(name).filter(|_| visited.insert(name)) else { continue };
                if parents.contains(template) {
                    return true;
                }
                open.extend(parents.iter().map(String::as_str));
            }
            false
        };
        self.blocks.iter().any(|(name, (blocks, _))| blocks.contains(block) && is_child(name))
    }

    /// Returns the name of a template without its theme's prefix.
    pub fn template_name<'n>(&self, name: &'n str) -> &'n str {
        self.theme_prefix.as_deref().and_then(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
    }

    /// Returns the component for a call of a macro in a template with imports. A template that is included can use the
    /// imports of the one that includes it, so another template's import of that name counts as well.
    pub fn component(
        &self,
        template: &str,
        imports: &BTreeMap<&str, &str>,
        namespace: &str,
        name: &str,
    ) -> Option<&str> {
        let in_template =
            |template: &str| self.components.get(&(template.to_owned(), name.to_owned())).map(String::as_str);
        if namespace == "self" {
            // A template that is included says `self` as well, and means the one that includes it.
            return in_template(template).or_else(|| self.only_component(name));
        }
        if let Some(template) = imports.get(namespace) {
            return in_template(self.template_name(template));
        }
        let mut found = self.namespaces.get(namespace)?.iter().filter_map(|template| in_template(template));
        found.next().filter(|_| found.next().is_none())
    }

    /// Returns the component of a macro, if only one template defines a macro of this name.
    fn only_component(&self, name: &str) -> Option<&str> {
        let mut found = self.components.iter().filter(|((_, known), _)| known == name);
        found.next().filter(|_| found.next().is_none()).map(|(_, component)| component.as_str())
    }

    /// Returns the component that a macro of a template becomes.
    pub fn defined_component(&self, template: &str, name: &str) -> Option<&str> {
        self.component(template, &BTreeMap::new(), "self", name)
    }
}

/// Returns the names that a macro can get, the shortest first.
fn candidates(template: &str, name: &str) -> Vec<String> {
    let stem = template.rsplit_once('.').map_or(template, |(stem, _)| stem);
    let parts: Vec<String> = stem.split('/').map(as_name).collect();
    let mut names = vec![name.to_owned()];
    for from in (0..parts.len()).rev() {
        names.push(format!("{}.{name}", parts[from..].join(".")));
    }
    names
}

/// Replaces the characters of a text that a name cannot have.
fn as_name(text: &str) -> String {
    let name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// Returns the name of the macro that a tag defines.
fn macro_name<'t>(tag: &Tag<'t>) -> Option<&'t str> {
    match tag.tokens.as_slice() {
        [keyword, name, ..] if keyword.is("macro") && name.kind == TokenKind::Name => Some(name.text),
        _ => None,
    }
}

/// Returns the template that a tag imports macros of, and the name that they get.
pub fn import<'t>(tag: &Tag<'t>) -> Option<(&'t str, &'t str)> {
    match tag.tokens.as_slice() {
        [import, template, keyword, name] if import.is("import") && keyword.is("as") => {
            (template.kind == TokenKind::Text).then(|| (unquoted(template.text), name.text))
        }
        _ => None,
    }
}

/// Returns a quoted text without its quotes.
pub fn unquoted(text: &str) -> &str {
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default()
}

/// Returns the expression in a tag.
pub fn expression_of<'t>(tag: &Tag<'t>) -> Option<Expression<'t>> {
    let tokens = &tag.tokens;
    if tag.kind == TagKind::Expression {
        return parse(tokens);
    }
    let keyword = tokens.first().filter(|token| token.kind == TokenKind::Name)?;
    match keyword.text {
        "if" | "elif" => parse(&tokens[1..]),
        "set" | "set_global" if tokens.get(2).is_some_and(|token| token.is("=")) => parse(&tokens[3..]),
        "for" => {
            let from = tokens.iter().position(|token| token.is("in"))?;
            parse(&tokens[from + 1..])
        }
        "filter" => {
            let mut parser = Parser::new(&tokens[1..]);
            let name = parser.eat_kind(TokenKind::Name)?;
            let arguments = parser.arguments(false)?;
            let span = name.start..name.end().max(arguments.span.end);
            let input = Expression { kind: ExpressionKind::Content, span: name.start..name.start };
            let filter = Filter { input, name: name.text, name_span: name.start..name.end(), arguments };
            parser.is_done().then(|| Expression { kind: ExpressionKind::Filter(Box::new(filter)), span })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_get_the_shortest_free_name() {
        let templates = [
            (
                "macros/list.html",
                "{% macro item(a) %}{% endmacro %}{% macro date() %}{% endmacro %}{% macro respond() %}{% endmacro %}",
            ),
            ("other.html", "{% macro item() %}{% endmacro item %}"),
            ("page.html", "{% import 'calm/templates/macros/list.html' as list %}{% include 'part.html' %}"),
            ("part.html", "{{ list::item(a=page.title) }}{{ list::item(a='b' | upper) }}{{ list::item(a='b') }}"),
        ];
        let reserved = BTreeSet::from(["respond".to_owned()]);
        let project = Project::new(templates.into_iter(), Some("calm/templates/".to_owned()), &reserved);
        let component = |template, namespace, name| project.component(template, &BTreeMap::new(), namespace, name);
        assert_eq!(component("part.html", "list", "item"), Some("list.item"));
        assert_eq!(component("other.html", "self", "item"), Some("other.item"));
        assert_eq!(component("macros/list.html", "self", "date"), Some("date"));
        assert_eq!(component("macros/list.html", "self", "respond"), Some("list.respond"));
        assert_eq!(component("part.html", "list", "nothing"), None);
        let kinds = &project.argument_kinds["list.item"]["a"];
        assert_eq!(*kinds, BTreeSet::from([ValueKind::Text, ValueKind::Other]));
    }
}
