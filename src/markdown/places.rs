//! Where in a Markdown text something stands, for what takes more lines than the text has room for there.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::renderer::parser_options;
use crate::config::Markdown;

/// What a place in a text is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nothing, or a paragraph.
    Open,
    /// What begins each line of the list or quotation that it is in, and where the first line of that is.
    Inside {
        /// What the lines behind the first begin with.
        prefix: String,
        /// Where the list item or quotation begins.
        start: usize,
    },
    /// The cell of a table.
    Cell,
    /// What ends with its line, such as a heading, or with its paragraph, such as a link.
    Line,
}

/// Where the marks in a text stand: a character that is nowhere else in it.
pub fn places(text: &str, mark: char, options: &Markdown) -> Vec<Place> {
    let marks: Vec<usize> = text.match_indices(mark).map(|(at, _)| at).collect();
    let mut places = vec![Place::Open; marks.len()];
    let mut next = 0;
    let (mut containers, mut cells, mut lines) = (Vec::new(), 0_usize, 0_usize);
    for (event, span) in Parser::new_ext(text, parser_options(options)).into_offset_iter() {
        match event {
            Event::Start(tag) => match Part::of(&tag.to_end()) {
                Some(Part::Container) => containers.push(Container::of(&tag, text, span.start)),
                Some(Part::Cell) => cells += 1,
                Some(Part::Line) => lines += 1,
                None => {}
            },
            Event::End(tag) => match Part::of(&tag) {
                Some(Part::Container) => _ = containers.pop(),
                Some(Part::Cell) => cells = cells.saturating_sub(1),
                Some(Part::Line) => lines = lines.saturating_sub(1),
                None => {}
            },
            _ => {
                while let Some(&mark) = marks.get(next).filter(|mark| **mark < span.end) {
                    if span.contains(&mark) {
                        places[next] = match containers.last() {
                            _ if cells > 0 => Place::Cell,
                            _ if lines > 0 => Place::Line,
                            Some(Some(container)) => {
                                Place::Inside { prefix: container.prefix(text), start: container.start }
                            }
                            Some(None) | None => Place::Open,
                        };
                    }
                    next += 1;
                }
            }
        }
    }
    places
}

/// What matters of the elements around a place.
enum Part {
    Container,
    Cell,
    Line,
}

impl Part {
    fn of(tag: &TagEnd) -> Option<Self> {
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::FootnoteDefinition | TagEnd::DefinitionListDefinition => {
                Some(Self::Container)
            }
            TagEnd::TableCell => Some(Self::Cell),
            TagEnd::Heading(_)
            | TagEnd::DefinitionListTitle
            | TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image => Some(Self::Line),
            _ => None,
        }
    }
}

/// A list item, quotation or footnote.
struct Container {
    start: usize,
    /// Where its content begins in its first line.
    content: usize,
    /// What lies between that and where it begins in the others.
    room: &'static str,
}

impl Container {
    fn of(tag: &Tag<'_>, text: &str, start: usize) -> Option<Self> {
        let is_blank = |c| matches!(c, ' ' | '\t');
        let rest = text.get(start..)?;
        let start = start + rest.len() - rest.trim_start_matches(is_blank).len();
        let rest = &text[start..];
        let (content, room) = match tag {
            Tag::BlockQuote(_) => {
                let behind = rest.strip_prefix('>')?;
                (start + 1 + usize::from(behind.starts_with(' ')), "")
            }
            Tag::FootnoteDefinition(_) => (start, "    "),
            _ => {
                let marker = start + rest.bytes().take_while(u8::is_ascii_digit).count() + 1;
                let behind = text.get(marker..)?;
                let content = behind.trim_start_matches(is_blank);
                match behind.len() - content.len() {
                    room @ 1..=4 if !content.starts_with(['\n', '\r']) => (marker + room, ""),
                    // Code, or nothing, begins one column behind the marker.
                    _ => (marker, " "),
                }
            }
        };
        Some(Self { start, content, room })
    }

    /// What begins its other lines.
    fn prefix(&self, text: &str) -> String {
        let line = text.get(..self.content).unwrap_or_default();
        let line = &line[line.rfind('\n').map_or(0, |at| at + 1)..];
        let blank = |c| if matches!(c, '>' | '\t') { c } else { ' ' };
        line.chars().map(blank).chain(self.room.chars()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_place_is_in_is_known() {
        let options = Markdown { definition_list: true, ..Markdown::default() };
        for (text, expected) in [
            ("a @ b", None),
            ("- @", Some("  ")),
            ("-   a @", Some("    ")),
            ("10. a\n\n    @\n", Some("    ")),
            ("- a\n  - b\n\n    @", Some("    ")),
            ("- [ ] @", Some("  ")),
            ("-\n  @", Some("  ")),
            ("> @", Some("> ")),
            (">@", Some(">")),
            ("> > a\n> > @", Some("> > ")),
            ("> 1. @", Some(">    ")),
            ("- > @", Some("  > ")),
            ("> a\n@", Some("> ")),
            ("* a\n@", Some("  ")),
            ("a[^1]\n\n[^1]: @", Some("    ")),
            ("a\n: @", Some("  ")),
            ("- ```\n  @\n  ```", Some("  ")),
            ("- <div>\n  @\n  </div>", Some("  ")),
        ] {
            let expected = expected.map(str::to_owned);
            let found = places(text, '@', &options);
            let found: Vec<Option<String>> = found
                .into_iter()
                .map(|place| match place {
                    Place::Inside { prefix, .. } => Some(prefix),
                    Place::Open => None,
                    other => panic!("{text}: {other:?}"),
                })
                .collect();
            assert_eq!(found, [expected], "{text}");
        }
        for (text, expected) in [
            ("|a|\n|-|\n|@|", Place::Cell),
            ("|@|\n|-|", Place::Cell),
            ("- # a @", Place::Line),
            ("[a @](/b)", Place::Line),
            ("[a](/b@)", Place::Open),
        ] {
            assert_eq!(places(text, '@', &options), [expected], "{text}");
        }
    }
}
