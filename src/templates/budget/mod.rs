//! The budget of a text: how much work its template syntax may do.
//!
//! Tera never stops before the end of a template. So texts, and the templates that they call, are rendered by a
//! separate Tera in instrumented form: wherever the amount of work depends on values, a call counts it beforehand
//! ([`instrument`]). The budget does not use a clock, so a text that was rendered once is always rendered. Pages
//! themselves are rendered by the other Tera from the original templates, at no extra cost.

mod calls;
mod instrument;

use std::cell::RefCell;
use std::io::{self, Write};

use regex::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use tera::{Error, TeraResult, Value};

pub(super) use calls::register;
pub(super) use instrument::{InstrumentedTemplate, uses_reserved_name};

/// How much work one text may do. A unit is about a byte that is written or copied, or a few nanoseconds.
const LIMIT: u64 = 256 << 20;

/// The most bytes that a text may render to.
const MAX_OUTPUT: usize = 16 << 20;

/// How deep arrays and maps may be nested. Functions that read values recurse into each level.
const MAX_DEPTH: usize = 200;

/// The cost of compiling a regular expression, once for each render. It can take megabytes.
const REGEX_COST: u64 = 4 << 20;

/// The most bytes that a compiled regular expression may take.
const MAX_REGEX: usize = 2 << 20;

/// The limit that a text has exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BudgetLimit {
    Work,
    Depth,
    Output,
}

impl BudgetLimit {
    pub(super) fn message(self) -> String {
        match self {
            Self::Work => "the work that one text may do is used up here".to_owned(),
            Self::Depth => format!("this value is nested more than {MAX_DEPTH} levels deep"),
            Self::Output => format!("the template syntax of this text writes more than {} MB", MAX_OUTPUT >> 20),
        }
    }

    pub(super) fn help(self) -> String {
        match self {
            Self::Work => format!(
                "a text may do {} MB of work: what it makes, compares and writes counts with its size, and so does the body \
                 of a loop for each item; make smaller values, repeat less, or do this in a template of the site, which \
                 has no limit",
                LIMIT >> 20
            ),
            Self::Depth => "put the values beside each other in one list, and not each into the next".to_owned(),
            Self::Output => "write less, or several pages".to_owned(),
        }
    }
}

/// The rest of a render's budget.
struct Budget {
    left: u64,
    excess: Option<BudgetLimit>,
    regexes: FxHashMap<String, Regex>,
}

thread_local! {
    /// The budget of the text that this thread renders.
    static CURRENT: RefCell<Option<Budget>> = const { RefCell::new(None) };
}

/// Renders a text with its own budget. Also returns the limit that the text has exceeded, if any.
pub(super) fn with_fresh_budget<T>(render: impl FnOnce() -> T) -> (T, Option<BudgetLimit>) {
    /// Restores the budget of the text around this one, even after a panic.
    struct BudgetGuard(Option<Budget>);
    impl Drop for BudgetGuard {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let budget = Budget { left: LIMIT, excess: None, regexes: FxHashMap::default() };
    let _outer = BudgetGuard(CURRENT.replace(Some(budget)));
    let rendered = render();
    (rendered, CURRENT.with_borrow(|budget| budget.as_ref()?.excess))
}

/// Calls a function with the budget of this render. Without a budget there is no limit.
fn with_current_budget<T: Default>(act: impl FnOnce(&mut Budget) -> TeraResult<T>) -> TeraResult<T> {
    CURRENT.with_borrow_mut(|budget| budget.as_mut().map_or_else(|| Ok(T::default()), act))
}

/// Takes work from the budget.
fn spend(work: u64) -> TeraResult<()> {
    with_current_budget(|budget| budget.spend(work))
}

/// Takes `per_node` units for each node of a value and one for each byte of its texts, `times` times. Shared parts
/// count each time they occur, as they do for code that writes or compares the value.
fn spend_for_value(value: &Value, per_node: u64, times: u64) -> TeraResult<()> {
    with_current_budget(|budget| {
        let before = budget.left;
        budget.walk(value, per_node, 0)?;
        budget.spend((before - budget.left).saturating_mul(times.saturating_sub(1)))
    })
}

impl Budget {
    fn spend(&mut self, work: u64) -> TeraResult<()> {
        match self.left.checked_sub(work) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.exceed(BudgetLimit::Work)),
        }
    }

    fn exceed(&mut self, excess: BudgetLimit) -> Error {
        (self.left, self.excess) = (0, Some(excess));
        Error::message(excess.message())
    }

    fn walk(&mut self, value: &Value, per_node: u64, depth: usize) -> TeraResult<()> {
        if depth > MAX_DEPTH {
            return Err(self.exceed(BudgetLimit::Depth));
        }
        let texts = value.as_str().map_or(0, str::len) + value.as_bytes().map_or(0, <[u8]>::len);
        self.spend(per_node + texts as u64)?;
        for item in value.as_array().unwrap_or_default() {
            self.walk(item, per_node, depth + 1)?;
        }
        for (key, value) in value.as_map().into_iter().flatten() {
            self.spend(key.as_str().map_or(per_node, |key| key.len() as u64))?;
            self.walk(value, per_node, depth + 1)?;
        }
        Ok(())
    }

    /// Returns a regular expression, which is compiled once for each render.
    fn regex(&mut self, pattern: &str) -> TeraResult<Regex> {
        if let Some(regex) = self.regexes.get(pattern) {
            return Ok(regex.clone());
        }
        self.spend(REGEX_COST)?;
        let regex = RegexBuilder::new(pattern).size_limit(MAX_REGEX).build().map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => self.exceed(BudgetLimit::Work),
            error => Error::message(format!("Invalid regex: {error}")),
        })?;
        self.regexes.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    }
}

/// The output of a text, up to the limit.
#[derive(Default)]
pub(super) struct LimitedOutput(Vec<u8>);

impl LimitedOutput {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl Write for LimitedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            let exceeded = with_current_budget(|budget| Err::<(), _>(budget.exceed(BudgetLimit::Output)));
            return exceeded.map(|()| 0).map_err(|error| io::Error::other(error.to_string()));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
