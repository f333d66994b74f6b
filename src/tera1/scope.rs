//! Which variables and fields are known to be defined at a place of a template.
//!
//! In Tera 1 every path in a condition could be missing. In Tera 2 only its last step can, and `?.` allows more.

use std::collections::BTreeSet;

use super::ast::{Expression, ExpressionKind, Path, Step};

/// Variables that every template has.
const GLOBALS: [&str; 4] = ["config", "lang", "loop", "zola_version"];
/// Fields that exist wherever there is the object that they belong to.
const FIELDS: [&str; 3] = ["extra", "taxonomies", "translations"];
/// Variables of which all fields exist if they exist.
const OBJECTS: [&str; 6] = ["config", "page", "section", "term", "taxonomy", "paginator"];

/// The kind of a block of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// The template itself.
    Template,
    /// `if`
    If,
    /// `for`
    For,
    /// `macro`
    Macro,
    /// `block`, `filter` or the right side of an `and`
    Other,
}

/// What is known in a block.
#[derive(Clone, Debug)]
struct Frame {
    kind: FrameKind,
    /// Variables that are set here.
    variables: Vec<String>,
    /// Paths that are known to have a value.
    paths: Vec<String>,
    /// Variables that were set to something that Tera 2 takes for HTML.
    html: BTreeSet<String>,
}

impl Frame {
    fn new(kind: FrameKind, variables: Vec<String>) -> Self {
        Self { kind, variables, paths: Vec::new(), html: BTreeSet::new() }
    }
}

/// The blocks around a place.
#[derive(Clone, Debug)]
pub struct Scope {
    frames: Vec<Frame>,
}

impl Scope {
    /// Creates the scope at the beginning of a template.
    pub fn new() -> Self {
        Self { frames: vec![Frame::new(FrameKind::Template, Vec::new())] }
    }

    /// Enters a block.
    pub fn push(&mut self, kind: FrameKind, variables: Vec<String>) {
        self.frames.push(Frame::new(kind, variables));
    }

    /// Leaves a block, if it is of this kind.
    pub fn pop(&mut self, kind: FrameKind) {
        if self.frames.len() > 1 && self.frames.last().is_some_and(|frame| frame.kind == kind) {
            self.frames.pop();
        }
    }

    /// Forgets what the condition of the innermost block promises, at its `else`.
    pub fn forget_paths(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.paths.clear();
        }
    }

    /// Notes that a variable is set.
    pub fn define(&mut self, name: &str) {
        if let Some(frame) = self.frames.last_mut() {
            frame.variables.push(name.to_owned());
        }
    }

    /// Notes that a variable is set to HTML: for the loop around the place, or for the whole macro or template.
    pub fn define_html(&mut self, name: &str, is_global: bool) {
        let is_its_place = |frame: &&mut Frame| match frame.kind {
            FrameKind::Template | FrameKind::Macro => true,
            FrameKind::For => !is_global,
            FrameKind::If | FrameKind::Other => false,
        };
        if let Some(frame) = self.frames.iter_mut().rev().find(is_its_place) {
            frame.html.insert(name.to_owned());
        }
    }

    /// Whether a variable may be HTML. A macro does not see the variables of the template around it.
    pub fn is_html(&self, name: &str) -> bool {
        let outer = self.frames.iter().rposition(|frame| frame.kind == FrameKind::Macro).unwrap_or(0);
        self.frames[outer..].iter().any(|frame| frame.html.contains(name))
    }

    /// Notes what must have a value if a condition holds.
    pub fn assume(&mut self, condition: &Expression, text: &str) {
        let Some(frame) = self.frames.last_mut() else { return };
        let mut open = vec![condition];
        while let Some(expression) = open.pop() {
            match &expression.kind {
                ExpressionKind::Path(path) => frame.paths.extend(prefixes(path, text)),
                ExpressionKind::Group(inner) => open.push(inner),
                ExpressionKind::Operation { operator: "and", left, right } => open.extend([&**left, right]),
                ExpressionKind::Test(test) if test.name == "defined" && !test.is_negated => open.push(&test.input),
                ExpressionKind::Test(test) if test.name != "undefined" && !test.is_negated => open.push(&test.input),
                _ => {}
            }
        }
    }

    /// Whether the innermost block of some kind is of this kind.
    pub fn is_in(&self, kinds: &[FrameKind]) -> bool {
        self.frames.iter().any(|frame| kinds.contains(&frame.kind))
    }

    /// Whether a variable is set in the template, as the item of a loop, or as an argument.
    pub fn is_local(&self, name: &str) -> bool {
        self.frames.iter().any(|frame| frame.variables.iter().any(|variable| variable == name))
    }

    /// Returns for each step of a path whether what it starts from is known to have a value.
    pub fn known_steps(&self, path: &Path, text: &str) -> Vec<bool> {
        let is_global = GLOBALS.contains(&path.root);
        let paths = prefixes(path, text);
        let is_assumed = |number: usize| self.frames.iter().any(|frame| frame.paths.contains(&paths[number]));
        let mut known = vec![is_global || self.is_local(path.root) || is_assumed(0)];
        for (number, step) in path.steps.iter().enumerate() {
            let is_field = match step {
                Step::Field(name) => {
                    let is_object = number == 0 && OBJECTS.contains(&path.root);
                    !self.is_local(path.root) && (FIELDS.contains(name) || is_object)
                }
                Step::Index(_) | Step::Key(_) => false,
            };
            known.push(known[number] && is_field || is_assumed(number + 1));
        }
        known
    }
}

/// Returns a path and all paths that it begins with, the shortest first.
fn prefixes(path: &Path, text: &str) -> Vec<String> {
    let mut name = path.root.to_owned();
    let mut prefixes = vec![name.clone()];
    for step in &path.steps {
        match step {
            Step::Field(field) => name.push_str(&format!(".{field}")),
            Step::Index(index) => name.push_str(&format!("[{index}]")),
            Step::Key(key) => name.push_str(&format!("[{}]", &text[key.span.clone()])),
        }
        prefixes.push(name.clone());
    }
    prefixes
}
