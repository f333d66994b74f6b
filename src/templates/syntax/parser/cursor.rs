//! The position of the parser in the tokens of a template.

use std::ops::Range;

use super::{Parser, Result, UnsupportedSyntax};
use crate::templates::syntax::lexer::Token;

impl<'t> Parser<'t> {
    /// Returns the position of the next token of the tag, or of its closing brackets.
    pub(super) fn position(&self) -> usize {
        let Some(tag) = self.tags.get(self.tag) else { return self.text.len() };
        tag.token_spans.get(self.token).map_or(tag.span.end, |place| place.start)
    }

    /// Returns the end of the last token that was read.
    pub(super) fn previous_end(&self) -> usize {
        let Some(tag) = self.tags.get(self.tag) else { return self.text.len() };
        self.token.checked_sub(1).and_then(|last| tag.token_spans.get(last)).map_or(tag.span.start, |place| place.end)
    }

    /// Returns the span of the current tag, with its brackets.
    pub(super) fn tag_span(&self) -> Range<usize> {
        self.tags.get(self.tag).map_or(self.text.len()..self.text.len(), |tag| tag.span.clone())
    }

    pub(super) fn peek(&self) -> Option<&Token<'t>> {
        self.tags.get(self.tag)?.tokens.get(self.token)
    }

    pub(super) fn next(&mut self) -> Result<Token<'t>> {
        let token = self.peek().cloned().ok_or(UnsupportedSyntax)?;
        self.token += 1;
        Ok(token)
    }

    pub(super) fn is_at(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol)
    }

    pub(super) fn is_at_keyword(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Ident(found)) if *found == word)
    }

    pub(super) fn eat(&mut self, symbol: &str) -> bool {
        let is_there = self.is_at(symbol);
        self.token += usize::from(is_there);
        is_there
    }

    pub(super) fn eat_keyword(&mut self, word: &str) -> bool {
        let is_there = self.is_at_keyword(word);
        self.token += usize::from(is_there);
        is_there
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.eat(symbol) { Ok(()) } else { Err(UnsupportedSyntax) }
    }

    pub(super) fn expect_keyword(&mut self, word: &str) -> Result<()> {
        if self.eat_keyword(word) { Ok(()) } else { Err(UnsupportedSyntax) }
    }

    pub(super) fn ident(&mut self) -> Result<&'t str> {
        match self.next()? {
            Token::Ident(name) => Ok(name),
            _ => Err(UnsupportedSyntax),
        }
    }

    pub(super) fn text(&mut self) -> Result<String> {
        match self.next()? {
            Token::Text(text) => Ok(text.into_owned()),
            _ => Err(UnsupportedSyntax),
        }
    }

    /// Leaves a tag at its end.
    pub(super) fn end_tag(&mut self) -> Result<()> {
        let tag = self.tags.get(self.tag).ok_or(UnsupportedSyntax)?;
        if self.token < tag.tokens.len() || !tag.is_closed {
            return Err(UnsupportedSyntax);
        }
        (self.tag, self.token) = (self.tag + 1, 0);
        Ok(())
    }

    pub(super) fn dotted_name(&mut self) -> Result<String> {
        let mut name = self.ident()?.to_owned();
        while self.eat(".") {
            name.push('.');
            name.push_str(self.ident()?);
        }
        Ok(name)
    }
}
