//! What a template can read, determined from its source before it is rendered.
//!
//! A list reads many pages, but mostly their titles. [`analysis`] follows every variable of a template, through loops,
//! assignments, includes, blocks, filters and components, and records which of its fields are read. So an output
//! depends only on what its template reads, and gets nothing else. If something cannot be determined, the analysis
//! assumes more, never less.

mod access;
mod analysis;
mod scope;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tera::{Kwargs, Value};

pub use access::{Access, NOTHING, WHOLE};
pub(super) use analysis::{Definitions, Lookup, analyse};

/// What a template can read.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// Whether nothing is known, so that it may read everything.
    pub is_unknown: bool,
    /// The variables that it gets.
    variables: BTreeMap<String, Access>,
    calls: Vec<Call>,
}

/// The call of a function, and what is read of its result.
#[derive(Clone, Debug)]
struct Call {
    function: String,
    /// The arguments with literal values.
    literals: BTreeMap<String, Value>,
    result: Access,
}

impl Reads {
    /// For a template that the parser does not support.
    pub(super) fn unknown() -> Self {
        Self { is_unknown: true, ..Self::default() }
    }

    /// Returns what is read of a variable.
    pub fn variable(&self, name: &str) -> &Access {
        if self.is_unknown { &WHOLE } else { self.variables.get(name).unwrap_or(&NOTHING) }
    }

    /// Returns what is read of the result of a call, for each place in the template where this call can be. Calls of
    /// one function are distinguished by their literal arguments.
    pub fn call(&self, function: &str, arguments: &Kwargs) -> impl Iterator<Item = &Access> {
        let argument =
            |name: &str| arguments.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value);
        let calls = self.calls.iter().filter(move |call| {
            call.function == function && call.literals.iter().all(|(name, value)| argument(name) == Some(value))
        });
        calls.map(|call| &call.result).chain(self.is_unknown.then_some(&WHOLE))
    }
}
