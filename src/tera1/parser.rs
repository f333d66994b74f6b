//! Parses the expressions of Tera 1.
//!
//! A filter applies to the whole sum or join before it, as in Tera 1: `a ~ b | upper` is `(a ~ b) | upper`.

use std::ops::Range;

use super::ast::{Argument, Arguments, Call, Expression, ExpressionKind, Filter, Path, Step, Test};
use super::lexer::{Token, TokenKind};

/// How deep an expression can be. Tera 2 takes forty levels.
const MAX_DEPTH: usize = 60;

/// Parses tokens as one expression. None if it is not an expression of Tera 1.
pub fn parse<'t>(tokens: &[Token<'t>]) -> Option<Expression<'t>> {
    let mut parser = Parser::new(tokens);
    let expression = parser.logic()?;
    parser.is_done().then_some(expression)
}

/// Reads a list of tokens.
pub struct Parser<'a, 't> {
    tokens: &'a [Token<'t>],
    at: usize,
    depth: usize,
}

impl<'a, 't> Parser<'a, 't> {
    /// Creates a parser at the first token.
    pub fn new(tokens: &'a [Token<'t>]) -> Self {
        Self { tokens, at: 0, depth: 0 }
    }

    /// Whether all tokens are read.
    pub fn is_done(&self) -> bool {
        self.at == self.tokens.len()
    }

    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn next_is(&self, text: &str) -> bool {
        self.peek().is_some_and(|token| token.is(text))
    }

    /// Reads a name or symbol if it is the next token.
    pub fn eat(&mut self, text: &str) -> Option<Token<'t>> {
        let token = self.peek().filter(|token| token.is(text))?;
        self.at += 1;
        Some(token)
    }

    /// Reads a token of a kind if it is the next one.
    pub fn eat_kind(&mut self, kind: TokenKind) -> Option<Token<'t>> {
        let token = self.peek().filter(|token| token.kind == kind)?;
        self.at += 1;
        Some(token)
    }

    /// Parses an expression.
    pub fn logic(&mut self) -> Option<Expression<'t>> {
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let expression = self.binary(&["or"], |parser| parser.binary(&["and"], Self::negation));
        self.depth -= 1;
        expression
    }

    /// Parses operands with operators of one level between them.
    fn binary(
        &mut self,
        operators: &[&str],
        operand: impl Fn(&mut Self) -> Option<Expression<'t>>,
    ) -> Option<Expression<'t>> {
        let mut left = operand(self)?;
        while let Some(operator) = operators.iter().find_map(|operator| self.eat(operator)) {
            let right = operand(self)?;
            left = operation(operator.text, left, right);
        }
        Some(left)
    }

    fn negation(&mut self) -> Option<Expression<'t>> {
        let Some(not) = self.eat("not") else { return self.comparison() };
        let inner = self.comparison()?;
        let span = not.start..inner.span.end;
        Some(Expression { kind: ExpressionKind::Not(Box::new(inner)), span })
    }

    fn comparison(&mut self) -> Option<Expression<'t>> {
        let left = self.filtered_sums()?;
        if let Some(operator) = ["==", "!=", "<=", ">=", "<", ">", "in"].iter().find_map(|operator| self.eat(operator))
        {
            let right = self.filtered_sums()?;
            return Some(operation(operator.text, left, right));
        }
        let is_not_in = self.next_is("not") && self.tokens.get(self.at + 1).is_some_and(|token| token.is("in"));
        if is_not_in {
            self.at += 2;
            let right = self.filtered_sums()?;
            return Some(operation("not in", left, right));
        }
        Some(left)
    }

    /// Parses sums with filters behind them, and operators between those.
    fn filtered_sums(&mut self) -> Option<Expression<'t>> {
        self.binary(&["+", "-", "*", "/", "%", "~"], Self::filtered_sum)
    }

    fn filtered_sum(&mut self) -> Option<Expression<'t>> {
        let mut input = self.binary(&["+", "-", "~"], |parser| parser.binary(&["*", "/", "%"], Self::value))?;
        while self.eat("|").is_some() {
            let name = self.eat_kind(TokenKind::Name)?;
            let arguments = self.arguments(false)?;
            let end = if arguments.span.is_empty() { name.end() } else { arguments.span.end };
            let span = input.span.start..end;
            let filter = Filter { input, name: name.text, name_span: name.start..name.end(), arguments };
            input = Expression { kind: ExpressionKind::Filter(Box::new(filter)), span };
        }
        Some(input)
    }

    /// Parses a value, and a test of it.
    fn value(&mut self) -> Option<Expression<'t>> {
        let input = self.unit()?;
        if self.eat("is").is_none() {
            return Some(input);
        }
        let is_negated = self.eat("not").is_some();
        let name = self.eat_kind(TokenKind::Name)?;
        let arguments = self.arguments(true)?;
        let end = if arguments.span.is_empty() { name.end() } else { arguments.span.end };
        let span = input.span.start..end;
        let name_span = name.start..name.end();
        let test = Test { input, is_negated, name: name.text, name_span, arguments };
        Some(Expression { kind: ExpressionKind::Test(Box::new(test)), span })
    }

    fn unit(&mut self) -> Option<Expression<'t>> {
        let first = self.peek()?;
        self.at += 1;
        let single = |kind| Some(Expression { kind, span: first.start..first.end() });
        match first.kind {
            TokenKind::Text => single(ExpressionKind::Text),
            TokenKind::Number => single(ExpressionKind::Literal),
            TokenKind::Name if matches!(first.text, "true" | "false" | "True" | "False") => {
                single(ExpressionKind::Literal)
            }
            TokenKind::Name => self.name(first),
            TokenKind::Symbol => match first.text {
                "-" => {
                    let number = self.eat_kind(TokenKind::Number)?;
                    Some(Expression { kind: ExpressionKind::Literal, span: first.start..number.end() })
                }
                "(" => {
                    let inner = self.logic()?;
                    let end = self.eat(")")?.end();
                    Some(Expression { kind: ExpressionKind::Group(Box::new(inner)), span: first.start..end })
                }
                "[" => {
                    let (items, end) = self.items()?;
                    Some(Expression { kind: ExpressionKind::List(items), span: first.start..end })
                }
                _ => None,
            },
            TokenKind::Unknown => None,
        }
    }

    /// Parses the items of a list up to its closing bracket.
    fn items(&mut self) -> Option<(Vec<Expression<'t>>, usize)> {
        let mut items = Vec::new();
        loop {
            if let Some(end) = self.eat("]") {
                return Some((items, end.end()));
            }
            items.push(self.logic()?);
            if self.eat(",").is_none() {
                return Some((items, self.eat("]")?.end()));
            }
        }
    }

    /// Parses what begins with a name: a path or a call.
    fn name(&mut self, first: Token<'t>) -> Option<Expression<'t>> {
        let (mut namespace, mut name) = (None, first);
        if self.eat("::").is_some() {
            namespace = Some(first.text);
            name = self.eat_kind(TokenKind::Name)?;
        }
        if self.next_is("(") {
            let arguments = self.arguments(false)?;
            let span = first.start..arguments.span.end;
            return Some(Expression {
                kind: ExpressionKind::Call(Call { namespace, name: name.text, arguments }),
                span,
            });
        }
        if namespace.is_some() {
            return None;
        }
        let (mut steps, mut end) = (Vec::new(), first.end());
        loop {
            if self.eat(".").is_some() {
                let step = self.peek()?;
                self.at += 1;
                end = step.end();
                steps.push(match step.kind {
                    TokenKind::Name => Step::Field(step.text),
                    TokenKind::Number => Step::Index(step.text),
                    _ => return None,
                });
            } else if self.eat("[").is_some() {
                let key = self.logic()?;
                end = self.eat("]")?.end();
                steps.push(Step::Key(key));
            } else {
                let path = Path { root: first.text, steps };
                return Some(Expression { kind: ExpressionKind::Path(path), span: first.start..end });
            }
        }
    }

    /// Parses the arguments of a call, if there are brackets.
    pub fn arguments(&mut self, can_be_unnamed: bool) -> Option<Arguments<'t>> {
        let Some(open) = self.eat("(") else { return Some(Arguments::default()) };
        let mut list = Vec::new();
        loop {
            if let Some(close) = self.eat(")") {
                return Some(Arguments { span: open.start..close.end(), list });
            }
            let has_name = self.tokens.get(self.at + 1).is_some_and(|token| token.is("="));
            let name = if has_name { Some(self.eat_kind(TokenKind::Name)?) } else { None };
            if !has_name && !can_be_unnamed {
                return None;
            }
            if has_name {
                self.at += 1;
            }
            let value = self.logic()?;
            let start = name.map_or(value.span.start, |name| name.start);
            list.push(Argument { name: name.map(|name| name.text), span: start..value.span.end, value });
            if self.eat(",").is_none() {
                let close = self.eat(")")?;
                return Some(Arguments { span: open.start..close.end(), list });
            }
        }
    }
}

