//! An abstract interpretation of templates.
//!
//! It walks through a template as a rendering would, but with a [`AbstractValue`] in the place of each value: the parts of the
//! site that the value may be. Both branches of a condition are walked, a loop's body once, and an assignment adds to what a
//! variable may stand for. The walk is repeated until it learns nothing new.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::{AbstractValue, Scope, ScopeId, Scopes, SiteValueId, SiteValues};
use super::{Call, Reads};
use crate::templates::syntax::ast::{Component, ComponentCall, Expression, Item, Node, Template};

/// So many walks are made. Few templates take more than two.
const MAX_WALKS: usize = 30;
/// So many statements, expressions and values are looked at for one template, with all that it reaches.
const MAX_STEPS: usize = 500_000;
/// How deep includes and components may call each other.
const MAX_DEPTH: usize = 50;

/// Where templates and components are found.
pub(in crate::templates) trait Definitions {
    /// The template that is extended or included by a name, and the name that Tera knows it by.
    fn template(&self, name: &str) -> Lookup<'_, Template>;

    /// The component of a name, and the name of the template that defines it.
    fn component(&self, name: &str) -> Lookup<'_, Component>;
}

/// What is found under a name.
pub(in crate::templates) enum Lookup<'a, T> {
    /// There is nothing.
    Missing,
    /// It is there, but is not understood.
    Unsupported,
    /// It is there.
    Found(&'a str, &'a T),
}

/// Finds out what a template can look at, and the names of all templates that it reaches. None if that cannot be told: then
/// it may be everything.
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

/// The bodies of a template's blocks by their names, those of templates that extend it among them.
type Blocks<'a> = BTreeMap<&'a str, Vec<&'a [Node]>>;

