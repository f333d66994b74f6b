//! The places of a template where it begins work whose amount cannot be seen in its text.

use std::ops::Range;

use super::ast::{Expression, Item};

/// A place where a template begins work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::templates) struct WorkPlace {
    pub work: Work,
    /// The expression whose value says how much work it is. It is empty where there is none.
    pub span: Range<usize>,
    /// What an error message shows.
    pub error_span: Range<usize>,
    /// Whether a filter that is written behind the expression would get only a part of it.
    pub needs_brackets: bool,
}

/// The work that a template begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::templates) enum Work {
    /// A template, block or component of so many bytes begins here. A component may collect arguments in a variable.
    /// `trims` says whether the tag before takes away the space behind it.
    Enter { length: usize, rest: Option<String>, trims: bool },
    /// A loop with a body of so many bytes goes through the value.
    Repeat(usize),
    /// The whole value is looked at: it is written, compared or passed on as text.
    Read,
    /// The value is a new array or map.
    Create,
    /// The items of the value are copied.
    Copy,
    /// A slice is cut out of the value of the expression that stands at these bytes; the span is one of its bounds.
    Slice(Range<usize>),
    /// The value goes through a filter. With an empty span it is the text of a section, and the filter's name comes next.
    Filter(String),
    /// The value is tested.
    Test(String),
    /// The value is the result of a function.
    Call(String),
}

/// Whether Tera knows the value of an expression when it compiles the template.
pub(super) fn is_constant(expression: &Expression) -> bool {
    match expression {
        Expression::Literal(_) => true,
        Expression::Array(items) | Expression::Map(items) => {
            items.iter().all(|item| matches!(item, Item::Value(_, value) if is_constant(value)))
        }
        _ => false,
    }
}

/// Whether a filter that is written behind an expression gets only a part of it.
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
