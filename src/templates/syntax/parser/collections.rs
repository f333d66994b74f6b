//! Expressions with entries: arrays, list comprehensions, maps, and the arguments of components.

use super::operators::power;
use super::{Parser, Result, UnsupportedSyntax};
use crate::templates::syntax::ast::{Expression, Item};
use crate::templates::syntax::lexer::Token;
use crate::templates::syntax::work::{Work, WorkPlace, needs_brackets};

impl Parser<'_> {
    /// Parses the name and arguments of a component's call.
    pub(super) fn component_head(&mut self) -> Result<(String, Vec<Item>)> {
        let name = self.dotted_name()?;
        let mut arguments = Vec::new();
        loop {
            if self.eat("{") {
                self.expect("...")?;
                arguments.push(self.spread()?);
                self.expect("}")?;
            } else if let Some(Token::Ident(name)) = self.peek() {
                let name = (*name).to_owned();
                self.token += 1;
                let value = if !self.eat("=") {
                    Expression::Variable(name.clone())
                } else if self.eat("{") {
                    let value = self.expression(power::TERNARY)?;
                    self.expect("}")?;
                    value
                } else {
                    Expression::Literal(self.text()?.into())
                };
                arguments.push(Item::Value(Some(name), value));
            } else {
                return Ok((name, arguments));
            }
        }
    }

    /// Parses the rest of `...list`.
    fn spread(&mut self) -> Result<Item> {
        let start = self.position();
        let list = self.expression(power::TERNARY)?;
        self.record_work(start, &list, Work::Copy);
        Ok(Item::Spread(list))
    }

    /// Parses the entries of a map, after its opening bracket.
    pub(super) fn map(&mut self) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        while !self.eat("}") {
            items.push(if self.eat("...") {
                self.spread()?
            } else {
                let key = match self.next()? {
                    Token::Text(key) => key.into_owned(),
                    Token::Number(key) | Token::Ident(key) => key.to_owned(),
                    _ => return Err(UnsupportedSyntax),
                };
                self.expect(":")?;
                Item::Value(Some(key), self.expression(power::TERNARY)?)
            });
            if !self.is_at("}") {
                self.expect(",")?;
            }
        }
        Ok(items)
    }

    /// Parses an array or list comprehension after its opening bracket, which is at `start`.
    pub(super) fn array(&mut self, start: usize) -> Result<Expression> {
        let mut items = Vec::new();
        while !self.eat("]") {
            if self.eat("...") {
                items.push(self.spread()?);
            } else {
                let item = self.expression(power::TERNARY)?;
                if items.is_empty() && self.eat_keyword("for") {
                    return self.comprehension(item, start);
                }
                items.push(Item::Value(None, item));
            }
            if !self.is_at("]") {
                self.expect(",")?;
            }
        }
        Ok(Expression::Array(items))
    }

    fn comprehension(&mut self, item: Expression, start: usize) -> Result<Expression> {
        let (key, value) = self.loop_names()?;
        self.expect_keyword("in")?;
        let list_start = self.position();
        let list = self.expression(power::ABOVE_TERNARY)?;
        let span = list_start..self.previous_end();
        let condition = match self.eat_keyword("if") {
            true => Some(self.expression(power::ABOVE_TERNARY)?.into()),
            false => None,
        };
        self.expect("]")?;
        let (work, shown, needs_brackets) =
            (Work::Repeat(self.previous_end() - start), start..self.previous_end(), needs_brackets(&list));
        self.work_places.push(WorkPlace { work, span, error_span: shown, needs_brackets });
        Ok(Expression::Comprehension { item: item.into(), key, value, list: list.into(), condition })
    }
}
