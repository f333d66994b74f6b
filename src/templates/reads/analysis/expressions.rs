//! The values of expressions.

use std::collections::BTreeMap;

use super::Analysis;
use crate::templates::reads::access::FORMATTED;
use crate::templates::reads::scope::{AbstractValue, Scope, ScopeId};
use crate::templates::reads::{Access, Call};
use crate::templates::syntax::ast::{Expression, Item};

impl<'a> Analysis<'a> {
    /// Opens the scope of a loop's body, with the loop's variables.
    pub(super) fn loop_scope(
        &mut self,
        key: Option<&str>,
        value: &str,
        list: &'a Expression,
        scope: ScopeId,
    ) -> ScopeId {
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

    pub(super) fn read_whole(&mut self, expression: &'a Expression, scope: ScopeId) {
        let result = self.evaluate(expression, scope);
        self.site_values.read_whole(&result);
    }

    /// Returns the abstract value of an expression. Records what is read on the way.
    pub(super) fn evaluate(&mut self, expression: &'a Expression, scope: ScopeId) -> AbstractValue {
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

    pub(super) fn variable(&mut self, name: &str, scope: ScopeId, is_implicit: bool) -> AbstractValue {
        // This variable contains all others.
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
            let call = Call { function: function.to_owned(), literals: literals.clone(), result: Access::default() };
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
            "date" => {
                let formatted = self.site_values.part_of(&input, Some(FORMATTED));
                self.site_values.read_whole(&formatted);
                AbstractValue::default()
            }
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

    /// Records that the value at a path, such as `extra.weight`, is used as a whole.
    fn read_path(&mut self, mut of: AbstractValue, path: &str) {
        for field in path.split('.') {
            let is_number = field.bytes().all(|byte| byte.is_ascii_digit());
            of = self.site_values.part_of(&of, (!is_number).then_some(field));
        }
        self.site_values.read_whole(&of);
    }
}

/// The tests that check only the type of a value, or numbers.
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
