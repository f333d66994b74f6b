//! Rewrites a template of Tera 1 into one of Tera 2, tag by tag. All other text stays byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::ast::{Expression, ExpressionKind};
use super::blocks::inherited_blocks;
use super::change::{Change, ChangeKind, Decision, Rewritten, RewrittenTag};
use super::lexer::{Tag, TagKind, tags};
use super::parser::parse;
use super::project::{Project, import};
use super::scope::{FrameKind, Scope};
use super::unreachable::{as_comment, unreachable};

/// How an expression is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// For its value, which must exist.
    Value,
    /// As a condition, or by something that accepts a missing value.
    Condition,
}

/// What becomes of a tag.
pub enum TagText {
    /// It stays as it is.
    Unchanged,
    /// It is replaced.
    Replaced(String),
    /// It is removed, with its line if nothing else is on that.
    Removed,
}

/// How an argument of a component that was a shortcode can be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Its value is `none`.
    None,
    /// The component gives it the value that `default` has in the text.
    Default,
}

/// The state of the rewriting of one template.
pub struct Rewriter<'a> {
    /// The template.
    pub text: &'a str,
    /// Its name.
    pub template: &'a str,
    /// What is known of all templates.
    pub project: &'a Project,
    /// The templates that it imports, by the names that they get.
    pub imports: BTreeMap<&'a str, &'a str>,
    /// The component that the macro around the current place becomes.
    pub component: Option<String>,
    /// The blocks around the current place.
    pub scope: Scope,
    /// The arguments of a shortcode that can be missing.
    pub missing: BTreeMap<String, Missing>,
    /// What must be escaped where it is printed, by the name of the variable.
    pub escaped: Vec<String>,
    /// The names of the blocks so far.
    pub blocks: BTreeSet<&'a str>,
    /// The names of the blocks that stand in nothing but other blocks.
    pub inherited_blocks: BTreeSet<&'a str>,
    /// Whether the tags of each block around the current place go.
    pub open_blocks: Vec<bool>,
    /// Whether the parameter `body` of the macro around the current place has another name.
    pub renames_body: bool,
    /// The result.
    pub result: Rewritten,
}

/// Rewrites a template.
pub fn rewrite_template(text: &str, template: &str, project: &Project) -> Rewritten {
    Rewriter::new(text, template, project).run()
}

impl<'a> Rewriter<'a> {
    /// Creates the state at the beginning of a template.
    pub fn new(text: &'a str, template: &'a str, project: &'a Project) -> Self {
        let imports = tags(text).filter_map(|tag| import(&tag).map(|(template, name)| (name, template))).collect();
        let (missing, escaped) = (BTreeMap::new(), Vec::new());
        let result = Rewritten::default();
        let (component, scope) = (None, Scope::new());
        let (blocks, open_blocks) = (BTreeSet::new(), Vec::new());
        Self {
            text,
            template,
            project,
            imports,
            component,
            scope,
            missing,
            escaped,
            blocks,
            inherited_blocks: inherited_blocks(text),
            open_blocks,
            renames_body: false,
            result,
        }
    }

    /// Rewrites the template.
    pub fn run(mut self) -> Rewritten {
        let mut at = 0;
        let mut unreachable =
            unreachable(self.text, |block| self.project.can_show(self.template, block)).into_iter().peekable();
        for tag in tags(self.text) {
            if tag.span.start < at {
                continue;
            }
            while let Some(range) = unreachable.next_if(|range| range.start <= tag.span.start) {
                self.hide(&range, &mut at);
            }
            if tag.span.start < at {
                continue;
            }
            self.result.text.push_str(&self.text[at..tag.span.start]);
            at = tag.span.end;
            let changes = self.result.changes.len();
            let replacement = self.tag(&tag);
            let needed = self.result.changes[changes..].iter().find(|change| change.is_needed);
            let needed = needed.map(|change| (change.kind, change.span.clone()));
            let text = match replacement {
                TagText::Unchanged => {
                    self.result.text.push_str(&self.text[tag.span.clone()]);
                    continue;
                }
                TagText::Replaced(text) => text,
                TagText::Removed => {
                    at = self.remove_line(&tag);
                    String::new()
                }
            };
            self.result.text.push_str(&text);
            self.result.tags.push(RewrittenTag { span: tag.span.clone(), text, needed });
        }
        for range in unreachable {
            self.hide(&range, &mut at);
        }
        self.result.text.push_str(&self.text[at..]);
        self.result
    }

