//! Problems as a reader sees them: message, file, line, column, the line itself, and what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::excerpt::{Breaks, clean, excerpt};
use super::{Diagnostic, Location, Severity};

/// Messages are cut here: they may quote what an author wrote, and that may be a megabyte.
const LONGEST_MESSAGE: usize = 2000;

/// Draws a diagnostic for a terminal. It has colours; a stream that is no terminal has to strip them.
pub fn report(diagnostic: &Diagnostic) -> String {
    draw(diagnostic, &Renderer::styled())
}

/// Draws a diagnostic as text and nothing else.
pub fn plain(diagnostic: &Diagnostic) -> String {
    draw(diagnostic, &Renderer::plain())
}

/// Says how many problems there are: `3 errors, 1 warning`; nothing where there are none.
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

/// Puts diagnostics in the order of their files, lines and columns, and removes repeated ones. Problems of the run as
/// a whole come last, where a reader's eye is.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    fn place(diagnostic: &Diagnostic) -> (bool, &str, Option<usize>) {
        match &diagnostic.location {
            // Within a file the byte says the same as line and column, and does not need counting.
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
    // What is drawn is never wider than an excerpt, so the renderer has nothing to cut.
    places.name(renderer.clone().term_width(1000).render(&groups))
}

fn message(text: &str) -> String {
    let mut text = clean(text, Breaks::Kept);
    if let Some((end, _)) = text.char_indices().nth(LONGEST_MESSAGE) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The places that a drawing shows.
///
/// The renderer counts columns in the excerpt that it is given, and an excerpt may leave out a line's beginning. So
/// each place is drawn under a token, and the token and the position after it are replaced in the end.
#[derive(Default)]
struct ExcerptLabels(Vec<String>);

impl ExcerptLabels {
    /// Of the private use characters, which [`clean`] lets through from no file.
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
