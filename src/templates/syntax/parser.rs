//! From tags to a syntax tree, by the grammar of Tera 2.

use std::ops::Range;

use tera::Value;

use super::ast::{Component, ComponentCall, Expression, Item, Node, Parameter, Template};
use super::lexer::{Tag, TagKind, Token, tags};
use super::work::{Work, WorkPlace, is_constant, needs_brackets};

/// The template is not what this parser takes for Tera's syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::templates) struct UnsupportedSyntax;

type Result<T> = std::result::Result<T, UnsupportedSyntax>;

/// How deep statements and expressions may be nested. Tera allows 40 of each.
const MAX_DEPTH: usize = 100;

/// The variable that has all others.
const CONTEXT: &str = "__tera_context";

/// How many operators, fields and filters a tag may have. Tera allows 256 in an expression.
const MAX_OPERATIONS: usize = 600;

/// Parses a template.
///
/// # Errors
/// The text is no valid template, or one of a newer Tera.
pub(in crate::templates) fn parse(text: &str) -> Result<Template> {
    Parser::parse(text).map(|parser| parser.template)
}

/// The places where a template begins work. An expression comes before those that it is a part of.
///
/// # Errors
/// As for [`parse`].
pub(in crate::templates) fn work_places(text: &str) -> Result<Vec<WorkPlace>> {
    Parser::parse(text).map(|parser| parser.work_places)
}

struct Parser<'t> {
    text: &'t str,
    tags: Vec<Tag<'t>>,
    /// The tag that is read.
    tag: usize,
    /// The next token in it.
    token: usize,
    depth: usize,
    /// What the expressions of this tag are made of so far.
    operations: usize,
    template: Template,
    work_places: Vec<WorkPlace>,
}

/// How strongly operators bind: from `if`, which binds least, to filters.
mod power {
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

impl<'t> Parser<'t> {
    fn parse(text: &'t str) -> Result<Self> {
        let (template, work_places) = (Template::default(), Vec::new());
        let tags = tags(text).collect();
        let mut parser = Self { text, tags, tag: 0, token: 0, depth: 0, operations: 0, template, work_places };
        parser.template.nodes = parser.nodes(&[])?;
        if parser.tag < parser.tags.len() {
            return Err(UnsupportedSyntax);
        }
        // One that extends another template has nothing but blocks to render.
        if parser.template.extends.is_none() {
            parser.record_entry(0..0, text.len(), None);
        }
        Ok(parser)
    }

    /// The place of the next token of the tag, or of the tag's closing brackets.
    fn position(&self) -> usize {
        let Some(tag) = self.tags.get(self.tag) else { return self.text.len() };
        tag.token_spans.get(self.token).map_or(tag.span.end, |place| place.start)
    }

    /// Where the last token of the tag ends that was read.
    fn previous_end(&self) -> usize {
        let Some(tag) = self.tags.get(self.tag) else { return self.text.len() };
        self.token.checked_sub(1).and_then(|last| tag.token_spans.get(last)).map_or(tag.span.start, |place| place.end)
    }

    /// The tag that is read, from one bracket to the other.
    fn tag_span(&self) -> Range<usize> {
        self.tags.get(self.tag).map_or(self.text.len()..self.text.len(), |tag| tag.span.clone())
    }

    /// Notes that an expression, which begins at a place and was read to its end, says how much work something is.
    fn record_work(&mut self, start: usize, expression: &Expression, work: Work) {
        self.record_work_at(start..self.previous_end(), expression, work);
    }

    fn record_work_at(&mut self, span: Range<usize>, expression: &Expression, work: Work) {
        if !is_constant(expression) {
            let needs_brackets = needs_brackets(expression);
            self.work_places.push(WorkPlace { work, error_span: span.clone(), span, needs_brackets });
        }
    }

    /// Notes that a template, block or component of some length begins behind a tag.
    fn record_entry(&mut self, tag: Range<usize>, length: usize, rest: Option<String>) {
        let trims = self.text[..tag.end].ends_with("-%}") && !tag.is_empty();
        let work = Work::Enter { length, rest, trims };
        self.work_places.push(WorkPlace { work, span: tag.end..tag.end, error_span: tag, needs_brackets: false });
    }

    fn peek(&self) -> Option<&Token<'t>> {
        self.tags.get(self.tag)?.tokens.get(self.token)
    }

