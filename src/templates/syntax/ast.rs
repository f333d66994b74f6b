//! The syntax tree of a template, as far as it affects what the template can read.

/// A template.
#[derive(Clone, Debug, Default)]
pub(in crate::templates) struct Template {
    /// The name of the template that it extends.
    pub extends: Option<String>,
    pub nodes: Vec<Node>,
    pub components: Vec<Component>,
}

/// The definition of a component.
#[derive(Clone, Debug)]
pub(in crate::templates) struct Component {
    pub name: String,
    pub parameters: Vec<Parameter>,
    /// The parameter that collects all other arguments.
    pub rest: Option<String>,
    pub body: Vec<Node>,
}

/// A parameter of a component.
#[derive(Clone, Debug)]
pub(in crate::templates) struct Parameter {
    pub name: String,
    /// Whether it takes the caller's variable of its name if there is no argument.
    pub is_implicit: bool,
}

/// A statement. Text between statements is left out.
#[derive(Clone, Debug)]
pub(in crate::templates) enum Node {
    Print(Expression),
    /// `{% set name = value %}`
    Set {
        name: String,
        value: Expression,
        is_global: bool,
    },
    /// A filter section, or a `set` with a body: its text goes through filters, of which only the arguments are kept.
    Capture {
        name: Option<String>,
        arguments: Vec<Expression>,
        body: Vec<Node>,
    },
    For {
        key: Option<String>,
        value: String,
        list: Expression,
        body: Vec<Node>,
        otherwise: Vec<Node>,
    },
    If {
        condition: Expression,
        then: Vec<Node>,
        otherwise: Vec<Node>,
    },
    Include(String),
    Block {
        name: String,
        body: Vec<Node>,
    },
}

/// An expression.
#[derive(Clone, Debug)]
pub(in crate::templates) enum Expression {
    /// A text, number, truth value or `none`.
    Literal(tera::Value),
    Variable(String),
    /// `of.name`
    Field(Box<Expression>, String),
    /// `of[key]`
    Subscript(Box<Expression>, Box<Expression>),
    /// `of[from:to:step]`, with the bounds that are given.
    Slice(Box<Expression>, Vec<Expression>),
    /// `function(…)`
    Call(String, Vec<(String, Expression)>),
    /// `input | filter(…)`
    Filter(Box<Expression>, String, Vec<(String, Expression)>),
    /// `input is test(…)`
    Test(Box<Expression>, String, Vec<(String, Expression)>),
    /// The call of a component.
    Component(ComponentCall),
    /// `[a, ...b]`
    Array(Vec<Item>),
    /// `{"a": b, ...c}`
    Map(Vec<Item>),
    /// `[item for key, value in list if condition]`
    Comprehension {
        item: Box<Expression>,
        key: Option<String>,
        value: String,
        list: Box<Expression>,
        condition: Option<Box<Expression>>,
    },
    /// An operation whose result is one of its operands: `a or b`, `a and b`.
    Logical(Box<Expression>, Box<Expression>),
    /// `then if condition else otherwise`
    Ternary {
        condition: Box<Expression>,
        then: Box<Expression>,
        otherwise: Box<Expression>,
    },
    /// `not a`
    Not(Box<Expression>),
    /// Any other operation, which uses its operands as a whole.
    Operation(Vec<Expression>),
}

/// An item of an array or map, or one argument of a component.
#[derive(Clone, Debug)]
pub(in crate::templates) enum Item {
    /// A value. In arrays it has no name.
    Value(Option<String>, Expression),
    /// `...list`: all items of another list or map.
    Spread(Expression),
}

/// The call of a component.
#[derive(Clone, Debug)]
pub(in crate::templates) struct ComponentCall {
    pub name: String,
    pub arguments: Vec<Item>,
    /// The content between the tags of the call.
    pub body: Vec<Node>,
}
