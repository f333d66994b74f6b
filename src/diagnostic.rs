//! Problems as values: what is wrong, where, and what to do about it.
//!
//! Nothing in the library prints, or stops at the first problem. Each phase returns every [`Diagnostic`] it found, and
//! the command line shows them all (see `report`).

mod excerpt;
mod report;

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use report::{plain, report, sort, summary};

/// A decoded text file of the site, which the spans of diagnostics refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The path relative to the site root, with `/` between its parts.
    pub path: Arc<str>,
    /// The text, without a byte order mark and with `\n` at the end of lines.
    pub text: Arc<str>,
}

/// Whether a problem stops the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The site cannot be built as it is. The output folder stays as it was.
    Error,
    /// The site is built, but probably not as the author meant it.
    Warning,
}

/// The kind of a problem, for code that treats some kinds specially. Code never compares messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiagnosticKind {
    /// Any problem that is only reported.
    #[default]
    General,
    /// A template extends, includes or imports a template that does not exist.
    UnknownTemplate,
    /// An address under `[discussions]` in front matter names no discussion.
    DiscussionAddress,
}

/// A place in a file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The path relative to the site root, with `/` between its parts.
    pub path: Arc<str>,
    /// The text and the byte range in it; none for the file as a whole, or for a file that is not text.
    pub excerpt: Option<(Arc<str>, Range<usize>)>,
}

impl Location {
    /// Names a file as a whole.
    pub fn file(path: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), excerpt: None }
    }

    /// Names a byte range of a text. A range beyond the text, or inside a character, moves to the nearest boundary.
    pub fn span(source: &SourceText, span: Range<usize>) -> Self {
        let text = &source.text;
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
        Self { path: source.path.clone(), excerpt: Some((text.clone(), start..end)) }
    }

    /// Returns line and column, both from 1, the column in characters. None without a text.
    pub fn line_column(&self) -> Option<(usize, usize)> {
        let (text, span) = self.excerpt.as_ref()?;
        let before = &text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
        Some((line, before[line_start..].chars().count() + 1))
    }
}

/// Stores only the file of a location, without its text.
impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.path.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Arc::<str>::deserialize(deserializer).map(Self::file)
    }
}

/// One problem that a run found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the build.
    pub severity: Severity,
    /// Which kind of problem it is.
    pub kind: DiagnosticKind,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where it is; none for a problem of the run as a whole, such as a full disk.
    pub location: Option<Location>,
    /// Other places that belong to the problem, each with a label that explains it.
    pub related: Vec<(String, Location)>,
    /// What the author can do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Creates a problem that stops the build.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            kind: DiagnosticKind::General,
            message: message.into(),
            location: None,
            related: Vec::new(),
            help: None,
        }
    }

    /// Creates a problem that is reported and does not stop the build.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// Sets the kind.
    pub fn kind(mut self, kind: DiagnosticKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the location.
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Adds another place that belongs to the problem, with a label.
    pub fn related(mut self, label: impl Into<String>, location: Location) -> Self {
        self.related.push((label.into(), location));
        self
    }

    /// Sets the advice on what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// How many warnings of one kind are listed one by one. Nobody reads more of them at once.
const MAX_LISTED: usize = 20;

/// Shortens a list of warnings to those that are listed one by one. Returns how many were removed.
pub fn truncate_to_listed<T>(all: &mut Vec<T>) -> usize {
    let more = all.len().saturating_sub(MAX_LISTED);
    all.truncate(MAX_LISTED);
    more
}

/// How many problems of a run get a suggestion. Each suggestion compares all names, so for as many problems as there
/// are names it would take hours.
pub const MAX_SUGGESTIONS: usize = 100;

/// Returns the name in `known` that is most similar to `name`, if one is similar enough to be a typing error.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing takes time and memory in proportion to the length, and a name of this length is no typing error.
    if name.len() > 200 {
        return None;
    }
    let letters = LetterCounts::of(name);
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let near = candidate.chars().count().max(3) / 3;
        let most = best.map_or(near, |(distance, _)| distance.min(near));
        // Counts of letters rule out most candidates, in a twentieth of the time.
        if letters.distance(&LetterCounts::of(candidate)) <= most {
            let distance = strsim::damerau_levenshtein(name, candidate);
            if distance <= near && best.is_none_or(|best| (distance, candidate) < best) {
                best = Some((distance, candidate));
            }
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How often each letter is in a word, in any order. Letters that are far apart in Unicode may share a count.
struct LetterCounts([u8; 64]);

impl LetterCounts {
    fn of(word: &str) -> Self {
        let mut counts = [0_u8; 64];
        for letter in word.chars() {
            let count = &mut counts[letter as usize % 64];
            *count = count.saturating_add(1);
        }
        Self(counts)
    }

    /// Returns a lower bound of the edit distance between two words with these letters: a step adds, removes or
    /// replaces one.
    fn distance(&self, other: &Self) -> usize {
        let pairs = || self.0.iter().zip(&other.0);
        let more: usize = pairs().map(|(a, b)| usize::from(a.saturating_sub(*b))).sum();
        let less: usize = pairs().map(|(a, b)| usize::from(b.saturating_sub(*a))).sum();
        more.max(less)
    }
}
