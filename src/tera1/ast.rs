//! The syntax tree of an expression of Tera 1, with the place of each part.

use std::ops::Range;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression<'t> {
    /// What it is.
    pub kind: ExpressionKind<'t>,
    /// Its place in the source.
    pub span: Range<usize>,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpressionKind<'t> {
    /// A number or truth value.
    Literal,
    /// A quoted text.
    Text,
    /// A variable, or something in it: `page.extra["a"].0`
    Path(Path<'t>),
    /// A function or macro.
    Call(Call<'t>),
    /// `input | name(…)`
    Filter(Box<Filter<'t>>),
    /// `input is name(…)`
    Test(Box<Test<'t>>),
    /// An operation with two operands.
    Operation {
        /// The operator: `~`, `and`, `not in` …
        operator: &'t str,
        /// What stands before it.
        left: Box<Expression<'t>>,
        /// What stands behind it.
        right: Box<Expression<'t>>,
    },
    /// `not a`
    Not(Box<Expression<'t>>),
    /// `(a)`
    Group(Box<Expression<'t>>),
    /// `[a, b]`
    List(Vec<Expression<'t>>),
    /// What stands between the tags of `{% filter … %}`. It has no place in the tag.
    Content,
}

/// A variable, or something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path<'t> {
    /// The name of the variable.
    pub root: &'t str,
    /// The way to the value.
    pub steps: Vec<Step<'t>>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'t> {
    /// `.name`
    Field(&'t str),
    /// `.0`
    Index(&'t str),
    /// `[key]`
    Key(Expression<'t>),
}

/// A call of a function, or of a macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'t> {
    /// What stands before `::`.
    pub namespace: Option<&'t str>,
    /// The name.
    pub name: &'t str,
    /// The arguments.
    pub arguments: Arguments<'t>,
}

/// The arguments of a call, with their brackets. Empty if there are no brackets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments<'t> {
    /// The place, with the brackets.
    pub span: Range<usize>,
    /// The arguments in their order.
    pub list: Vec<Argument<'t>>,
}

impl<'t> Arguments<'t> {
    /// Returns the value of an argument.
    pub fn get(&self, name: &str) -> Option<&Expression<'t>> {
        self.list.iter().find(|argument| argument.name == Some(name)).map(|argument| &argument.value)
    }
}

/// One argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument<'t> {
    /// The name. Tests have arguments without one.
    pub name: Option<&'t str>,
    /// Its place, with the name.
    pub span: Range<usize>,
    /// The value.
    pub value: Expression<'t>,
}

/// A filter and its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter<'t> {
    /// What goes through the filter.
    pub input: Expression<'t>,
    /// The name.
    pub name: &'t str,
    /// The place of the name.
    pub name_span: Range<usize>,
    /// The arguments.
    pub arguments: Arguments<'t>,
}

/// A test and its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test<'t> {
    /// What is tested.
    pub input: Expression<'t>,
    /// Whether it is `is not`.
    pub is_negated: bool,
    /// The name.
    pub name: &'t str,
    /// The place of the name.
    pub name_span: Range<usize>,
    /// The arguments.
    pub arguments: Arguments<'t>,
}

impl<'t> Expression<'t> {
    /// Returns the expressions that it consists of, in the order of the source.
    pub fn parts(&self) -> Vec<&Expression<'t>> {
        fn values<'a, 't>(arguments: &'a Arguments<'t>) -> impl Iterator<Item = &'a Expression<'t>> {
            arguments.list.iter().map(|argument| &argument.value)
        }
        match &self.kind {
            ExpressionKind::Literal | ExpressionKind::Text | ExpressionKind::Content => Vec::new(),
            ExpressionKind::Path(path) => path
                .steps
                .iter()
                .filter_map(|step| match step {
                    Step::Key(key) => Some(key),
                    Step::Field(_) | Step::Index(_) => None,
                })
                .collect(),
            ExpressionKind::Call(call) => values(&call.arguments).collect(),
            ExpressionKind::Filter(filter) => [&filter.input].into_iter().chain(values(&filter.arguments)).collect(),
            ExpressionKind::Test(test) => [&test.input].into_iter().chain(values(&test.arguments)).collect(),
            ExpressionKind::Operation { left, right, .. } => vec![left, right],
            ExpressionKind::Not(inner) | ExpressionKind::Group(inner) => vec![inner],
            ExpressionKind::List(items) => items.iter().collect(),
        }
    }

    /// Returns the path if the expression is one.
    pub fn as_path(&self) -> Option<&Path<'t>> {
        match &self.kind {
            ExpressionKind::Path(path) => Some(path),
            _ => None,
        }
    }
}
