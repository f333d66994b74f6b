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
    fn template(&self, name: &str) -> DefinitionSource<'_, Template>;

    /// The component of a name, and the name of the template that defines it.
    fn component(&self, name: &str) -> DefinitionSource<'_, Component>;
}

/// What is found under a name.
pub(in crate::templates) enum DefinitionSource<'a, T> {
    /// There is nothing.
    Nothing,
    /// It is there, but is not understood.
    NotUnderstood,
    /// It is there.
    Here(&'a str, &'a T),
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
        if analysis.is_lost {
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
    reached: BTreeSet<&'a str>,
    sources: SiteValues,
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
    is_lost: bool,
}

impl<'a> Analysis<'a> {
    fn new(definitions: &'a dyn Definitions) -> Self {
        Self {
            definitions,
            reached: BTreeSet::new(),
            sources: SiteValues::default(),
            scopes: Scopes::default(),
            variables: BTreeMap::new(),
            calls: BTreeMap::new(),
            blocks: Vec::new(),
            open_blocks: Vec::new(),
            open_components: Vec::new(),
            depth: 0,
            steps: 0,
            is_lost: false,
        }
    }

    fn walk(&mut self, template: &'a Template) {
        self.scopes.rewind();
        let scope = self.scopes.open(Scope::default());
        self.template(template, scope);
    }

    /// A number that grows with everything that becomes known.
    fn size(&self) -> usize {
        self.sources.size() + self.scopes.size() + self.variables.len() + self.calls.len()
    }

    fn finish(self) -> (Reads, BTreeSet<&'a str>) {
        let Self { sources, variables, calls, reached, .. } = self;
        let variables = variables.into_iter().map(|(name, source)| (name, sources.access(source))).collect();
        let calls = calls.into_values().map(|(call, source)| Call { result: sources.access(source), ..call }).collect();
        (Reads { is_unknown: false, variables, calls }, reached)
    }

    /// What is found under a name. That its template is met is noted.
    fn met<T>(&mut self, found: DefinitionSource<'a, T>) -> Option<&'a T> {
        match found {
            DefinitionSource::Nothing => None,
            DefinitionSource::NotUnderstood => {
                self.is_lost = true;
                None
            }
            DefinitionSource::Here(name, it) => {
                self.reached.insert(name);
                Some(it)
            }
        }
    }

    fn find_template(&mut self, name: &str) -> Option<&'a Template> {
        let found = self.definitions.template(name);
        self.met(found)
    }

    /// Counts steps. With too many of them the analysis is given up.
    fn step(&mut self, steps: usize) {
        self.steps += steps;
        self.is_lost |= self.steps > MAX_STEPS;
    }

    /// Walks through a template and those that it extends, the outermost first.
    fn template(&mut self, template: &'a Template, scope: ScopeId) {
        if self.depth == MAX_DEPTH {
            self.is_lost = true;
        }
        if self.is_lost {
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
            if self.blocks.last().is_some_and(|(_, met)| !met.contains(name)) {
                self.block(name, scope);
            }
        }
        self.blocks.pop();
        self.depth -= 1;
    }

    fn nodes(&mut self, nodes: &'a [Node], scope: ScopeId) {
        for node in nodes {
            self.step(1);
            if self.is_lost {
                return;
            }
            self.node(node, scope);
        }
    }