    /// Turns a range that was never shown into a comment.
    fn hide(&mut self, range: &Range<usize>, at: &mut usize) {
        self.result.text.push_str(&self.text[*at..range.start]);
        let text = as_comment(&self.text[range.clone()]);
        self.result.text.push_str(&text);
        self.change(ChangeKind::Unreachable, range.clone());
        let needed = Some((ChangeKind::Unreachable, range.clone()));
        self.result.tags.push(RewrittenTag { span: range.clone(), text, needed });
        *at = range.end;
    }

    /// Removes the line of a removed tag if nothing else is on it. Returns where the text goes on.
    fn remove_line(&mut self, tag: &Tag<'_>) -> usize {
        let end = tag.span.end;
        let rest = self.text[end..].trim_start_matches([' ', '\t']);
        let after = ["\r\n", "\n"].into_iter().find_map(|end| rest.strip_prefix(end));
        let indent = self.result.text.len() - self.result.text.trim_end_matches([' ', '\t']).len();
        let start = self.result.text.len() - indent;
        let is_line_start = start == 0 || self.result.text[..start].ends_with('\n');
        match after {
            Some(after) if is_line_start => {
                self.result.text.truncate(start);
                self.text.len() - after.len()
            }
            _ => end,
        }
    }

    fn tag(&mut self, tag: &Tag<'a>) -> TagText {
        if !tag.is_closed {
            let message = "this tag has no end".to_owned();
            self.decide(tag.span.start..tag.span.start + 2, message, "write `}}` or `%}` where it ends".to_owned());
            return TagText::Unchanged;
        }
        match tag.kind {
            TagKind::Expression => self.print(tag),
            TagKind::Statement => self.statement(tag),
        }
    }

    /// Rewrites a tag that prints an expression.
    fn print(&mut self, tag: &Tag<'a>) -> TagText {
        let Some(expression) = parse(&tag.tokens) else {
            return self.unreadable(tag, &self.text[tag.span.clone()]);
        };
        let new = self.expression(&expression, Use::Value);
        let new = self.printed(&expression, new);
        self.replace_in_tag(tag, &expression.span, new)
    }

    /// Returns a tag with a part of it replaced.
    pub fn replace_in_tag(&self, tag: &Tag<'_>, span: &Range<usize>, new: String) -> TagText {
        if new == self.text[span.clone()] {
            return TagText::Unchanged;
        }
        let (before, after) = (&self.text[tag.span.start..span.start], &self.text[span.end..tag.span.end]);
        // A brace of the expression would join those of the tag.
        let before_gap = if before.ends_with('{') && new.starts_with('{') { " " } else { "" };
        let after_gap = if after.starts_with('}') && new.ends_with('}') { " " } else { "" };
        TagText::Replaced(format!("{before}{before_gap}{new}{after_gap}{after}"))
    }

    /// Decides about a tag that is not of Tera 1: Tera 2 may accept it.
    pub fn unreadable(&mut self, tag: &Tag<'_>, as_template: &str) -> TagText {
        let is_syntax_error = tera::Tera::default()
            .add_raw_template("t", as_template)
            .is_err_and(|error| matches!(error.kind(), tera::ErrorKind::SyntaxError(_)));
        if is_syntax_error {
            let help = "write it in the syntax of Tera 2".to_owned();
            self.decide(tag.span.clone(), "this tag cannot be read".to_owned(), help);
        }
        TagText::Unchanged
    }

    /// Notes a rewriting without which Tera 2 would refuse the template.
    pub fn change(&mut self, kind: ChangeKind, span: Range<usize>) {
        self.result.changes.push(Change { kind, span, is_needed: true });
    }

    /// Notes a rewriting without which a template would mean something else.
    pub fn change_meaning(&mut self, kind: ChangeKind, span: Range<usize>) {
        self.result.changes.push(Change { kind, span, is_needed: false });
    }

    /// Notes what a person must decide.
    pub fn decide(&mut self, span: Range<usize>, message: String, help: String) {
        self.result.decisions.push(Decision { span, message, help });
    }