fn operation<'t>(operator: &'t str, left: Expression<'t>, right: Expression<'t>) -> Expression<'t> {
    let span: Range<usize> = left.span.start..right.span.end;
    Expression { kind: ExpressionKind::Operation { operator, left: Box::new(left), right: Box::new(right) }, span }
}

#[cfg(test)]
mod tests {
    use super::super::lexer::{TagKind, tokens};
    use super::*;

    /// Returns an expression with brackets around each operation, filter and test.
    fn shape(text: &str) -> String {
        fn show(text: &str, expression: &Expression) -> String {
            let all = |parts: Vec<&Expression>| parts.into_iter().map(|part| show(text, part)).collect::<Vec<_>>();
            let parts = all(expression.parts());
            match &expression.kind {
                ExpressionKind::Operation { operator, .. } => format!("({} {operator} {})", parts[0], parts[1]),
                ExpressionKind::Filter(filter) => format!("({} | {})", parts.join(","), filter.name),
                ExpressionKind::Test(test) => format!("({} is {})", parts.join(","), test.name),
                ExpressionKind::Not(_) => format!("(not {})", parts[0]),
                ExpressionKind::Group(_) => format!("<{}>", parts[0]),
                _ => text[expression.span.clone()].to_owned(),
            }
        }
        let source = format!(" {text} }}}}");
        let (tokens, _) = tokens(&source, 0, TagKind::Expression);
        parse(&tokens).map_or_else(|| "none".to_owned(), |expression| show(&source, &expression))
    }

    #[test]
    fn filters_apply_to_the_whole_sum() {
        for (text, expected) in [
            ("a ~ b | upper", "((a ~ b) | upper)"),
            ("a | f + b | g", "((a | f) + (b | g))"),
            ("1 + n * 2 | round", "((1 + (n * 2)) | round)"),
            ("not a.b == 'c' and d or e", "(((not (a.b == 'c')) and d) or e)"),
            ("a not in [1, 2]", "(a not in [1, 2])"),
            ("a is not containing('x') and (b or c)", "((a,'x' is containing) and <(b or c)>)"),
            ("f(x=a | g(y=1)) | h", "(f(x=a | g(y=1)) | h)"),
            ("m::f(a=1,)", "m::f(a=1,)"),
            ("a.0.b[c.d]['e']", "a.0.b[c.d]['e']"),
            ("-1", "-1"),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_expressions() {
        for text in ["", "a b", "a |", "(a", "[a", "f(1)", "m::f", "a?.b", "<a />", "a if b else c", "é", "'a", "f(a=)"]
        {
            assert_eq!(shape(text), "none", "{text}");
        }
        assert_eq!(shape(&"(".repeat(100_000)), "none");
    }
}
