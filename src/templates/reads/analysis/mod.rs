//! An abstract interpretation of templates.
//!
//! It walks a template as a rendering would, with an [`AbstractValue`] in place of each value: the set of parts of the
//! site that the value can be. It walks both branches of a condition and a loop's body once, and an assignment adds to
//! the possible values of a variable. The walk is repeated until it finds nothing new.

mod components;
mod expressions;

use std::collections::{BTreeMap, BTreeSet};

use super::scope::{AbstractValue, Scope, ScopeId, Scopes, SiteValueId, SiteValues};
use super::{Call, Reads};
use crate::templates::syntax::ast::{Component, ComponentCall, Expression, Node, Template};

/// The most walks. Few templates need more than two.
const MAX_WALKS: usize = 30;
/// The most statements, expressions and values that are visited for one template, with everything that it reaches.
const MAX_STEPS: usize = 500_000;
/// How deep includes and components can call each other.
const MAX_DEPTH: usize = 50;

/// Looks up templates and components.
pub(in crate::templates) trait Definitions {
    /// Returns the template of an `extends` or `include`, and the name that Tera knows it by.
    fn template(&self, name: &str) -> Lookup<'_, Template>;

    /// Returns the component of a name, and the name of the template that defines it.
    fn component(&self, name: &str) -> Lookup<'_, Component>;
}

/// The result of a lookup.
pub(in crate::templates) enum Lookup<'a, T> {
    /// The name is unknown.
    Missing,
    /// The definition uses syntax that the parser does not support.
    Unsupported,
    /// The definition.
    Found(&'a str, &'a T),
}

/// Returns what a template can read, and the names of all templates that it reaches. None if that cannot be determined;
/// then it can be everything.
pub(in crate::templates) fn analyse<'a>(
    template: &'a Template,
    definitions: &'a dyn Definitions,
) -> Option<(Reads, BTreeSet<&'a str>)> {
    let mut analysis = Analysis::new(definitions);
    for _ in 0..MAX_WALKS {
        let size = analysis.size();
        analysis.walk(template);
        if analysis.has_given_up {
            return None;
        }
        if analysis.size() == size {
            return Some(analysis.finish());
        }
    }
    None
}

/// The bodies of a template's blocks by their names, including those of the templates that extend it.
type Blocks<'a> = BTreeMap<&'a str, Vec<&'a [Node]>>;

struct Analysis<'a> {
    definitions: &'a dyn Definitions,
    /// The names of the templates that were reached.
    reached_templates: BTreeSet<&'a str>,
    site_values: SiteValues,
    scopes: Scopes,
    /// The variables that the template gets.
    variables: BTreeMap<String, SiteValueId>,
    /// The calls of functions, by their source.
    calls: BTreeMap<String, (Call, SiteValueId)>,
    /// The blocks of the templates that are being walked, the innermost last, each with the names of the visited ones.
    blocks: Vec<(Blocks<'a>, BTreeSet<&'a str>)>,
    /// The blocks that are being walked.
    open_blocks: Vec<&'a [Node]>,
    /// The components that are being walked, with the scopes of their bodies.
    open_components: Vec<(&'a str, ScopeId)>,
    depth: usize,
    steps: usize,
    /// Whether the analysis was given up.
    has_given_up: bool,
}

impl<'a> Analysis<'a> {
    fn new(definitions: &'a dyn Definitions) -> Self {
        Self {
            definitions,
            reached_templates: BTreeSet::new(),
            site_values: SiteValues::default(),
            scopes: Scopes::default(),
            variables: BTreeMap::new(),
            calls: BTreeMap::new(),
            blocks: Vec::new(),
            open_blocks: Vec::new(),
            open_components: Vec::new(),
            depth: 0,
            steps: 0,
            has_given_up: false,
        }
    }

    fn walk(&mut self, template: &'a Template) {
        self.scopes.rewind();
        let scope = self.scopes.open(Scope::default());
        self.template(template, scope);
    }

    /// Returns a number that grows with everything that is found.
    fn size(&self) -> usize {
        self.site_values.size() + self.scopes.size() + self.variables.len() + self.calls.len()
    }

    fn finish(self) -> (Reads, BTreeSet<&'a str>) {
        let Self { site_values: sources, variables, calls, reached_templates, .. } = self;
        let variables = variables.into_iter().map(|(name, source)| (name, sources.access(source))).collect();
        let calls = calls.into_values().map(|(call, source)| Call { result: sources.access(source), ..call }).collect();
        (Reads { is_unknown: false, variables, calls }, reached_templates)
    }

