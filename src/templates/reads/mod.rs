//! What a template can look at, found out from its source before it is rendered.
//!
//! A listing reads many pages, but mostly their titles. [`analysis`] follows every variable of a template, through loops,
//! assignments, includes, blocks, filters and components, and notes which fields of it are looked at. So an output depends
//! on what its template looks at and on nothing else, and is given no more. Where something cannot be told beforehand, more
//! is assumed, never less.

mod access;
mod analysis;
mod scope;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tera::{Kwargs, Value};

pub use access::{Access, NOTHING, WHOLE};
pub(super) use analysis::{Definitions, Lookup, analyse};

/// What a template can look at.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// Whether nothing is known, so that it may look at everything.
    pub is_unknown: bool,
    /// The variables that it is given.
    variables: BTreeMap<String, Access>,
    calls: Vec<Call>,
}

/// The call of a function, and what is looked at in its result.
#[derive(Clone, Debug)]
struct Call {
    function: String,
    /// The arguments that are written as they are.
    literals: BTreeMap<String, Value>,
    result: Access,
}

impl Reads {
    /// What is known of a template that is not understood.
    pub(super) fn unknown() -> Self {
        Self { is_unknown: true, ..Self::default() }
    }

    /// What is looked at in a variable.
    pub fn variable(&self, name: &str) -> &Access {
        if self.is_unknown { &WHOLE } else { self.variables.get(name).unwrap_or(&NOTHING) }
    }

    /// What is looked at in the result of a call, for each place in the template where this call may stand. Calls of one
    /// function are told apart by those arguments that are written as they are.
    pub fn call(&self, function: &str, arguments: &Kwargs) -> impl Iterator<Item = &Access> {
        let argument =
            |name: &str| arguments.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value);
        let calls = self.calls.iter().filter(move |call| {
            call.function == function && call.literals.iter().all(|(name, value)| argument(name) == Some(value))
        });
        calls.map(|call| &call.result).chain(self.is_unknown.then_some(&WHOLE))
    }
}
