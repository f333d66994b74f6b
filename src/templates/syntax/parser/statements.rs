//! Statements, and the templates, blocks and components that are made of them.

use super::operators::power;
use super::{Parser, Result, UnsupportedSyntax};
use crate::templates::syntax::ast::{Component, ComponentCall, Expression, Node, Parameter};
use crate::templates::syntax::lexer::{TagKind, Token};
use crate::templates::syntax::work::{Work, WorkPlace, needs_brackets};

impl Parser<'_> {
    /// Parses statements up to one of some keywords, or to the end of the template. Then the parser is in the tag with
    /// the keyword, before the keyword.
    pub(super) fn nodes(&mut self, ends: &[&str]) -> Result<Vec<Node>> {
        self.nested(|this| {
            let mut nodes = Vec::new();
            while let Some(tag) = this.tags.get(this.tag) {
                let is_expression = tag.kind == TagKind::Expression;
                match tag.tokens.first() {
                    _ if is_expression => {
                        this.operations = 0;
                        let start = this.position();
                        let expression = this.expression(power::TERNARY)?;
                        // The output of a component is counted in the component.
                        if !matches!(expression, Expression::Component(_)) {
                            this.record_work(start, &expression, Work::Read);
                        }
                        this.end_tag()?;
                        nodes.push(Node::Print(expression));
                    }
                    Some(Token::Ident(word) | Token::Symbol(word)) if ends.contains(word) => return Ok(nodes),
                    _ => nodes.extend(this.statement()?),
                }
            }
            if ends.is_empty() { Ok(nodes) } else { Err(UnsupportedSyntax) }
        })
    }

    fn statement(&mut self) -> Result<Option<Node>> {
        self.operations = 0;
        let node = match self.next()? {
            Token::Ident("extends") => {
                self.template.extends = Some(self.text()?);
                self.end_tag()?;
                return Ok(None);
            }
            Token::Ident("component") => {
                let component = self.component_definition()?;
                self.template.components.push(component);
                return Ok(None);
            }
            Token::Ident("break" | "continue") => {
                self.end_tag()?;
                return Ok(None);
            }
            Token::Ident(word @ ("set" | "set_global")) => self.set_statement(word == "set_global")?,
            Token::Ident("include") => {
                let name = self.text()?;
                self.end_tag()?;
                Node::Include(name)
            }
            Token::Ident("block") => {
                let name = self.ident()?.to_owned();
                let tag = self.tag_span();
                self.end_tag()?;
                let body = self.nodes(&["endblock"])?;
                let length = self.tag_span().start - tag.end;
                self.record_entry(tag, length, None);
                self.end_block("endblock")?;
                Node::Block { name, body }
            }
            Token::Ident("filter") => {
                let arguments = self.filters()?;
                let body = self.nodes(&["endfilter"])?;
                self.end_block("endfilter")?;
                Node::Capture { name: None, arguments, body }
            }
            Token::Ident("for") => self.for_loop()?,
            Token::Ident("if") => {
                let node = self.if_statement()?;
                self.end_block("endif")?;
                node
            }
            Token::Symbol("<") => {
                let (name, arguments) = self.component_head()?;
                self.expect(">")?;
                self.end_tag()?;
                let body = self.nodes(&["</"])?;
                self.expect("</")?;
                self.dotted_name()?;
                self.expect(">")?;
                self.end_tag()?;
                Node::Print(Expression::Component(ComponentCall { name, arguments, body }))
            }
            _ => return Err(UnsupportedSyntax),
        };
        Ok(Some(node))
    }

    /// Parses the rest of an end tag, which can repeat a name.
    fn end_block(&mut self, keyword: &str) -> Result<()> {
        self.expect_keyword(keyword)?;
        if self.peek().is_some() {
            self.dotted_name()?;
        }
        self.end_tag()
    }

    fn set_statement(&mut self, is_global: bool) -> Result<Node> {
        let name = self.ident()?.to_owned();
        if self.eat("=") {
            let value = self.expression(power::TERNARY)?;
            self.end_tag()?;
            return Ok(Node::Set { name, value, is_global });
        }
        let arguments = if self.eat("|") {
            self.filters()?
        } else {
            self.end_tag()?;
            Vec::new()
        };
        let body = self.nodes(&["endset"])?;
        self.end_block("endset")?;
        Ok(Node::Capture { name: Some(name), arguments, body })
    }

    /// Parses filters up to the end of the tag, and returns their arguments.
    fn filters(&mut self) -> Result<Vec<Expression>> {
        let mut arguments = Vec::new();
        loop {
            let start = self.position();
            let name = self.ident()?.to_owned();
            let shown = start..self.previous_end();
            let work = Work::Filter(name);
            self.work_places.push(WorkPlace { work, span: start..start, error_span: shown, needs_brackets: false });
            arguments.extend(self.optional_arguments()?.into_iter().map(|(_, value)| value));
            if !self.eat("|") {
                self.end_tag()?;
                return Ok(arguments);
            }
        }
    }

    /// Parses the variables of a loop: an optional key, and a value.
    pub(super) fn loop_names(&mut self) -> Result<(Option<String>, String)> {
        let first = self.ident()?.to_owned();
        Ok(if self.eat(",") { (Some(first), self.ident()?.to_owned()) } else { (None, first) })
    }

    fn for_loop(&mut self) -> Result<Node> {
        let (key, value) = self.loop_names()?;
        self.expect_keyword("in")?;
        let start = self.position();
        let list = self.expression(power::TERNARY)?;
        let (tag, span) = (self.tag_span(), start..self.previous_end());
        self.end_tag()?;
        let body = self.nodes(&["endfor", "else"])?;
        let work = Work::Repeat(self.tag_span().start - tag.end);
        let needs_brackets = needs_brackets(&list);
        self.work_places.push(WorkPlace { work, span, error_span: tag, needs_brackets });
        let otherwise = if self.eat_keyword("else") {
            self.end_tag()?;
            self.nodes(&["endfor"])?
        } else {
            Vec::new()
        };
        self.end_block("endfor")?;
        Ok(Node::For { key, value, list, body, otherwise })
    }

    /// Parses a condition and its branches, but not its end tag.
    fn if_statement(&mut self) -> Result<Node> {
        let condition = self.expression(power::TERNARY)?;
        self.end_tag()?;
        let then = self.nodes(&["endif", "else", "elif"])?;
        let otherwise = if self.eat_keyword("elif") {
            vec![self.nested(Self::if_statement)?]
        } else if self.eat_keyword("else") {
            self.end_tag()?;
            self.nodes(&["endif"])?
        } else {
            Vec::new()
        };
        Ok(Node::If { condition, then, otherwise })
    }

    fn component_definition(&mut self) -> Result<Component> {
        let name = self.dotted_name()?;
        self.expect("(")?;
        let (mut parameters, mut rest) = (Vec::new(), None);
        while !self.eat(")") {
            if self.eat("...") {
                rest = Some(self.ident()?.to_owned());
            } else {
                let is_implicit = self.eat("@");
                parameters.push(Parameter { name: self.ident()?.to_owned(), is_implicit });
                if self.eat(":") {
                    self.ident()?;
                }
                if self.eat("=") {
                    self.expression(power::TERNARY)?;
                }
            }
            if !self.is_at(")") {
                self.expect(",")?;
            }
        }
        if self.eat("{") {
            self.map()?;
        }
        let tag = self.tag_span();
        self.end_tag()?;
        let body = self.nodes(&["endcomponent"])?;
        let length = self.tag_span().start - tag.end;
        self.record_entry(tag, length, rest.clone());
        self.end_block("endcomponent")?;
        Ok(Component { name, parameters, rest, body })
    }
}
