//! The tags that are no expressions: conditions, loops, assignments, includes, imports and macros.

use super::ast::ExpressionKind;
use super::change::ChangeKind;
use super::lexer::{Tag, Token, TokenKind};
use super::names::{self, FilterChange};
use super::parser::parse;
use super::project::{expression_of, import, unquoted};
use super::rewriter::{Rewriter, TagText, Use};
use super::scope::FrameKind;

impl<'a> Rewriter<'a> {
    /// Rewrites a statement.
    pub fn statement(&mut self, tag: &Tag<'a>) -> TagText {
        let Some(keyword) = tag.tokens.first() else { return TagText::Unchanged };
        match keyword.text {
            "if" => {
                self.scope.push(FrameKind::If, Vec::new());
                self.condition(tag)
            }
            "elif" => {
                self.scope.forget_paths();
                self.condition(tag)
            }
            "else" => {
                self.scope.forget_paths();
                TagText::Unchanged
            }
            "endif" => self.end(FrameKind::If),
            "for" => self.for_loop(tag),
            "endfor" => self.end(FrameKind::For),
            "set" | "set_global" => self.set(tag),
            "block" => self.block(tag),
            "endblock" => self.block_end(tag),
            "filter" => {
                self.scope.push(FrameKind::Other, Vec::new());
                self.filter_section(tag)
            }
            "endfilter" => self.end(FrameKind::Other),
            "include" => self.include(tag),
            "extends" => self.extends(tag),
            "import" if import(tag).is_some() => {
                self.change(ChangeKind::Import, tag.span.clone());
                TagText::Removed
            }
            "macro" => self.macro_definition(tag),
            "endmacro" => self.macro_end(tag),
            _ => TagText::Unchanged,
        }
    }

    fn end(&mut self, kind: FrameKind) -> TagText {
        self.scope.pop(kind);
        TagText::Unchanged
    }

    fn condition(&mut self, tag: &Tag<'a>) -> TagText {
        let Some(condition) = parse(&tag.tokens[1..]) else {
            let text = &self.text[tag.tokens[0].end()..tag.span.end];
            return self.unreadable(tag, &format!("{{% if {text}{{% endif %}}"));
        };
        let new = self.expression(&condition, Use::Condition);
        self.scope.assume(&condition, self.text);
        self.replace_in_tag(tag, &condition.span, new)
    }

    fn for_loop(&mut self, tag: &Tag<'a>) -> TagText {
        let names = tag.tokens.iter().take_while(|token| !token.is("in")).skip(1);
        let names = names.filter(|token| token.kind == TokenKind::Name).map(|token| token.text.to_owned()).collect();
        let text = match expression_of(tag) {
            Some(list) => {
                let new = self.expression(&list, Use::Value);
                self.replace_in_tag(tag, &list.span, new)
            }
            None => self.unreadable(tag, &format!("{}{{% endfor %}}", &self.text[tag.span.clone()])),
        };
        self.scope.push(FrameKind::For, names);
        text
    }

    fn set(&mut self, tag: &Tag<'a>) -> TagText {
        let value = expression_of(tag);
        let is_block = !tag.tokens.iter().any(|token| token.is("="));
        let is_safe = is_block || value.as_ref().is_some_and(|value| self.can_be_safe(value));
        let text = match value {
            Some(value) => {
                let new = self.expression(&value, Use::Value);
                self.replace_in_tag(tag, &value.span, new)
            }
            None => {
                let end = if is_block { "{% endset %}" } else { "" };
                self.unreadable(tag, &format!("{}{end}", &self.text[tag.span.clone()]))
            }
        };
        if let Some(name) = tag.tokens.get(1) {
            self.scope.define(name.text);
            if is_safe {
                self.scope.define_html(name.text, tag.tokens[0].is("set_global"));
            }
        }
        text
    }

    fn filter_section(&mut self, tag: &Tag<'a>) -> TagText {
        let Some(name) = tag.tokens.get(1) else { return TagText::Unchanged };
        if let Some(FilterChange::Replaced(help)) = names::filter(name.text) {
            let message = format!("Tera 2 has no filter `{}`", name.text);
            self.decide(name.start..name.end(), message, help.to_owned());
            return TagText::Unchanged;
        }
        let section = expression_of(tag);
        let Some((ExpressionKind::Filter(filter), span)) = section.as_ref().map(|it| (&it.kind, &it.span)) else {
            return self.unreadable(tag, &format!("{}{{% endfilter %}}", &self.text[tag.span.clone()]));
        };
        let new = self.applied_filter(filter, span, String::new());
        self.replace_in_tag(tag, span, new)
    }

    /// Checks that the template this one extends exists. Templates of a theme that is a site itself put the theme's name
    /// before it.
    fn extends(&mut self, tag: &Tag<'a>) -> TagText {
        let Some(parent) = tag.tokens.get(1).filter(|token| token.kind == TokenKind::Text) else {
            return TagText::Unchanged;
        };
        let (name, span) = (unquoted(parent.text), parent.start..parent.end());
        let exists = |name: &str| self.project.templates.contains(self.project.template_name(name));
        if exists(name) {
            return TagText::Unchanged;
        }
        match name.split_once("/templates/") {
            Some((_, own)) if exists(own) && own != self.template => {
                let new = parent.text.replace(name, own);
                self.change(ChangeKind::Name, span.clone());
                self.replace_in_tag(tag, &span, new)
            }
            _ => {
                let help = "name one that the site or its theme has".to_owned();
                self.decide(span, format!("there is no template `{name}`"), help);
                TagText::Unchanged
            }
        }
    }

    /// Rewrites an include. Tera 2 takes the name of one template, which must exist.
    fn include(&mut self, tag: &Tag<'a>) -> TagText {
        let names: Vec<&Token<'a>> = tag.tokens.iter().filter(|token| token.kind == TokenKind::Text).collect();
        let is_list = tag.tokens.get(1).is_some_and(|token| token.is("["));
        let can_be_missing = tag.tokens.last().is_some_and(|token| token.is("missing"));
        if names.is_empty() || !is_list && !can_be_missing {
            return TagText::Unchanged;
        }
        self.change(ChangeKind::Include, tag.span.clone());
        let exists =
            |token: &&&Token| self.project.templates.contains(self.project.template_name(unquoted(token.text)));
        let found = names.iter().find(exists).copied();
        if is_list {
            self.decide(
                tag.span.clone(),
                "Tera 2 includes one template, and not the first of a list that exists".to_owned(),
                "the template that exists now is included: check that this is meant".to_owned(),
            );
        }
        let name = found.unwrap_or(names[names.len() - 1]);
        if found.is_none() {
            self.result.required_templates.push(unquoted(name.text).to_owned());
        }
        let last = &tag.tokens[tag.tokens.len() - 1];
        self.replace_in_tag(tag, &(tag.tokens[1].start..last.end()), name.text.to_owned())
    }
}
