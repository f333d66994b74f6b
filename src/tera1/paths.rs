//! Variables and what is in them: indexes, values that may be missing, and names that changed.

use std::ops::Range;

use super::ast::{Path, Step};
use super::change::ChangeKind;
use super::names::VARIABLES;
use super::rewriter::{Rewriter, Use};
use super::scope::FrameKind;

impl<'a> Rewriter<'a> {
    /// Rewrites a path.
    pub fn path(&mut self, path: &Path<'a>, span: &Range<usize>, used: Use) -> String {
        let source = &self.text[span.clone()];
        let renamed = VARIABLES.iter().find_map(|(old, new)| {
            let rest = source.strip_prefix(old)?;
            (rest.is_empty() || rest.starts_with('.')).then(|| format!("{new}{rest}"))
        });
        if let Some(new) = renamed.filter(|_| !self.scope.is_local(path.root)) {
            self.change_meaning(ChangeKind::Name, span.clone());
            return new;
        }
        self.check_loop(path, span);
        let known = self.scope.known_steps(path, self.text);
        let root = self.variable(path.root);
        let mut new = root.to_owned();
        let (mut has_index, mut is_optional) = (false, false);
        for (step, is_known) in path.steps.iter().zip(known) {
            let optional = if used == Use::Condition && !is_known { "?" } else { "" };
            is_optional |= !optional.is_empty();
            match step {
                Step::Field(name) => new.push_str(&format!("{optional}.{name}")),
                Step::Index(index) => {
                    has_index = true;
                    new.push_str(&format!("{optional}[{index}]"));
                }
                Step::Key(key) => {
                    let key = self.expression(key, Use::Value);
                    new.push_str(&format!("{optional}[{key}]"));
                }
            }
        }
        if has_index {
            self.change(ChangeKind::Index, span.clone());
        }
        if is_optional {
            self.change_meaning(ChangeKind::Optional, span.clone());
        }
        if root != path.root {
            self.change(ChangeKind::Name, span.clone());
        }
        if root != path.root || has_index || is_optional || path.steps.iter().any(|step| matches!(step, Step::Key(_))) {
            return new;
        }
        source.to_owned()
    }

    /// Reports a use of `loop` that Tera 2 does not have.
    fn check_loop(&mut self, path: &Path<'a>, span: &Range<usize>) {
        if path.root != "loop" || self.scope.is_local("loop") {
            return;
        }
        let is_in_loop = self.scope.is_in(&[FrameKind::For]);
        let field = match path.steps.first() {
            Some(Step::Field(name)) => *name,
            _ => "",
        };
        if !is_in_loop {
            self.decide(
                span.clone(),
                "`loop` is only known between `{% for … %}` and `{% endfor %}` of the same file".to_owned(),
                "make this file a component and give it the number as an argument".to_owned(),
            );
        } else if !["index", "index0", "first", "last", "length"].contains(&field) {
            self.decide(
                span.clone(),
                "`loop` is no value of its own".to_owned(),
                "use `loop.index`, `loop.index0`, `loop.first`, `loop.last` or `loop.length`".to_owned(),
            );
        }
    }
}
