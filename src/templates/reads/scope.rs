//! The variables of a template, and what they may stand for.

use std::collections::{BTreeMap, BTreeSet};

use super::access::Access;

/// A value that comes from the site, or a part of one.
pub(super) type SiteValueId = usize;

/// What a variable or expression may stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AbstractValue {
    /// The parts of the site that it may be.
    pub site_values: BTreeSet<SiteValueId>,
    /// What its items or fields may be, where it is a list or map that the template itself has made.
    pub items: Option<Box<AbstractValue>>,
}

impl AbstractValue {
    /// That of a list or map that the template makes of some values.
    pub fn of_items(items: Self) -> Self {
        if items == Self::default() { items } else { Self { site_values: BTreeSet::new(), items: Some(items.into()) } }
    }

    /// Makes it stand for what `other` stands for, too.
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

    /// A number that grows with everything that it may stand for.
    pub fn size(&self) -> usize {
        self.site_values.len() + self.items.as_ref().map_or(0, |items| items.size() + 1)
    }
}

/// Lists in lists are told apart up to this depth.
const MAX_NESTING: usize = 6;
/// Fields of fields are told apart up to this depth.
const MAX_PATH: usize = 12;

/// Values of the site, each with what is looked at in it.
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
    /// A number that grows with everything that becomes known of them.
    pub fn size(&self) -> usize {
        self.0.len() + self.0.iter().filter(|source| source.is_whole).count()
    }

    /// A new one.
    pub fn add(&mut self) -> SiteValueId {
        self.add_at(0)
    }

    fn add_at(&mut self, depth: usize) -> SiteValueId {
        self.0.push(SiteValue { depth, ..SiteValue::default() });
        self.0.len() - 1
    }

    /// The field of a value, or its items if no name is given.
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

    /// What the field of a value may stand for; its items, or a field that is not known, if no name is given.
    pub fn part_of(&mut self, of: &AbstractValue, field: Option<&str>) -> AbstractValue {
        let sources = of.site_values.iter().map(|&source| self.part(source, field)).collect();
        AbstractValue { site_values: sources, items: None }
            .union(of.items.as_deref().unwrap_or(&AbstractValue::default()))
    }

    /// Notes that a value is used as a whole.
    pub fn read_whole(&mut self, value: &AbstractValue) {
        for &source in &value.site_values {
            self.0[source].is_whole = true;
        }
        if let Some(items) = &value.items {
            self.read_whole(items);
        }
    }

    /// The same meaning, but of limited depth. What is cut off is used as a whole.
    pub fn limit_depth(&mut self, mut value: AbstractValue) -> AbstractValue {
        if value.depth() > MAX_NESTING {
            self.read_whole(&value);
            value.items = None;
        }
        value
    }

    /// What is looked at in a value.
    pub fn access(&self, source: SiteValueId) -> Access {
        let SiteValue { is_whole, fields, items, .. } = &self.0[source];
        Access {
            is_whole: *is_whole,
            fields: fields.iter().map(|(name, &field)| (name.clone(), self.access(field))).collect(),
            items: items.map(|items| self.access(items).into()),
        }
    }
}

/// A scope's place in [`Scopes`].
pub(super) type ScopeId = usize;

/// A region of a template in which variables are known.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// The scope around it, where what is not found here is looked up.
    pub outer: Option<ScopeId>,
    /// The scopes that the component is called in whose body this is.
    pub callers: Vec<ScopeId>,
    /// Whether it belongs to a loop: `set` makes variables in it, and `set_global` does not.
    pub is_loop: bool,
    /// Variables that hide those of the scopes around it.
    pub bindings: BTreeMap<String, AbstractValue>,
    /// Variables that may have been assigned in it.
    pub assignments: BTreeMap<String, AbstractValue>,
}

/// The scopes of a walk through a template. The next walk opens the same ones in the same order, and finds what the one
/// before has learnt.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    scopes: Vec<Scope>,
    next_scope: usize,
}

impl Scopes {
    /// Begins a walk.
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

    /// Adds to what a variable may stand for that hides others of its name.
    pub fn bind(&mut self, scope: ScopeId, name: &str, value: &AbstractValue) {
        self.scopes[scope].bindings.entry(name.to_owned()).or_default().merge(value);
    }

    /// Adds to what a variable may stand for that may have been assigned.
    pub fn assign(&mut self, mut scope: ScopeId, name: &str, value: &AbstractValue, is_global: bool) {
        while let (true, true, Some(outer)) = (is_global, self.scopes[scope].is_loop, self.scopes[scope].outer) {
            scope = outer;
        }
        self.scopes[scope].assignments.entry(name.to_owned()).or_default().merge(value);
    }

    /// Notes one more place where the component is called whose body a scope is.
    pub fn add_caller(&mut self, scope: ScopeId, caller: ScopeId) {
        let callers = &mut self.scopes[scope].callers;
        if !callers.contains(&caller) {
            callers.push(caller);
        }
    }

    /// What a variable may stand for, and whether it may also be one that the template as a whole is given. Where
    /// `is_implicit`, it is looked for in the scopes of callers as well. A variable without a value does not hide others from
    /// included templates, nor from implicit parameters.
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
                // A scope with another one around it belongs to a loop or to an included template.
                Some(outer) => open.push((outer, sees_through || !scope.is_loop)),
                None if scope.callers.is_empty() => is_input = true,
                None if is_implicit => open.extend(scope.callers.iter().map(|&caller| (caller, true))),
                None => {}
            }
        }
        (value, is_input)
    }

    /// A number that grows with everything that becomes known of variables.
    pub fn size(&self) -> usize {
        let variables = self.scopes.iter().flat_map(|scope| scope.bindings.values().chain(scope.assignments.values()));
        let callers: usize = self.scopes.iter().map(|scope| scope.callers.len()).sum();
        self.scopes.len() + callers + variables.map(|value| value.size() + 1).sum::<usize>()
    }
}