    fn next(&mut self) -> Result<Token<'t>> {
        let token = self.peek().cloned().ok_or(UnsupportedSyntax)?;
        self.token += 1;
        Ok(token)
    }

    fn is_at(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol)
    }

    fn is_at_keyword(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Ident(found)) if *found == word)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let is_there = self.is_at(symbol);
        self.token += usize::from(is_there);
        is_there
    }

    fn eat_keyword(&mut self, word: &str) -> bool {
        let is_there = self.is_at_keyword(word);
        self.token += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.eat(symbol) { Ok(()) } else { Err(UnsupportedSyntax) }
    }

    fn expect_keyword(&mut self, word: &str) -> Result<()> {
        if self.eat_keyword(word) { Ok(()) } else { Err(UnsupportedSyntax) }
    }

    fn ident(&mut self) -> Result<&'t str> {
        match self.next()? {
            Token::Ident(name) => Ok(name),
            _ => Err(UnsupportedSyntax),
        }
    }

    fn text(&mut self) -> Result<String> {
        match self.next()? {
            Token::Text(text) => Ok(text.into_owned()),
            _ => Err(UnsupportedSyntax),
        }
    }

    /// Leaves a tag that was read whole.
    fn end_tag(&mut self) -> Result<()> {
        let tag = self.tags.get(self.tag).ok_or(UnsupportedSyntax)?;
        if self.token < tag.tokens.len() || !tag.is_closed {
            return Err(UnsupportedSyntax);
        }
        (self.tag, self.token) = (self.tag + 1, 0);
        Ok(())
    }

    /// Counts what an expression is made of. With too much of it, walking through the tree would take too deep a stack.
    fn count_operation(&mut self) -> Result<()> {
        self.operations += 1;
        if self.operations > MAX_OPERATIONS { Err(UnsupportedSyntax) } else { Ok(()) }
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(UnsupportedSyntax);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Statements up to one of some keywords, or to the end. The tag with the keyword is then entered, before the keyword.
    fn nodes(&mut self, ends: &[&str]) -> Result<Vec<Node>> {
        self.nested(|this| {
            let mut nodes = Vec::new();
            while let Some(tag) = this.tags.get(this.tag) {
                let is_expression = tag.kind == TagKind::Expression;
                match tag.tokens.first() {
                    _ if is_expression => {
                        this.operations = 0;
                        let start = this.position();
                        let expression = this.expression(power::TERNARY)?;
                        // What a component writes is bounded in the component.
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

    /// The rest of a tag that closes another one, with the name that it may repeat.
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

    /// The filters that a piece of text goes through, up to the end of the tag: their arguments.
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

    /// The variables of a loop: a key, where there is one, and a value.
    fn loop_names(&mut self) -> Result<(Option<String>, String)> {
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

    /// A condition and its branches, up to its end, which is not read.
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

    fn dotted_name(&mut self) -> Result<String> {
        let mut name = self.ident()?.to_owned();
        while self.eat(".") {
            name.push('.');
            name.push_str(self.ident()?);
        }
        Ok(name)
    }

    /// The name and arguments of a component that is called.
    fn component_head(&mut self) -> Result<(String, Vec<Item>)> {
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

    /// The rest of `...list`.
    fn spread(&mut self) -> Result<Item> {
        let start = self.position();
        let list = self.expression(power::TERNARY)?;
        self.record_work(start, &list, Work::Copy);
        Ok(Item::Spread(list))
    }

    /// An expression whose operators bind at least as strongly as `least`.
    fn expression(&mut self, least: u8) -> Result<Expression> {
        self.nested(|this| {
            let start = this.position();
            let mut left = this.operand()?;
            // Whether it is a text of several parts, each of which is noted.
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
                                    // Tera refuses what has a sign, and must still do so.
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

    /// A variable with what is taken from it, or the call of a function.
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
                // It makes a map of all variables.
                _ if name == CONTEXT && matches!(value, Expression::Variable(_)) => {
                    self.record_work(start, &value, Work::Create);
                    return Ok(value);
                }
                _ => return Ok(value),
            };
        }
    }

    /// What is taken out of a value, which stands at a place. It is a path if what comes behind may belong to it, too, so
    /// that no filter can stand between.
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

    fn optional_arguments(&mut self) -> Result<Vec<(String, Expression)>> {
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
            // What a value stands in for is given on as it is.
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

    /// The entries of a map, behind its opening bracket.
    fn map(&mut self) -> Result<Vec<Item>> {
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

    /// An array or list comprehension, behind its opening bracket, which stands at `start`.
    fn array(&mut self, start: usize) -> Result<Expression> {
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

/// What an operator does, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    /// The result is one of the operands.
    Logical,
    /// It looks for the left operand in the right one.
    Contains,
    Compare,
    /// `~`
    Concatenate,
    Arithmetic,
}

/// How strongly an operator binds to its left and right.
fn binding_power(token: &Token<'_>) -> Option<((u8, u8), Operator)> {
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
fn is_unary(expression: &Expression) -> bool {
    match expression {
        Expression::Not(_) => true,
        Expression::Operation(operands) => operands.len() == 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tera_takes_is_understood() {
        for text in [
            "",
            "a {{ b }} {# {{ c #}",
            "{% extends \"base.html\" %}{% block a %}{{ super() }}{% endblock a %}{% block b %}{% endblock %}",
            "{% if a and not b %}1{% elif c is not defined %}2{% else %}3{% endif %}",
            "{% for k, v in m %}{% if k %}{% continue %}{% endif %}{% else %}{% endfor %}",
            "{% set a = b | default(value=1) | first %}{% set_global c %}x{% endset %}{% set d | upper | trim %}{% endset %}",
            "{% filter replace(from=\"a\", to=\"b\") | upper %}x{% endfilter %}{% include'x.html' %}",
            "{% component ui.card(title: string = \"x\", @page = {}, n = -1, ...rest) {\"a\": [1, 2]} %}{{ body }}{% endcomponent ui.card %}",
            "{% <ui.card title=\"a\" page={p} n {...m}> %}b{% </ui.card> %}{{ <ui.card/> ~ (<x a={1 + 2}/>) }}",
            "{{ a.b?.c[0][\"d\"]?[e][1:2][::-1][f:] }}",
            "{{ [1, ...a, [2]] }}{{ {\"a\": 1, 2: b, true: c, ...d} }}{{ [p.title for p in pages if p.date] }}",
            "{{ [k for k, v in m] | join(sep=', ') }}{{ a if b else c if d else e }}{{ -a ** -2 }}",
            "{{ a not in b or c in d and 1 < 2 == true }}{{ x | get(key='a', default=\"b\",) }}{{ (1 + 2) * 3 // 4 % 5 }}",
            "{{ range(end=3)[1] }}{{ not a is containing(pat='x') }}{{ 'a' ~\n b }}{{ `c` }}",
        ] {
            assert!(parse(text).is_ok(), "{text}");
            tera::Tera::default().render_str(text, &tera::Context::new(), true).err();
        }
    }

    #[test]
    fn what_is_no_template_is_not_understood() {
        for text in
            ["{{", "{{ }}", "{% if a %}", "{% endif %}", "{{ a b }}", "{% frob %}", "{{ a( }}", "{{ a[] }}", "{{ é }}"]
        {
            assert_eq!(parse(text).err(), Some(UnsupportedSyntax), "{text}");
        }
        assert!(parse(&"{{ [".repeat(9000)).is_err());
        assert!(parse(&format!("{{{{ {}a{} }}}}", "(".repeat(9000), ")".repeat(9000))).is_err());
        assert!(parse(&"{% if a %}".repeat(9000)).is_err());
        assert!(parse(&format!("{{{{ a{} }}}}", "|b".repeat(30_000))).is_err());
        assert!(parse(&format!("{{{{ a{} }}}}", ".b".repeat(30_000))).is_err());
    }

    #[test]
    fn operators_bind_as_tera_has_it() {
        let shape = |text: &str| match parse(text).unwrap().nodes.remove(0) {
            Node::Print(expression) => format!("{expression:?}"),
            node => format!("{node:?}"),
        };
        assert!(shape("{{ a or b | upper }}").starts_with("Logical"));
        assert!(shape("{{ (a or b) | upper }}").starts_with("Filter"));
        assert!(shape("{{ a or b if c else d }}").starts_with("Ternary"));
        assert!(shape("{{ a ~ b or c }}").starts_with("Logical"));
        assert!(shape("{{ not a or b }}").starts_with("Logical"));
        assert!(shape("{{ -a | abs }}").starts_with("Filter"));
        assert!(shape("{{ a.b | first == c }}").starts_with("Operation"));
        assert!(parse("{{ (a).b }}").is_err());
    }
}
