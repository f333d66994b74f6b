//! Blocks that Tera 2 has no place for: in a loop, or a second one of the same name.
//!
//! Tera 1 let a template have them in conditions and loops. Where no other template fills such a block, only its content
//! counts, and the tags around it go.

use std::collections::BTreeSet;

use super::change::ChangeKind;
use super::lexer::{Tag, TagKind, tags};
use super::rewriter::{Rewriter, TagText};
use super::scope::FrameKind;

/// Returns the names of the blocks that stand in nothing but other blocks. Tera 1 showed what such a block has wherever its
/// name was. It knew a block in a condition or loop only there.
pub fn inherited_blocks(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut depth = 0_usize;
    for tag in tags(text).filter(|tag| tag.kind == TagKind::Statement) {
        match tag.tokens.first().map(|keyword| keyword.text) {
            Some("if" | "for" | "filter" | "macro") => depth += 1,
            Some("endif" | "endfor" | "endfilter" | "endmacro") => depth = depth.saturating_sub(1),
            Some("block") if depth == 0 => names.extend(tag.tokens.get(1).map(|name| name.text)),
            _ => {}
        }
    }
    names
}

impl<'a> Rewriter<'a> {
    /// Rewrites `{% block name %}`.
    pub fn block(&mut self, tag: &Tag<'a>) -> TagText {
        let name = tag.tokens.get(1).map(|name| name.text).unwrap_or_default();
        let is_repeated = !self.blocks.insert(name);
        let is_in_loop = self.scope.is_in(&[FrameKind::For]);
        self.scope.push(FrameKind::Other, Vec::new());
        let is_misplaced = is_repeated || is_in_loop;
        let is_filled = self.project.can_show(self.template, name) || self.project.is_filled(self.template, name);
        let is_used = is_filled || self.inherited_blocks.contains(name);
        if is_misplaced && is_used {
            let (message, help) = match is_in_loop {
                true => (
                    "a block cannot stand in a loop any more".to_owned(),
                    "put the loop into the block, or make the block a component",
                ),
                false => (
                    format!("this template has a block `{name}` already"),
                    "keep one of them: put the condition into the block",
                ),
            };
            self.decide(tag.span.clone(), message, help.to_owned());
        }
        let is_removed = is_misplaced && !is_used;
        self.open_blocks.push(is_removed);
        if is_removed { self.remove_block_tag(tag) } else { TagText::Unchanged }
    }

    /// Rewrites `{% endblock %}`.
    pub fn block_end(&mut self, tag: &Tag<'a>) -> TagText {
        self.scope.pop(FrameKind::Other);
        match self.open_blocks.pop() {
            Some(true) => self.remove_block_tag(tag),
            _ => TagText::Unchanged,
        }
    }

    /// Removes a tag, but not the white space that it keeps, and not the marks that remove white space.
    fn remove_block_tag(&mut self, tag: &Tag<'a>) -> TagText {
        self.change(ChangeKind::Block, tag.span.clone());
        let source = &self.text[tag.span.clone()];
        let (before, after) = (source.starts_with("{%-"), source.ends_with("-%}"));
        match (before, after) {
            (false, false) => TagText::Replaced(String::new()),
            _ => {
                TagText::Replaced(format!("{{#{}{}#}}", if before { "-" } else { "" }, if after { " -" } else { " " }))
            }
        }
    }
}
