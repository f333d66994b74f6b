//! The variables of a template, and their possible values.

use std::collections::{BTreeMap, BTreeSet};

use super::access::Access;

/// A value that comes from the site, or a part of one.
pub(super) type SiteValueId = usize;

/// The possible values of a variable or expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AbstractValue {
    /// The parts of the site that it can be.
    pub site_values: BTreeSet<SiteValueId>,
    /// The possible items or fields of a list or map that the template itself creates.
    pub items: Option<Box<AbstractValue>>,
}

impl AbstractValue {
    /// Returns the abstract value of a list or map with these items.
    pub fn of_items(items: Self) -> Self {
        if items == Self::default() { items } else { Self { site_values: BTreeSet::new(), items: Some(items.into()) } }
    }

    /// Adds the possible values of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.site_values.extend(&other.site_values);
        if let Some(items) = &other.items {
            self.items.get_or_insert_default().merge(items);
        }
    }

    pub fn union(mut self, other: &Self) -> Self {
        self.merge(other);
        self
    }

    fn depth(&self) -> usize {
        self.items.as_ref().map_or(0, |items| items.depth() + 1)
    }

    /// Returns a number that grows with the possible values.
    pub fn size(&self) -> usize {
        self.site_values.len() + self.items.as_ref().map_or(0, |items| items.size() + 1)
    }
}

/// The depth to which nested lists are distinguished.
const MAX_NESTING: usize = 6;
/// The depth to which nested fields are distinguished.
const MAX_PATH: usize = 12;

/// Values of the site, each with what is read of it.
#[derive(Debug, Default)]
pub(super) struct SiteValues(Vec<SiteValue>);

#[derive(Debug, Default)]
struct SiteValue {
    is_whole: bool,
    fields: BTreeMap<String, SiteValueId>,
    items: Option<SiteValueId>,
    depth: usize,
}

impl SiteValues {
    /// Returns a number that grows with everything that is found.
    pub fn size(&self) -> usize {
        self.0.len() + self.0.iter().filter(|source| source.is_whole).count()
    }

    /// Adds a value.
    pub fn add(&mut self) -> SiteValueId {
        self.add_at(0)
    }

    fn add_at(&mut self, depth: usize) -> SiteValueId {
        self.0.push(SiteValue { depth, ..SiteValue::default() });
        self.0.len() - 1
    }

    /// Returns the field of a value, or its items if there is no name.
    fn part(&mut self, of: SiteValueId, field: Option<&str>) -> SiteValueId {
        let SiteValue { fields, items, depth, .. } = &self.0[of];
        let known = field.map_or(*items, |field| fields.get(field).copied());
        if let Some(known) = known {
            return known;
        }
        if *depth == MAX_PATH {
            self.0[of].is_whole = true;
            return of;
        }
        let part = self.add_at(depth + 1);
        match field {
            Some(field) => {
                self.0[of].fields.insert(field.to_owned(), part);
            }
            None => self.0[of].items = Some(part),
        }
        part
    }

    /// Returns the possible values of a field; without a name, of the items or of an unknown field.
    pub fn part_of(&mut self, of: &AbstractValue, field: Option<&str>) -> AbstractValue {
        let sources = of.site_values.iter().map(|&source| self.part(source, field)).collect();
        AbstractValue { site_values: sources, items: None }
            .union(of.items.as_deref().unwrap_or(&AbstractValue::default()))
    }

    /// Records that a value is used as a whole.
    pub fn read_whole(&mut self, value: &AbstractValue) {
        for &source in &value.site_values {
            self.0[source].is_whole = true;
        }
        if let Some(items) = &value.items {
            self.read_whole(items);
        }
    }

    /// Limits the depth of a value. Everything below the limit counts as used as a whole.
    pub fn limit_depth(&mut self, mut value: AbstractValue) -> AbstractValue {
        if value.depth() > MAX_NESTING {
            self.read_whole(&value);
            value.items = None;
        }
        value
    }

