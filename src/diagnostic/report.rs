//! Problems as the author sees them: message, file, line, column, the line itself, and what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::excerpt::{Breaks, clean, excerpt};
use super::{Diagnostic, Location, Severity};

/// The longest message, in bytes. A message can quote the author's text, which can be a megabyte.
const MAX_MESSAGE_LENGTH: usize = 2000;

/// Formats a diagnostic with colours for a terminal. Output that is not for a terminal must strip them.
pub fn report(diagnostic: &Diagnostic) -> String {
    draw(diagnostic, &Renderer::styled())
}

/// Formats a diagnostic as plain text.
pub fn plain(diagnostic: &Diagnostic) -> String {
    draw(diagnostic, &Renderer::plain())
}

/// Counts problems, as in `3 errors, 1 warning`; empty without any.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity, name| {
        let number = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        match number {
            0 => None,
            1 => Some(format!("1 {name}")),
            _ => Some(format!("{number} {name}s")),
        }
    };
    let counts = [count(Severity::Error, "error"), count(Severity::Warning, "warning")];
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Sorts diagnostics by file, line and column, and removes duplicates. Problems of the run as a whole come last, where
/// the author looks first.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    fn place(diagnostic: &Diagnostic) -> (bool, &str, Option<usize>) {
        match &diagnostic.location {
            // Within a file the byte position gives the same order as line and column, without counting.
            Some(location) => (false, &location.path, location.excerpt.as_ref().map(|(_, span)| span.start)),
            None => (true, "", None),
        }
    }
    diagnostics.sort_by(|one, two| {
        let places = place(one).cmp(&place(two));
        places.then(one.severity.cmp(&two.severity)).then_with(|| one.message.cmp(&two.message))
    });
    diagnostics.dedup();
}

fn draw(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut places = ExcerptLabels::default();
    let mut first = Group::with_title(level.primary_title(message(&diagnostic.message)));
    if let Some(location) = &diagnostic.location {
        first = places.show(first, location);
    }
    if let Some(help) = &diagnostic.help {
        first = first.element(Level::HELP.message(message(help)));
    }
    let mut groups = vec![first];
    for (label, location) in &diagnostic.related {
        groups.push(places.show(Group::with_title(Level::NOTE.secondary_title(message(label))), location));
    }
    // An excerpt is never wider than this, so the renderer has nothing to cut.
    places.name(renderer.clone().term_width(1000).render(&groups))
}

fn message(text: &str) -> String {
    let mut text = clean(text, Breaks::Kept);
    if let Some((end, _)) = text.char_indices().nth(MAX_MESSAGE_LENGTH) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The places that a report names.
///
/// The renderer counts columns in the excerpt that it is given, but an excerpt can omit the beginning of a line. So the
/// renderer gets a token for each place, and the token and the position after it are replaced at the end.
#[derive(Default)]
struct ExcerptLabels(Vec<String>);

impl ExcerptLabels {
    /// A private use character. [`clean`] removes these from every file.
    const TOKEN: char = '\u{e000}';

    fn show<'a>(&mut self, group: Group<'a>, location: &Location) -> Group<'a> {
        let path = message(&location.path).replace('\n', "␊");
        let (Some((text, span)), Some((line, column))) = (&location.excerpt, location.line_column()) else {
            return group.element(Origin::path(path));
        };
        let shown = excerpt(text, span.clone());
        let token = format!("{}{}", Self::TOKEN, self.0.len());
        self.0.push(format!("{path}:{line}:{column}"));
        let mark = AnnotationKind::Primary.span(shown.span);
        group.element(Snippet::source(shown.text).line_start(line).path(token).annotation(mark))
    }

    fn name(self, mut drawing: String) -> String {
        for (number, name) in self.0.iter().enumerate() {
            let token = format!("{}{number}:", Self::TOKEN);
            if let Some(start) = drawing.find(&token) {
                let position = &drawing[start + token.len()..];
                let length = position.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(position.len());
                drawing.replace_range(start..start + token.len() + length, name);
            }
        }
        drawing
    }
}

#[cfg(test)]
mod tests;
