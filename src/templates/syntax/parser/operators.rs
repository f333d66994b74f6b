//! Operators and their precedence.

use crate::templates::syntax::ast::Expression;
use crate::templates::syntax::lexer::Token;

/// The precedence of operators: from `if`, which binds least, to filters.
pub(super) mod power {
    pub const TERNARY: u8 = 0;
    pub const ABOVE_TERNARY: u8 = 1;
    pub const OR: (u8, u8) = (1, 2);
    pub const AND: (u8, u8) = (3, 4);
    pub const IN: (u8, u8) = (5, 6);
    pub const NOT: u8 = 5;
    pub const COMPARISON: (u8, u8) = (7, 8);
    pub const SUM: (u8, u8) = (11, 12);
    pub const PRODUCT: (u8, u8) = (13, 14);
    pub const POWER: (u8, u8) = (16, 15);
    pub const FILTER: (u8, u8) = (17, 18);
    pub const MINUS: u8 = 20;
}

/// The effect of an operator, as far as it matters for the work of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// The result is one of the operands.
    Logical,
    /// It searches the right operand for the left one.
    Contains,
    Compare,
    /// `~`
    Concatenate,
    Arithmetic,
}

/// Returns the precedence of an operator to its left and right, and its effect.
pub(super) fn binding_power(token: &Token<'_>) -> Option<((u8, u8), Operator)> {
    Some(match token {
        Token::Ident("or") => (power::OR, Operator::Logical),
        Token::Ident("and") => (power::AND, Operator::Logical),
        Token::Ident("in" | "not") => (power::IN, Operator::Contains),
        Token::Symbol("==" | "!=" | "<" | "<=" | ">" | ">=") => (power::COMPARISON, Operator::Compare),
        Token::Symbol("+" | "-") => (power::SUM, Operator::Arithmetic),
        Token::Symbol("~") => (power::PRODUCT, Operator::Concatenate),
        Token::Symbol("*" | "/" | "%" | "//") => (power::PRODUCT, Operator::Arithmetic),
        Token::Symbol("**") => (power::POWER, Operator::Arithmetic),
        _ => return None,
    })
}

/// Whether an expression begins with a sign.
pub(super) fn is_unary(expression: &Expression) -> bool {
    match expression {
        Expression::Not(_) => true,
        Expression::Operation(operands) => operands.len() == 1,
        _ => false,
    }
}