struct Analysis<'a> {
    definitions: &'a dyn Definitions,
    /// The names of the templates that were met.
    reached_templates: BTreeSet<&'a str>,
    site_values: SiteValues,
    scopes: Scopes,
    /// The variables that the template is given.
    variables: BTreeMap<String, SiteValueId>,
    /// The calls of functions, by what is written of them.
    calls: BTreeMap<String, (Call, SiteValueId)>,
    /// The blocks of the templates that are walked, the innermost last, with those that were met.
    blocks: Vec<(Blocks<'a>, BTreeSet<&'a str>)>,
    /// The blocks that are walked.
    open_blocks: Vec<&'a [Node]>,
    /// The components that are walked, with the scopes of their bodies.
    open_components: Vec<(&'a str, ScopeId)>,
    depth: usize,
    steps: usize,
    /// Whether there is no hope to know what the template looks at.
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

    /// A number that grows with everything that becomes known.
    fn size(&self) -> usize {
        self.site_values.size() + self.scopes.size() + self.variables.len() + self.calls.len()
    }

    fn finish(self) -> (Reads, BTreeSet<&'a str>) {
        let Self { site_values: sources, variables, calls, reached_templates, .. } = self;
        let variables = variables.into_iter().map(|(name, source)| (name, sources.access(source))).collect();
        let calls = calls.into_values().map(|(call, source)| Call { result: sources.access(source), ..call }).collect();
        (Reads { is_unknown: false, variables, calls }, reached_templates)
    }

    /// What is found under a name. That its template is met is noted.
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

    /// Counts steps. With too many of them the analysis is given up.
    fn step(&mut self, steps: usize) {
        self.steps += steps;
        self.has_given_up |= self.steps > MAX_STEPS;
    }

    /// Walks through a template and those that it extends, the outermost first.
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
        // Blocks that no template around them has are never rendered, as far as we know.
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

    /// The scope of a loop's body, with the loop's variables.
    fn loop_scope(&mut self, key: Option<&str>, value: &str, list: &'a Expression, scope: ScopeId) -> ScopeId {
        let list = self.evaluate(list, scope);
        let item = self.site_values.part_of(&list, None);
        let item = self.site_values.limit_depth(item);
        let inner = self.scopes.open(Scope { outer: Some(scope), is_loop: true, ..Scope::default() });
        if let Some(key) = key {
            self.scopes.bind(inner, key, &AbstractValue::default());
        }
        self.scopes.bind(inner, value, &item);
        inner
    }

    fn read_whole(&mut self, expression: &'a Expression, scope: ScopeId) {
        let result = self.evaluate(expression, scope);
        self.site_values.read_whole(&result);
    }

    /// What an expression may stand for. What is looked at on the way is noted.
    fn evaluate(&mut self, expression: &'a Expression, scope: ScopeId) -> AbstractValue {
        self.step(1);
        if self.has_given_up {
            return AbstractValue::default();
        }
        let result = match expression {
            Expression::Literal(_) => AbstractValue::default(),
            Expression::Variable(name) => self.variable(name, scope, false),
            Expression::Field(of, name) => {
                let of = self.evaluate(of, scope);
                self.site_values.part_of(&of, Some(name))
            }
            Expression::Subscript(of, key) => {
                let of = self.evaluate(of, scope);
                self.read_whole(key, scope);
                self.site_values.part_of(&of, literal_text(key))
            }
            Expression::Slice(of, bounds) => {
                bounds.iter().for_each(|bound| self.read_whole(bound, scope));
                self.evaluate(of, scope)
            }
            Expression::Call(function, arguments) => {
                arguments.iter().for_each(|(_, argument)| self.read_whole(argument, scope));
                self.call(function, arguments)
            }
            Expression::Filter(input, name, arguments) => self.filter(input, name, arguments, scope),
            Expression::Test(input, name, arguments) => {
                let input = self.evaluate(input, scope);
                if !TYPE_TESTS.contains(&name.as_str()) {
                    self.site_values.read_whole(&input);
                }
                arguments.iter().for_each(|(_, argument)| self.read_whole(argument, scope));
                AbstractValue::default()
            }
            Expression::Component(call) => {
                self.component(call, scope);
                AbstractValue::default()
            }
            Expression::Array(items) => {
                let mut result = AbstractValue::default();
                for item in items {
                    match item {
                        Item::Value(_, value) => result.merge(&self.evaluate(value, scope)),
                        Item::Spread(list) => {
                            let list = self.evaluate(list, scope);
                            result.merge(&self.site_values.part_of(&list, None));
                        }
                    }
                }
                AbstractValue::of_items(result)
            }
            Expression::Map(items) => {
                let (mut values, mut spread) = (AbstractValue::default(), AbstractValue::default());
                for item in items {
                    match item {
                        Item::Value(_, value) => values.merge(&self.evaluate(value, scope)),
                        Item::Spread(map) => spread.merge(&self.evaluate(map, scope)),
                    }
                }
                AbstractValue::of_items(values).union(&spread)
            }
            Expression::Comprehension { item, key, value, list, condition } => {
                let inner = self.loop_scope(key.as_deref(), value, list, scope);
                if let Some(condition) = condition {
                    self.evaluate(condition, inner);
                }
                AbstractValue::of_items(self.evaluate(item, inner))
            }
            Expression::Logical(left, right) => self.evaluate(left, scope).union(&self.evaluate(right, scope)),
            Expression::Ternary { condition, then, otherwise } => {
                self.evaluate(condition, scope);
                self.evaluate(then, scope).union(&self.evaluate(otherwise, scope))
            }
            Expression::Not(operand) => {
                self.evaluate(operand, scope);
                AbstractValue::default()
            }
            Expression::Operation(operands) => {
                operands.iter().for_each(|operand| self.read_whole(operand, scope));
                AbstractValue::default()
            }
        };
        self.step(result.size());
        result
    }

    fn variable(&mut self, name: &str, scope: ScopeId, is_implicit: bool) -> AbstractValue {
        // It shows everything that there is.
        self.has_given_up |= name == "__tera_context";
        let (mut result, is_given) = self.scopes.look_up(scope, name, is_implicit);
        if is_given {
            let sources = &mut self.site_values;
            result.site_values.insert(*self.variables.entry(name.to_owned()).or_insert_with(|| sources.add()));
        }
        result
    }

    fn call(&mut self, function: &str, arguments: &[(String, Expression)]) -> AbstractValue {
        let literals = arguments.iter().filter_map(|(name, argument)| match argument {
            Expression::Literal(value) => Some((name.clone(), value.clone())),
            _ => None,
        });
        let literals: BTreeMap<_, _> = literals.collect();
        let sources = &mut self.site_values;
        let make = || {
            let call = Call { function: function.to_owned(), literals: literals.clone(), result: Default::default() };
            (call, sources.add())
        };
        let (_, source) = self.calls.entry(format!("{function} {literals:?}")).or_insert_with(make);
        AbstractValue { site_values: [*source].into(), items: None }
    }

    fn filter(
        &mut self,
        input: &'a Expression,
        name: &str,
        arguments: &'a [(String, Expression)],
        scope: ScopeId,
    ) -> AbstractValue {
        let input = self.evaluate(input, scope);
        let argument = |name: &str| arguments.iter().find(|(given, _)| given == name).map(|(_, value)| value);
        let mut fallback = AbstractValue::default();
        for (given, value) in arguments {
            match (name, given.as_str()) {
                ("default", "value") | ("get", "default") => fallback = self.evaluate(value, scope),
                _ => self.read_whole(value, scope),
            }
        }
        match name {
            "safe" | "reverse" | "default" => input.union(&fallback),
            "first" | "last" | "nth" => self.site_values.part_of(&input, None),
            "get" => self.site_values.part_of(&input, argument("key").and_then(literal_text)).union(&fallback),
            "length" => AbstractValue::default(),
            "values" => AbstractValue::of_items(self.site_values.part_of(&input, None)),
            "pairs" => AbstractValue::of_items(AbstractValue::of_items(self.site_values.part_of(&input, None))),
            "unique" => {
                let items = self.site_values.part_of(&input, None);
                self.site_values.read_whole(&items);
                input
            }
            "sort" | "group_by" => {
                let items = self.site_values.part_of(&input, None);
                match argument("attribute").map(literal_text) {
                    Some(Some(path)) => self.read_path(items, path),
                    None => self.site_values.read_whole(&items),
                    Some(None) => self.site_values.read_whole(&input),
                }
                if name == "group_by" { AbstractValue::of_items(input) } else { input }
            }
            _ => {
                self.site_values.read_whole(&input);
                AbstractValue::default()
            }
        }
    }

    /// Notes that what lies at a path, such as `extra.weight`, is used as a whole.
    fn read_path(&mut self, mut of: AbstractValue, path: &str) {
        for field in path.split('.') {
            let is_number = field.bytes().all(|byte| byte.is_ascii_digit());
            of = self.site_values.part_of(&of, (!is_number).then_some(field));
        }
        self.site_values.read_whole(&of);
    }

    fn component(&mut self, call: &'a ComponentCall, scope: ScopeId) {
        self.nodes(&call.body, scope);
        let (mut given, mut spread) = (BTreeMap::new(), AbstractValue::default());
        for argument in &call.arguments {
            match argument {
                Item::Value(name, value) => {
                    let result = self.evaluate(value, scope);
                    given.insert(name.as_deref().unwrap_or_default(), self.site_values.limit_depth(result));
                }
                Item::Spread(map) => spread.merge(&self.evaluate(map, scope)),
            }
        }
        let lookup = self.definitions.component(&call.name);
        let Some(component) = self.resolve(lookup) else {
            given.values().chain([&spread]).for_each(|result| self.site_values.read_whole(result));
            return;
        };
        let open = self.open_components.iter().find(|(name, _)| *name == component.name).map(|(_, scope)| *scope);
        let inner = match open {
            Some(inner) => inner,
            None => self.scopes.open(Scope { callers: vec![scope], ..Scope::default() }),
        };
        self.scopes.add_caller(inner, scope);
        for parameter in &component.parameters {
            let name = parameter.name.as_str();
            let mut result = self.site_values.part_of(&spread, Some(name));
            match given.remove(name) {
                Some(given) => result.merge(&given),
                None if parameter.is_implicit => result.merge(&self.variable(name, scope, true)),
                None => {}
            }
            self.scopes.bind(inner, name, &result);
        }
        self.scopes.bind(inner, "body", &AbstractValue::default());
        if let Some(rest) = &component.rest {
            let mut others = AbstractValue::default();
            given.values().for_each(|result| others.merge(result));
            let others = AbstractValue::of_items(others).union(&spread);
            let others = self.site_values.limit_depth(others);
            self.scopes.bind(inner, rest, &others);
        }
        if open.is_some() {
            // It is walked already, with what was just bound from the next walk on.
            return;
        }
        if self.depth == MAX_DEPTH {
            self.has_given_up = true;
            return;
        }
        self.depth += 1;
        self.open_components.push((&component.name, inner));
        self.nodes(&component.body, inner);
        self.open_components.pop();
        self.depth -= 1;
    }
}

/// The tests that ask for the kind of a value only, or for numbers.
const TYPE_TESTS: [&str; 14] = [
    "array",
    "bool",
    "defined",
    "divisible_by",
    "even",
    "float",
    "integer",
    "iterable",
    "map",
    "none",
    "number",
    "odd",
    "string",
    "undefined",
];

fn literal_text(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Literal(value) => value.as_str(),
        _ => None,
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
