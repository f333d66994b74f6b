//! Marks around the calls of components, which show where their outputs are in a rendered text.

use std::ops::Range;

/// Two characters that occur nowhere in a text, which mark the start and the end of an output.
#[derive(Clone, Copy)]
pub(super) struct OutputMarks {
    pub(super) start: char,
    end: char,
}

/// A part of a rendered text, and the output that follows it.
pub(super) struct RenderedPart<'t> {
    pub(super) before: &'t str,
    pub(super) output: Option<&'t str>,
}

impl OutputMarks {
    pub(super) fn unused_in(source: &str) -> Option<Self> {
        // Unicode gives these no meaning (<https://www.unicode.org/faq/private_use.html#noncharacters>).
        let mut free = ('\u{fdd0}'..='\u{fdef}').filter(|&c| !source.contains(c));
        Some(Self { start: free.next()?, end: free.next()? })
    }

    /// Inserts marks around calls. A tag that trims the white space beside it trims the same as without marks.
    pub(super) fn insert(self, calls: &[Range<usize>], source: &str) -> String {
        let mut marked = String::with_capacity(source.len() + calls.len() * 6);
        let mut done = 0;
        for call in calls {
            let text = &source[call.clone()];
            // The trimmed space after the last call can reach up to this one.
            let before = &source[..call.start.max(done)];
            let start = match text.starts_with("{{-") || text.starts_with("{%-") {
                true => before.trim_end().len().max(done),
                false => before.len(),
            };
            let end = match text.ends_with("-}}") || text.ends_with("-%}") {
                true => source.len() - source[call.end..].trim_start().len(),
                false => call.end,
            };
            marked.push_str(&source[done..start]);
            marked.push(self.start);
            marked.push_str(&source[start..end]);
            marked.push(self.end);
            done = end;
        }
        marked.push_str(&source[done..]);
        marked
    }

    /// Splits a rendered text at its marks; none if the marks are not in pairs.
    pub(super) fn split(self, marked: &str) -> Option<Vec<RenderedPart<'_>>> {
        let mut parts = Vec::new();
        let mut rest = marked;
        while let Some((before, behind)) = rest.split_once(self.start) {
            let (output, behind) = behind.split_once(self.end)?;
            if before.contains(self.end) || output.contains(self.start) {
                return None;
            }
            parts.push(RenderedPart { before, output: Some(output) });
            rest = behind;
        }
        parts.push(RenderedPart { before: rest, output: None });
        (!rest.contains(self.end)).then_some(parts)
    }

    pub(super) fn remove(self, marked: &str) -> String {
        marked.replace([self.start, self.end], "")
    }
}

#[cfg(test)]
mod tests {
    use super::super::calls::component_calls;
    use super::*;

    #[test]
    fn white_space_that_tags_take_away_is_between_the_marks() {
        let marks = OutputMarks { start: '[', end: ']' };
        let around = |source: &str| marks.insert(&component_calls(source), source);
        assert_eq!(around("a\n {{- <b /> -}} \n c"), "a[\n {{- <b /> -}} \n ]c");
        assert_eq!(around("{{ <b /> -}} {{- <c /> }} d"), "[{{ <b /> -}} ][{{- <c /> }}] d");
    }
}