    /// Rewrites an expression.
    pub fn expression(&mut self, expression: &Expression<'a>, used: Use) -> String {
        match &expression.kind {
            ExpressionKind::Literal | ExpressionKind::Content => self.text[expression.span.clone()].to_owned(),
            ExpressionKind::Text => self.quoted_text(expression, ""),
            ExpressionKind::Path(path) => self.path(path, &expression.span, used),
            ExpressionKind::Call(call) => self.call(call, &expression.span),
            ExpressionKind::Filter(filter) => self.filter(filter, &expression.span, used),
            ExpressionKind::Test(test) => self.test(test, &expression.span),
            ExpressionKind::Operation { operator, left, right } => {
                let new = self.operation(operator, left, right, expression);
                if used == Use::Value && matches!(*operator, "and" | "or") && !is_truth_value(expression) {
                    self.change_meaning(ChangeKind::Logic, expression.span.clone());
                    return format!("true if {new} else false");
                }
                new
            }
            ExpressionKind::Not(inner) => {
                let new = self.expression(inner, Use::Condition);
                self.splice(&expression.span, [(inner.span.clone(), new)])
            }
            ExpressionKind::Group(inner) => {
                let new = self.expression(inner, used);
                self.splice(&expression.span, [(inner.span.clone(), new)])
            }
            ExpressionKind::List(items) => {
                let new: Vec<_> =
                    items.iter().map(|item| (item.span.clone(), self.expression(item, Use::Value))).collect();
                self.splice(&expression.span, new)
            }
        }
    }

    fn operation(
        &mut self,
        operator: &str,
        left: &Expression<'a>,
        right: &Expression<'a>,
        whole: &Expression<'a>,
    ) -> String {
        let used = if matches!(operator, "and" | "or") { Use::Condition } else { Use::Value };
        let new_left = self.expression(left, used);
        self.scope.push(FrameKind::Other, Vec::new());
        if operator == "and" {
            self.scope.assume(left, self.text);
        }
        let new_right = self.expression(right, used);
        self.scope.pop(FrameKind::Other);
        // Tera 1 refused a sum of texts as well, but only when it rendered it.
        let is_text = |side: &Expression| matches!(side.kind, ExpressionKind::Text);
        if operator == "+" && (is_text(left) || is_text(right)) {
            self.change(ChangeKind::Precedence, whole.span.clone());
            return format!("{new_left} ~ {new_right}");
        }
        self.splice(&whole.span, [(left.span.clone(), new_left), (right.span.clone(), new_right)])
    }

    /// Rewrites a quoted text, in which Tera 2 reads escapes. Those of `kept` had a meaning before.
    pub fn quoted_text(&mut self, expression: &Expression<'_>, kept: &str) -> String {
        let text = &self.text[expression.span.clone()];
        let new = escape_backslashes(text, kept);
        if new != text && is_readable(text) {
            self.change_meaning(ChangeKind::Escape, expression.span.clone());
        } else if new != text {
            self.change(ChangeKind::Escape, expression.span.clone());
        }
        new
    }

    /// Returns the source of a span with some parts of it replaced, which must be in order.
    pub fn splice(&self, span: &Range<usize>, parts: impl IntoIterator<Item = (Range<usize>, String)>) -> String {
        let (mut text, mut at) = (String::new(), span.start);
        for (part, new) in parts {
            text.push_str(&self.text[at..part.start]);
            text.push_str(&new);
            at = part.end;
        }
        text.push_str(&self.text[at..span.end]);
        text
    }
}

/// Whether an expression is true or false, and nothing else.
fn is_truth_value(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Operation { operator, left, right } => match *operator {
            "and" | "or" => is_truth_value(left) && is_truth_value(right),
            operator => !matches!(operator, "+" | "-" | "*" | "/" | "%" | "~"),
        },
        ExpressionKind::Not(_) | ExpressionKind::Test(_) => true,
        ExpressionKind::Group(inner) => is_truth_value(inner),
        _ => false,
    }
}

/// Whether Tera 2 can read the escapes of a quoted text.
fn is_readable(text: &str) -> bool {
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c == '\\' && !characters.next().is_some_and(|escaped| "\"'/\\ntr".contains(escaped)) {
            return false;
        }
    }
    true
}

/// Doubles the backslashes of a quoted text, but not before the characters in `kept`.
pub fn escape_backslashes(text: &str, kept: &str) -> String {
    let mut new = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        new.push(c);
        if c == '\\' && !characters.peek().is_some_and(|next| kept.contains(*next)) {
            new.push('\\');
        }
    }
    new
}