    /// Returns what is read of a value.
    pub fn access(&self, source: SiteValueId) -> Access {
        let SiteValue { is_whole, fields, items, .. } = &self.0[source];
        Access {
            is_whole: *is_whole,
            fields: fields.iter().map(|(name, &field)| (name.clone(), self.access(field))).collect(),
            items: items.map(|items| self.access(items).into()),
        }
    }
}

/// The index of a scope in [`Scopes`].
pub(super) type ScopeId = usize;

/// A region of a template with its own variables.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// The surrounding scope, where other variables are looked up.
    pub outer: Option<ScopeId>,
    /// For the body of a component, the scopes that call the component.
    pub callers: Vec<ScopeId>,
    /// Whether it belongs to a loop: `set` assigns variables in it, and `set_global` does not.
    pub is_loop: bool,
    /// Variables that hide those of the surrounding scopes.
    pub bindings: BTreeMap<String, AbstractValue>,
    /// Variables that may have been assigned in it.
    pub assignments: BTreeMap<String, AbstractValue>,
}

/// The scopes of a walk through a template. The next walk opens the same scopes in the same order, and finds the
/// results of the previous one.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    scopes: Vec<Scope>,
    next_scope: usize,
}

impl Scopes {
    /// Starts a walk.
    pub fn rewind(&mut self) {
        self.next_scope = 0;
    }

    /// Opens the next scope.
    pub fn open(&mut self, scope: Scope) -> ScopeId {
        let id = self.next_scope;
        self.next_scope += 1;
        if id == self.scopes.len() {
            self.scopes.push(scope);
        }
        id
    }

    /// Adds to the possible values of a variable that hides others of its name.
    pub fn bind(&mut self, scope: ScopeId, name: &str, value: &AbstractValue) {
        self.scopes[scope].bindings.entry(name.to_owned()).or_default().merge(value);
    }

    /// Adds to the possible values of a variable that may have been assigned.
    pub fn assign(&mut self, mut scope: ScopeId, name: &str, value: &AbstractValue, is_global: bool) {
        while let (true, true, Some(outer)) = (is_global, self.scopes[scope].is_loop, self.scopes[scope].outer) {
            scope = outer;
        }
        self.scopes[scope].assignments.entry(name.to_owned()).or_default().merge(value);
    }

    /// Records one more scope that calls the component of a scope.
    pub fn add_caller(&mut self, scope: ScopeId, caller: ScopeId) {
        let callers = &mut self.scopes[scope].callers;
        if !callers.contains(&caller) {
            callers.push(caller);
        }
    }

    /// Returns the possible values of a variable, and whether it can also be one that the template as a whole gets.
    /// With `is_implicit` the scopes of callers are searched as well. A variable without a value does not hide others
    /// from included templates, nor from implicit parameters.
    pub fn look_up(&self, scope: ScopeId, name: &str, is_implicit: bool) -> (AbstractValue, bool) {
        let (mut value, mut is_input) = (AbstractValue::default(), false);
        let (mut open, mut visited) = (vec![(scope, is_implicit)], BTreeSet::new());
        while let Some((id, sees_through)) = open.pop() {
            if !visited.insert((id, sees_through)) {
                continue;
            }
            let scope = &self.scopes[id];
            if let Some(assignment) = scope.assignments.get(name) {
                value.merge(assignment);
            }
            if let Some(binding) = scope.bindings.get(name) {
                value.merge(binding);
                if !sees_through {
                    continue;
                }
            }
            match scope.outer {
                // A scope with a surrounding one belongs to a loop or to an included template.
                Some(outer) => open.push((outer, sees_through || !scope.is_loop)),
                None if scope.callers.is_empty() => is_input = true,
                None if is_implicit => open.extend(scope.callers.iter().map(|&caller| (caller, true))),
                None => {}
            }
        }
        (value, is_input)
    }

    /// Returns a number that grows with everything that is found about variables.
    pub fn size(&self) -> usize {
        let variables = self.scopes.iter().flat_map(|scope| scope.bindings.values().chain(scope.assignments.values()));
        let callers: usize = self.scopes.iter().map(|scope| scope.callers.len()).sum();
        self.scopes.len() + callers + variables.map(|value| value.size() + 1).sum::<usize>()
    }
}
