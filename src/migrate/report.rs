//! What a migration did, and what it leaves to a person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::tera1::{ChangeKind, Rewritten};

/// So many decisions are printed. The page in the new site has all of them.
const MAX_PRINTED: usize = 50;

/// Something that a person must decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenDecision {
    /// The file in the old site.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line itself.
    pub text: String,
    /// What is there.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What a migration did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Whether nothing was written.
    pub is_dry_run: bool,
    /// How many files were rewritten.
    pub rewritten_files: usize,
    /// How many files were copied as they are.
    pub copied_files: usize,
    /// Files that were added.
    pub added_files: Vec<String>,
    /// How many rewritings there are of each kind.
    pub changes: BTreeMap<&'static str, usize>,
    /// What is left.
    pub decisions: Vec<OpenDecision>,
    #[serde(skip)]
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Counts a rewriting.
    pub fn count(&mut self, kind: ChangeKind) {
        *self.changes.entry(kind.words()).or_default() += 1;
    }

    /// Adds a rewritten file.
    pub fn add(&mut self, source: &SourceText, rewritten: &Rewritten) {
        for change in &rewritten.changes {
            self.count(change.kind);
        }
        for decision in &rewritten.decisions {
            self.decide(
                Diagnostic::warning(decision.message.clone())
                    .at(Location::span(source, decision.span.clone()))
                    .help(decision.help.clone()),
            );
        }
    }

    /// Adds something that a person must decide.
    pub fn decide(&mut self, diagnostic: Diagnostic) {
        let location = diagnostic.location.as_ref();
        let (line, column) = location.and_then(Location::line_column).unwrap_or((1, 1));
        let excerpt = location.and_then(|location| location.excerpt.as_ref());
        let text = excerpt.and_then(|(text, _)| text.lines().nth(line - 1)).unwrap_or_default();
        self.decisions.push(OpenDecision {
            path: location.map(|location| location.path.to_string()).unwrap_or_default(),
            line,
            column,
            text: text.trim().chars().take(200).collect(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone().unwrap_or_default(),
        });
        self.diagnostics.push(diagnostic);
    }

    /// Returns the decisions to print.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics[..self.diagnostics.len().min(MAX_PRINTED)]
    }

    /// Returns the number of decisions that are not printed.
    pub fn unprinted(&self) -> usize {
        self.diagnostics.len().saturating_sub(MAX_PRINTED)
    }

    /// Returns the summary for a terminal.
    pub fn text(&self) -> String {
        let mut text = format!(
            "files: {} rewritten, {} copied, {} added\n",
            self.rewritten_files,
            self.copied_files,
            self.added_files.len()
        );
        for path in &self.added_files {
            let _ = writeln!(text, "  added: {path}");
        }
        for (words, count) in &self.changes {
            let _ = writeln!(text, "{count} × {words}");
        }
        let _ = writeln!(text, "left to decide: {}", self.decisions.len());
        text
    }

    /// Returns the page that lists what a person must decide.
    pub fn markdown(&self) -> String {
        let mut page = "# The move from Zola\n".to_owned();
        let _ = write!(page, "\n{} files were rewritten, and {} copied.\n", self.rewritten_files, self.copied_files);
        if !self.changes.is_empty() {
            page.push_str("\n## Rewritten\n\n");
            for (words, count) in &self.changes {
                let _ = writeln!(page, "- {count} × {words}");
            }
        }
        if !self.added_files.is_empty() {
            page.push_str("\n## Added\n\n");
            for path in &self.added_files {
                let _ = writeln!(page, "- `{path}`: it is included, and Tera 2 has no `ignore missing`");
            }
        }
        page.push_str("\n## Left to decide\n\n");
        if self.decisions.is_empty() {
            page.push_str("Nothing.\n");
        }
        for decision in &self.decisions {
            let OpenDecision { path, line, column, text, message, help } = decision;
            let _ = writeln!(page, "- `{path}`, line {line}, column {column}: {message}. {help}.\n");
            if !text.is_empty() {
                let _ = writeln!(page, "  ```\n  {text}\n  ```\n");
            }
        }
        page
    }
}