    fn node(&mut self, node: &'a Node, scope: ScopeId) {
        match node {
            Node::Print(expression) => self.use_whole(expression, scope),
            Node::Set { name, value, is_global } => {
                let meaning = self.meaning(value, scope);
                let meaning = self.sources.limited(meaning);
                self.scopes.assign(scope, name, &meaning, *is_global);
            }
            Node::Text { name, arguments, body } => {
                arguments.iter().for_each(|argument| self.use_whole(argument, scope));
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
                self.meaning(condition, scope);
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
        let Some((blocks, met)) = self.blocks.last_mut() else { return };
        met.insert(name);
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
        let list = self.meaning(list, scope);
        let item = self.sources.part_of(&list, None);
        let item = self.sources.limited(item);
        let inner = self.scopes.open(Scope { outer: Some(scope), is_loop: true, ..Scope::default() });
        if let Some(key) = key {
            self.scopes.bind(inner, key, &AbstractValue::default());
        }
        self.scopes.bind(inner, value, &item);
        inner
    }

    fn use_whole(&mut self, expression: &'a Expression, scope: ScopeId) {
        let meaning = self.meaning(expression, scope);
        self.sources.use_whole(&meaning);
    }

    /// What an expression may stand for. What is looked at on the way is noted.
    fn meaning(&mut self, expression: &'a Expression, scope: ScopeId) -> AbstractValue {
        self.step(1);
        if self.is_lost {
            return AbstractValue::default();
        }
        let meaning = match expression {
            Expression::Literal(_) => AbstractValue::default(),
            Expression::Variable(name) => self.variable(name, scope, false),
            Expression::Field(of, name) => {
                let of = self.meaning(of, scope);
                self.sources.part_of(&of, Some(name))
            }
            Expression::Subscript(of, key) => {
                let of = self.meaning(of, scope);
                self.use_whole(key, scope);
                self.sources.part_of(&of, literal_text(key))
            }
            Expression::Slice(of, bounds) => {
                bounds.iter().for_each(|bound| self.use_whole(bound, scope));
                self.meaning(of, scope)
            }
            Expression::Call(function, arguments) => {
                arguments.iter().for_each(|(_, argument)| self.use_whole(argument, scope));
                self.call(function, arguments)
            }
            Expression::Filter(input, name, arguments) => self.filter(input, name, arguments, scope),
            Expression::Test(input, name, arguments) => {
                let input = self.meaning(input, scope);
                if !TESTS_OF_KIND.contains(&name.as_str()) {
                    self.sources.use_whole(&input);
                }
                arguments.iter().for_each(|(_, argument)| self.use_whole(argument, scope));
                AbstractValue::default()
            }
            Expression::Component(call) => {
                self.component(call, scope);
                AbstractValue::default()
            }
            Expression::Array(items) => {
                let mut meaning = AbstractValue::default();
                for item in items {
                    match item {
                        Item::Value(_, value) => meaning.add(&self.meaning(value, scope)),
                        Item::Spread(list) => {
                            let list = self.meaning(list, scope);
                            meaning.add(&self.sources.part_of(&list, None));
                        }
                    }
                }
                AbstractValue::of_items(meaning)
            }
            Expression::Map(items) => {
                let (mut values, mut spread) = (AbstractValue::default(), AbstractValue::default());
                for item in items {
                    match item {
                        Item::Value(_, value) => values.add(&self.meaning(value, scope)),
                        Item::Spread(map) => spread.add(&self.meaning(map, scope)),
                    }
                }
                AbstractValue::of_items(values).or(&spread)
            }
            Expression::Comprehension { item, key, value, list, condition } => {
                let inner = self.loop_scope(key.as_deref(), value, list, scope);
                if let Some(condition) = condition {
                    self.meaning(condition, inner);
                }
                AbstractValue::of_items(self.meaning(item, inner))
            }
            Expression::Either(left, right) => self.meaning(left, scope).or(&self.meaning(right, scope)),
            Expression::Ternary { condition, then, otherwise } => {
                self.meaning(condition, scope);
                self.meaning(then, scope).or(&self.meaning(otherwise, scope))
            }
            Expression::Not(operand) => {
                self.meaning(operand, scope);
                AbstractValue::default()
            }
            Expression::Operation(operands) => {
                operands.iter().for_each(|operand| self.use_whole(operand, scope));
                AbstractValue::default()
            }
        };
        self.step(meaning.size());
        meaning
    }

    fn variable(&mut self, name: &str, scope: ScopeId, is_implicit: bool) -> AbstractValue {
        // It shows everything that there is.
        self.is_lost |= name == "__tera_context";
        let (mut meaning, is_given) = self.scopes.look_up(scope, name, is_implicit);
        if is_given {
            let sources = &mut self.sources;
            meaning.sources.insert(*self.variables.entry(name.to_owned()).or_insert_with(|| sources.add()));
        }
        meaning
    }

    fn call(&mut self, function: &str, arguments: &[(String, Expression)]) -> AbstractValue {
        let literals = arguments.iter().filter_map(|(name, argument)| match argument {
            Expression::Literal(value) => Some((name.clone(), value.clone())),
            _ => None,
        });
        let literals: BTreeMap<_, _> = literals.collect();
        let sources = &mut self.sources;
        let make = || {
            let call = Call { function: function.to_owned(), literals: literals.clone(), result: Default::default() };
            (call, sources.add())
        };
        let (_, source) = self.calls.entry(format!("{function} {literals:?}")).or_insert_with(make);
        AbstractValue { sources: [*source].into(), items: None }
    }

    fn filter(
        &mut self,
        input: &'a Expression,
        name: &str,
        arguments: &'a [(String, Expression)],
        scope: ScopeId,
    ) -> AbstractValue {
        let input = self.meaning(input, scope);
        let argument = |name: &str| arguments.iter().find(|(given, _)| given == name).map(|(_, value)| value);
        let mut fallback = AbstractValue::default();
        for (given, value) in arguments {
            match (name, given.as_str()) {
                ("default", "value") | ("get", "default") => fallback = self.meaning(value, scope),
                _ => self.use_whole(value, scope),
            }
        }
        match name {
            "safe" | "reverse" | "default" => input.or(&fallback),
            "first" | "last" | "nth" => self.sources.part_of(&input, None),
            "get" => self.sources.part_of(&input, argument("key").and_then(literal_text)).or(&fallback),
            "length" => AbstractValue::default(),
            "values" => AbstractValue::of_items(self.sources.part_of(&input, None)),
            "pairs" => AbstractValue::of_items(AbstractValue::of_items(self.sources.part_of(&input, None))),
            "unique" => {
                let items = self.sources.part_of(&input, None);
                self.sources.use_whole(&items);
                input
            }
            "sort" | "group_by" => {
                let items = self.sources.part_of(&input, None);
                match argument("attribute").map(literal_text) {
                    Some(Some(path)) => self.use_path(items, path),
                    None => self.sources.use_whole(&items),
                    Some(None) => self.sources.use_whole(&input),
                }
                if name == "group_by" { AbstractValue::of_items(input) } else { input }
            }
            _ => {
                self.sources.use_whole(&input);
                AbstractValue::default()
            }
        }
    }

    /// Notes that what lies at a path, such as `extra.weight`, is used as a whole.
    fn use_path(&mut self, mut of: AbstractValue, path: &str) {
        for field in path.split('.') {
            let is_number = field.bytes().all(|byte| byte.is_ascii_digit());
            of = self.sources.part_of(&of, (!is_number).then_some(field));
        }
        self.sources.use_whole(&of);
    }

    fn component(&mut self, call: &'a ComponentCall, scope: ScopeId) {
        self.nodes(&call.body, scope);
        let (mut given, mut spread) = (BTreeMap::new(), AbstractValue::default());
        for argument in &call.arguments {
            match argument {
                Item::Value(name, value) => {
                    let meaning = self.meaning(value, scope);
                    given.insert(name.as_deref().unwrap_or_default(), self.sources.limited(meaning));
                }
                Item::Spread(map) => spread.add(&self.meaning(map, scope)),
            }
        }
        let found = self.definitions.component(&call.name);
        let Some(component) = self.met(found) else {
            given.values().chain([&spread]).for_each(|meaning| self.sources.use_whole(meaning));
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
            let mut meaning = self.sources.part_of(&spread, Some(name));
            match given.remove(name) {
                Some(given) => meaning.add(&given),
                None if parameter.is_implicit => meaning.add(&self.variable(name, scope, true)),
                None => {}
            }
            self.scopes.bind(inner, name, &meaning);
        }
        self.scopes.bind(inner, "body", &AbstractValue::default());
        if let Some(rest) = &component.rest {
            let mut others = AbstractValue::default();
            given.values().for_each(|meaning| others.add(meaning));
            let others = AbstractValue::of_items(others).or(&spread);
            let others = self.sources.limited(others);
            self.scopes.bind(inner, rest, &others);
        }
        if open.is_some() {
            // It is walked already, with what was just bound from the next walk on.
            return;
        }
        if self.depth == MAX_DEPTH {
            self.is_lost = true;
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
const TESTS_OF_KIND: [&str; 14] = [
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
            Node::Text { body, .. } => collect_blocks(body, blocks),
            Node::For { body, otherwise, .. } => {
                collect_blocks(body, blocks);
                collect_blocks(otherwise, blocks);
            }
            Node::Print(Expression::Component(ComponentCall { body, .. })) => collect_blocks(body, blocks),
            Node::Print(_) | Node::Set { .. } | Node::Include(_) => {}
        }
    }
}
