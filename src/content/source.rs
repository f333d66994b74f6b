use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::{Fingerprint, World, read_text};

/// The file that a document was read from. What was parsed in an earlier run comes without its text, which is read
/// again when it is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The path from the root of the site.
    pub path: Arc<str>,
    /// Where the Markdown begins, in bytes. It goes on to the end of the file.
    pub body_start: usize,
    /// The fingerprint of what comes before the Markdown.
    pub front_matter: Fingerprint,
    /// The fingerprint of the Markdown.
    pub body: Fingerprint,
    #[serde(skip)]
    text: Option<Arc<str>>,
}

impl Source {
    pub(super) fn new(source: &SourceText, body_start: usize) -> Self {
        let (front_matter, body) = prints(&source.text, body_start);
        Self { path: source.path.clone(), body_start, front_matter, body, text: Some(source.text.clone()) }
    }

    /// The file with its text. An error if it cannot be read, or is no longer what was parsed.
    pub fn read(&self, world: &dyn World) -> Result<SourceText, Diagnostic> {
        if let Some(text) = &self.text {
            return Ok(SourceText { path: self.path.clone(), text: text.clone() });
        }
        let source = read_text(world, &self.path)?;
        let same = source.text.is_char_boundary(self.body_start)
            && prints(&source.text, self.body_start) == (self.front_matter, self.body);
        if same {
            return Ok(source);
        }
        Err(Diagnostic::error("this file was changed while the site was being made")
            .at(Location::file(self.path.clone()))
            .help("run the command again"))
    }

    /// The place of a value in the front matter, or the file as a whole where its text is not at hand.
    pub fn find_in_front_matter(&self, value: &str) -> Location {
        let Some(text) = &self.text else { return Location::file(self.path.clone()) };
        let front_matter = &text[..self.body_start];
        // Most are in quotes, by which a short one is told from a part of another. One with odd characters is not written as it is.
        let quoted = |quote: char| Some((front_matter.find(&format!("{quote}{value}{quote}"))? + 1, value.len()));
        let written = |value: &str| Some((front_matter.find(value)?, value.len()));
        let found = quoted('"').or_else(|| quoted('\'')).or_else(|| written(value));
        let found = found.or_else(|| written(&toml::Value::from(value).to_string()));
        let Some((at, length)) = found else { return Location::file(self.path.clone()) };
        Location::span(&SourceText { path: self.path.clone(), text: text.clone() }, at..at + length)
    }
}

fn prints(text: &str, body_start: usize) -> (Fingerprint, Fingerprint) {
    let (front_matter, body) = text.split_at(body_start);
    (Fingerprint::of(front_matter.as_bytes()), Fingerprint::of(body.as_bytes()))
}
