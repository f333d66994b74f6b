//! The places where a template begins work whose amount does not follow from its text.

use std::ops::Range;

use super::ast::{Expression, Item};

/// A place where a template begins work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::templates) struct WorkPlace {
    pub work: Work,
    /// The expression whose value determines the amount of work; empty if there is none.
    pub span: Range<usize>,
    /// The span for an error message.
    pub error_span: Range<usize>,
    /// Whether a filter after the expression would apply to only a part of it.
    pub needs_brackets: bool,
}

/// The work that a template begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::templates) enum Work {
    /// A template, block or component of `length` bytes begins here. A component can collect arguments in the variable
    /// `rest`. `trims` says whether the tag before it trims the white space after it.
    Enter { length: usize, rest: Option<String>, trims: bool },
    /// A loop with a body of this many bytes iterates over the value.
    Repeat(usize),
    /// The whole value is read: it is printed, compared or passed on as text.
    Read,
    /// The value is a new array or map.
    Create,
    /// The items of the value are copied.
    Copy,
    /// A slice of the value of the expression at these bytes; the span is one of its bounds.
    Slice(Range<usize>),
    /// The value goes through a filter. With an empty span it is the text of a section, and the filter's name follows.
    Filter(String),
    /// The value is tested.
    Test(String),
    /// The value is the result of a function.
    Call(String),
}

/// Whether Tera evaluates an expression when it compiles the template.
pub(super) fn is_constant(expression: &Expression) -> bool {
    match expression {
        Expression::Literal(_) => true,
        Expression::Array(items) | Expression::Map(items) => {
            items.iter().all(|item| matches!(item, Item::Value(_, value) if is_constant(value)))
        }
        _ => false,
    }
}

/// Whether a filter after an expression would apply to only a part of it.
pub(super) fn needs_brackets(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::Test(..)
            | Expression::Logical(..)
            | Expression::Ternary { .. }
            | Expression::Not(_)
            | Expression::Operation(_)
    )
}
