//! Expressions: operands, operators, filters, tests and calls.

use std::ops::Range;

use tera::Value;

use super::operators::{Operator, binding_power, is_unary, power};
use super::{CONTEXT, Parser, Result, UnsupportedSyntax};
use crate::templates::syntax::ast::{ComponentCall, Expression};
use crate::templates::syntax::lexer::Token;
use crate::templates::syntax::work::{Work, WorkPlace, is_constant, needs_brackets};

impl Parser<'_> {
    /// Parses an expression whose operators bind at least as strongly as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Result<Expression> {
        self.nested(|this| {
            let start = this.position();
            let mut left = this.operand()?;
            // Whether `left` is a concatenation, whose parts are recorded already.
            let mut is_joined = false;
            loop {
                this.count_operation()?;
                let span = start..this.previous_end();
                left = match this.peek() {
                    Some(Token::Ident("if")) if least == power::TERNARY => {
                        this.token += 1;
                        let condition = this.expression(power::TERNARY)?.into();
                        this.expect_keyword("else")?;
                        let otherwise = this.expression(power::TERNARY)?.into();
                        return Ok(Expression::Ternary { condition, then: left.into(), otherwise });
                    }
                    Some(Token::Symbol("[" | "?[")) => this.subscript_or_slice(left, (span, false))?,
                    Some(Token::Symbol("|")) if power::FILTER.0 >= least => {
                        this.token += 1;
                        let name = this.ident()?.to_owned();
                        this.record_work_at(span, &left, Work::Filter(name.clone()));
                        Expression::Filter(left.into(), name, this.optional_arguments()?)
                    }
                    Some(Token::Ident("is")) if power::IN.0 >= least => {
                        this.token += 1;
                        let is_negated = this.eat_keyword("not");
                        let name = this.ident()?.to_owned();
                        this.record_work_at(span, &left, Work::Test(name.clone()));
                        let test = Expression::Test(left.into(), name, this.optional_arguments()?);
                        if is_negated { Expression::Not(test.into()) } else { test }
                    }
                    Some(token) => match binding_power(token).filter(|((power, _), _)| *power >= least) {
                        None => return Ok(left),
                        Some(((_, right), operator)) => {
                            if this.eat_keyword("not") {
                                this.expect_keyword("in")?;
                            } else {
                                this.token += 1;
                            }
                            let right_start = this.position();
                            let right = this.expression(right)?;
                            match operator {
                                Operator::Concatenate => {
                                    if !is_joined {
                                        this.record_work_at(span, &left, Work::Read);
                                    }
                                    // Tera rejects an operand with a sign, and must still do so.
                                    if !is_unary(&right) {
                                        this.record_work(right_start, &right, Work::Read);
                                    }
                                }
                                Operator::Compare if !is_constant(&left) && !is_constant(&right) => {
                                    this.record_work_at(span, &left, Work::Read);
                                    this.record_work(right_start, &right, Work::Read);
                                }
                                Operator::Contains => this.record_work(right_start, &right, Work::Read),
                                _ => {}
                            }
                            is_joined = operator == Operator::Concatenate;
                            match operator == Operator::Logical {
                                true => Expression::Logical(left.into(), right.into()),
                                false => Expression::Operation(vec![left, right]),
                            }
                        }
                    },
                    None => return Ok(left),
                };
            }
        })
    }

    fn operand(&mut self) -> Result<Expression> {
        let literal = |value| Ok(Expression::Literal(value));
        match self.next()? {
            Token::Number(number) => literal(if number.contains('.') {
                number.parse::<f64>().map_err(|_| UnsupportedSyntax)?.into()
            } else {
                number.parse::<i64>().map_err(|_| UnsupportedSyntax)?.into()
            }),
            Token::Text(text) => literal(Value::from(&*text)),
            Token::Ident("true" | "True") => literal(true.into()),
            Token::Ident("false" | "False") => literal(false.into()),
            Token::Ident("none" | "None" | "null") => literal(Value::none()),
            Token::Ident("not") => Ok(Expression::Not(self.expression(power::NOT)?.into())),
            Token::Symbol("-") => Ok(Expression::Operation(vec![self.expression(power::MINUS)?])),
            Token::Ident(name) => self.variable_or_call(name),
            Token::Symbol("<") => {
                let (name, arguments) = self.component_head()?;
                self.expect("/")?;
                self.expect(">")?;
                Ok(Expression::Component(ComponentCall { name, arguments, body: Vec::new() }))
            }
            Token::Symbol(bracket @ ("{" | "[")) => {
                let start = self.previous_end() - 1;
                let value = if bracket == "{" { Expression::Map(self.map()?) } else { self.array(start)? };
                self.record_work(start, &value, Work::Create);
                Ok(value)
            }
            Token::Symbol("(") => {
                let inner = self.expression(power::TERNARY)?;
                self.expect(")")?;
                Ok(inner)
            }
            _ => Err(UnsupportedSyntax),
        }
    }

    /// Parses a variable with its fields and subscripts, or the call of a function.
    fn variable_or_call(&mut self, name: &str) -> Result<Expression> {
        let start = self.previous_end() - name.len();
        if self.is_at("(") {
            let call = Expression::Call(name.to_owned(), self.arguments()?);
            self.record_work(start, &call, Work::Call(name.to_owned()));
            return Ok(call);
        }
        let mut value = Expression::Variable(name.to_owned());
        loop {
            self.count_operation()?;
            let span = start..self.previous_end();
            value = match self.peek() {
                Some(Token::Symbol("." | "?.")) => {
                    self.token += 1;
                    Expression::Field(value.into(), self.ident()?.to_owned())
                }
                Some(Token::Symbol("[" | "?[")) => self.subscript_or_slice(value, (span, true))?,
                // This variable creates a map of all variables.
                _ if name == CONTEXT && matches!(value, Expression::Variable(_)) => {
                    self.record_work(start, &value, Work::Create);
                    return Ok(value);
                }
                _ => return Ok(value),
            };
        }
    }

    /// Parses a subscript or slice of a value with a span. With `is_path` the source after it can continue the same
    /// path, so no filter can be inserted.
    fn subscript_or_slice(&mut self, of: Expression, (span, is_path): (Range<usize>, bool)) -> Result<Expression> {
        self.token += 1;
        let (mut parts, mut is_slice) = (Vec::new(), false);
        let mut bound = WorkPlace {
            work: Work::Slice(span.clone()),
            span: self.previous_end()..self.previous_end(),
            error_span: span.clone(),
            needs_brackets: false,
        };
        while !self.eat("]") {
            if self.eat(":") {
                is_slice = true;
            } else {
                let start = self.position();
                let part = self.expression(power::TERNARY)?;
                if parts.is_empty() {
                    (bound.span, bound.needs_brackets) = (start..self.previous_end(), needs_brackets(&part));
                }
                parts.push(part);
            }
        }
        if is_slice && is_path {
            self.work_places.push(bound);
        } else if is_slice {
            self.record_work_at(span, &of, Work::Copy);
        }
        match parts.pop() {
            last if is_slice => {
                parts.extend(last);
                Ok(Expression::Slice(of.into(), parts))
            }
            Some(key) if parts.is_empty() => Ok(Expression::Subscript(of.into(), key.into())),
            _ => Err(UnsupportedSyntax),
        }
    }

    pub(super) fn optional_arguments(&mut self) -> Result<Vec<(String, Expression)>> {
        if self.is_at("(") { self.arguments() } else { Ok(Vec::new()) }
    }

    fn arguments(&mut self) -> Result<Vec<(String, Expression)>> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.eat(")") {
            let name = self.ident()?.to_owned();
            self.expect("=")?;
            let start = self.position();
            let value = self.expression(power::TERNARY)?;
            // These values are passed on without being read.
            if !matches!(&*name, "default" | "value") {
                self.record_work(start, &value, Work::Read);
            }
            arguments.push((name, value));
            if !self.is_at(")") {
                self.expect(",")?;
            }
        }
        Ok(arguments)
    }
}
