//! Calls of components.

use std::collections::BTreeMap;

use super::{Analysis, MAX_DEPTH};
use crate::templates::reads::scope::{AbstractValue, Scope, ScopeId};
use crate::templates::syntax::ast::{ComponentCall, Item};

impl<'a> Analysis<'a> {
    pub(super) fn component(&mut self, call: &'a ComponentCall, scope: ScopeId) {
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
            // The component is being walked already. The next walk sees the new bindings.
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