    /// Returns the definition that a lookup found, and records its template.
    fn resolve<T>(&mut self, lookup: Lookup<'a, T>) -> Option<&'a T> {
        match lookup {
            Lookup::Missing => None,
            Lookup::Unsupported => {
                self.has_given_up = true;
                None
            }
            Lookup::Found(name, it) => {
                self.reached_templates.insert(name);
                Some(it)
            }
        }
    }

    fn find_template(&mut self, name: &str) -> Option<&'a Template> {
        let lookup = self.definitions.template(name);
        self.resolve(lookup)
    }

    /// Counts steps. Gives the analysis up after too many.
    fn step(&mut self, steps: usize) {
        self.steps += steps;
        self.has_given_up |= self.steps > MAX_STEPS;
    }

    /// Walks a template and those that it extends, the outermost first.
    fn template(&mut self, template: &'a Template, scope: ScopeId) {
        if self.depth == MAX_DEPTH {
            self.has_given_up = true;
        }
        if self.has_given_up {
            return;
        }
        let mut blocks = Blocks::new();
        let mut outermost = template;
        collect_blocks(&outermost.nodes, &mut blocks);
        for _ in 0..MAX_DEPTH {
            let Some(name) = &outermost.extends else { break };
            let Some(parent) = self.find_template(name) else { break };
            outermost = parent;
            collect_blocks(&outermost.nodes, &mut blocks);
        }
        self.depth += 1;
        self.blocks.push((blocks.clone(), BTreeSet::new()));
        self.nodes(&outermost.nodes, scope);
        // No parent template renders the other blocks, as far as the analysis knows.
        for name in blocks.keys() {
            if self.blocks.last().is_some_and(|(_, visited)| !visited.contains(name)) {
                self.block(name, scope);
            }
        }
        self.blocks.pop();
        self.depth -= 1;
    }

    fn nodes(&mut self, nodes: &'a [Node], scope: ScopeId) {
        for node in nodes {
            self.step(1);
            if self.has_given_up {
                return;
            }
            self.node(node, scope);
        }
    }

    fn node(&mut self, node: &'a Node, scope: ScopeId) {
        match node {
            Node::Print(expression) => self.read_whole(expression, scope),
            Node::Set { name, value, is_global } => {
                let result = self.evaluate(value, scope);
                let result = self.site_values.limit_depth(result);
                self.scopes.assign(scope, name, &result, *is_global);
            }
            Node::Capture { name, arguments, body } => {
                arguments.iter().for_each(|argument| self.read_whole(argument, scope));
                self.nodes(body, scope);
                if let Some(name) = name {
                    self.scopes.assign(scope, name, &AbstractValue::default(), false);
                }
            }
            Node::For { key, value, list, body, otherwise } => {
                let inner = self.loop_scope(key.as_deref(), value, list, scope);
                self.nodes(body, inner);
                self.nodes(otherwise, scope);
            }
            Node::If { condition, then, otherwise } => {
                self.evaluate(condition, scope);
                self.nodes(then, scope);
                self.nodes(otherwise, scope);
            }
            Node::Include(name) => {
                if let Some(template) = self.find_template(name) {
                    let inner = self.scopes.open(Scope { outer: Some(scope), ..Scope::default() });
                    self.template(template, inner);
                }
            }
            Node::Block { name, .. } => self.block(name, scope),
        }
    }

    fn block(&mut self, name: &'a str, scope: ScopeId) {
        let Some((blocks, visited)) = self.blocks.last_mut() else { return };
        visited.insert(name);
        for body in blocks.get(name).cloned().unwrap_or_default() {
            if !self.open_blocks.iter().any(|open| std::ptr::eq(*open, body)) {
                self.open_blocks.push(body);
                self.nodes(body, scope);
                self.open_blocks.pop();
            }
        }
    }
}

fn collect_blocks<'a>(nodes: &'a [Node], blocks: &mut Blocks<'a>) {
    for node in nodes {
        match node {
            Node::Block { name, body } => {
                blocks.entry(name).or_default().push(body);
                collect_blocks(body, blocks);
            }
            Node::If { then, otherwise, .. } => {
                collect_blocks(then, blocks);
                collect_blocks(otherwise, blocks);
            }
            Node::Capture { body, .. } => collect_blocks(body, blocks),
            Node::For { body, otherwise, .. } => {
                collect_blocks(body, blocks);
                collect_blocks(otherwise, blocks);
            }
            Node::Print(Expression::Component(ComponentCall { body, .. })) => collect_blocks(body, blocks),
            Node::Print(_) | Node::Set { .. } | Node::Include(_) => {}
        }
    }
}
