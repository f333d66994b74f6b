use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::source::{Fingerprint, World, read_text};

/// The file that a document was read from. What was parsed in an earlier run comes without its text, which is read
/// again when it is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The path from the root of the site. It names the document; of what a language has from another one it is the path that a
    /// translation would have.
    pub path: Arc<str>,
    /// The path of the file, if that is another one.
    #[serde(skip)]
    origin: Option<Arc<str>>,
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
        let text = Some(source.text.clone());
        Self { path: source.path.clone(), origin: None, body_start, front_matter, body, text }
    }

    /// The same for a document of another name.
    pub fn under(&self, path: String) -> Self {
        let origin = self.origin.clone().unwrap_or_else(|| self.path.clone());
        Self { path: path.into(), origin: Some(origin), ..self.clone() }
    }

    /// The path of the file.
    pub fn file(&self) -> &Arc<str> {
        self.origin.as_ref().unwrap_or(&self.path)
    }

    /// Whether the document has no file of its own, because its language has it from another one.
    pub fn is_fallback(&self) -> bool {
        self.origin.is_some()
    }

    /// The file with its text. An error if it cannot be read, or has changed since it was parsed.
    pub fn read(&self, world: &dyn World) -> Result<SourceText, Diagnostic> {
        if let Some(text) = &self.text {
            return Ok(SourceText { path: self.file().clone(), text: text.clone() });
        }
        let source = read_text(world, self.file())?;
        let same = source.text.is_char_boundary(self.body_start)
            && prints(&source.text, self.body_start) == (self.front_matter, self.body);
        if same {
            return Ok(source);
        }
        Err(Diagnostic::error("this file was changed while the site was being made")
            .at(Location::file(self.file().clone()))
            .help("run the command again"))
    }

    /// The same with its text at hand, if the file is still what was parsed.
    pub fn with_text(&self, world: &dyn World) -> Self {
        let text = self.read(world).ok().map(|source| source.text);
        Self { text, ..self.clone() }
    }

    /// The place of a key in the front matter, or the file as a whole where its text is not at hand.
    pub fn find_key(&self, key: &str) -> Location {
        self.place(|front_matter| key_in(front_matter, key).or_else(|| value_in(front_matter, key)))
    }

    /// The place of a value in the front matter, or the file as a whole where its text is not at hand.
    pub fn find_in_front_matter(&self, value: &str) -> Location {
        self.place(|front_matter| value_in(front_matter, value))
    }

    /// The place of a value of `path`, `slug` or `aliases`, or the file as a whole where its text is not at hand.
    pub fn find_address(&self, value: &str) -> Location {
        let behind = |front_matter: &str, key: &str| {
            let start = key_in(front_matter, key)?.end;
            let found = value_in(&front_matter[start..], value)?;
            Some(start + found.start..start + found.end)
        };
        self.place(|front_matter| {
            // A title may have the same words.
            let keys = ["path", "slug", "aliases"].iter().find_map(|key| behind(front_matter, key));
            keys.or_else(|| value_in(front_matter, value))
        })
    }

    fn place(&self, find: impl FnOnce(&str) -> Option<Range<usize>>) -> Location {
        let found = self.text.as_ref().and_then(|text| Some((text, find(&text[..self.body_start])?)));
        let Some((text, range)) = found else { return Location::file(self.file().clone()) };
        Location::span(&SourceText { path: self.file().clone(), text: text.clone() }, range)
    }
}

/// Where a key begins a line.
fn key_in(front_matter: &str, key: &str) -> Option<Range<usize>> {
    let quotes = |c: char| matches!(c, '"' | '\'' | ' ' | '\t');
    let mut start = 0;
    front_matter.split_inclusive('\n').find_map(|line| {
        let inner = line.trim_start_matches(quotes);
        let at = start + line.len() - inner.len();
        start += line.len();
        let rest = inner.strip_prefix(key)?.trim_start_matches(quotes);
        rest.starts_with(['=', ':']).then(|| at..at + key.len())
    })
}

/// Where a value stands. Most are in quotes, by which a short one is told from a part of another; one with odd characters is not
/// written as it is.
fn value_in(front_matter: &str, value: &str) -> Option<Range<usize>> {
    let written = |text: &str, margin: usize| {
        let at = front_matter.find(text)?;
        Some(at + margin..at + text.len() - margin)
    };
    let quoted = |quote: char| written(&format!("{quote}{value}{quote}"), 1);
    let found = quoted('"').or_else(|| quoted('\'')).or_else(|| written(value, 0));
    found.or_else(|| written(&toml::Value::from(value).to_string(), 0))
}

fn prints(text: &str, body_start: usize) -> (Fingerprint, Fingerprint) {
    let (front_matter, body) = text.split_at(body_start);
    (Fingerprint::of(front_matter.as_bytes()), Fingerprint::of(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_are_found_where_they_are_written() {
        let text = "+++\ntitle = \"All about tags: x\"\naliases = [\"old\", 'about', \"\"]\n[taxonomies]\n\"tags\" = [\"x\"]\n+++\n";
        let line = |range: Option<Range<usize>>| {
            range.map(|range| (text[..range.start].matches('\n').count() + 1, &text[range]))
        };
        assert_eq!(line(key_in(text, "tags")), Some((5, "tags")));
        assert_eq!(line(key_in(text, "all")), None);
        assert_eq!(line(value_in(text, "about")), Some((3, "about")));
        assert_eq!(line(value_in(text, "x")), Some((5, "x")));
        assert_eq!(line(value_in(text, "")), Some((3, "")));
        assert_eq!(line(value_in(text, "taxonomies")), Some((4, "taxonomies")));
        assert_eq!(line(value_in(text, "none")), None);
    }
}
