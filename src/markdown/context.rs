//! Where in a Markdown text something stands, for what takes more lines than the text has room for there.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::renderer::parser_options;
use super::verbatim::{VerbatimElement, pieces};
use crate::config::Markdown;

/// What a place in a text is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkdownContext {
    /// Nothing, or a paragraph.
    Open,
    /// What begins each line of the list or quotation that it is in, and where the first line of that is.
    Inside {
        /// What the lines behind the first begin with.
        prefix: String,
        /// Where the list item or quotation begins.
        start: usize,
    },
    /// Code between fences, or an element of HTML in which white space counts. Each line begins with the prefix of the list or
    /// quotation around it, which may be empty.
    Code {
        /// What the lines behind the first begin with.
        prefix: String,
    },
    /// The cell of a table, and the element in it whose white space counts.
    Cell(Option<VerbatimElement>),
    /// What ends with its line, such as a heading, or with its paragraph, such as a link; and the element in it whose white space
    /// counts.
    Line(Option<VerbatimElement>),
}

/// Where the marks in a text stand: a character that is nowhere else in it.
pub fn places(text: &str, mark: char, options: &Markdown) -> Vec<MarkdownContext> {
    let marks: Vec<usize> = text.match_indices(mark).map(|(at, _)| at).collect();
    let mut places = vec![MarkdownContext::Open; marks.len()];
    let mut next = 0;
    let (mut containers, mut cells, mut lines) = (Vec::new(), 0_usize, 0_usize);
    let mut is_fenced = false;
    // The element of HTML that is open here.
    let mut open: Option<VerbatimElement> = None;
    for (event, span) in Parser::new_ext(text, parser_options(options)).into_offset_iter() {
        let is_html = matches!(event, Event::Html(_) | Event::InlineHtml(_));
        match event {
            Event::Start(Tag::CodeBlock(kind)) => is_fenced = matches!(kind, CodeBlockKind::Fenced(_)),
            Event::End(TagEnd::CodeBlock) => is_fenced = false,
            Event::Start(tag) => match EnclosingElement::of(&tag.to_end()) {
                Some(EnclosingElement::Container) => containers.push(Container::of(&tag, text, span.start)),
                Some(EnclosingElement::Cell) => cells += 1,
                Some(EnclosingElement::Line) => lines += 1,
                None => {}
            },
            Event::End(tag) => match EnclosingElement::of(&tag) {
                Some(EnclosingElement::Container) => _ = containers.pop(),
                Some(EnclosingElement::Cell) => cells = cells.saturating_sub(1),
                Some(EnclosingElement::Line) => lines = lines.saturating_sub(1),
                None => {}
            },
            _ => {
                // How far the HTML of this event is read.
                let mut read = span.start;
                let mut read_to = |end: usize, open: &mut Option<VerbatimElement>| {
                    if is_html && read < end {
                        *open = pieces(&text[read..end], *open).1;
                        read = end;
                    }
                };
                while let Some(&mark) = marks.get(next).filter(|mark| **mark < span.end) {
                    if span.contains(&mark) {
                        read_to(mark, &mut open);
                        let element = open.filter(|element| *element != VerbatimElement::Comment);
                        let container = containers.last().and_then(Option::as_ref);
                        places[next] = match container {
                            _ if cells > 0 => MarkdownContext::Cell(element),
                            _ if lines > 0 => MarkdownContext::Line(element),
                            _ if is_fenced || element.is_some() => {
                                let prefix = container.map(|container| container.prefix(text));
                                MarkdownContext::Code { prefix: prefix.unwrap_or_default() }
                            }
                            Some(container) => {
                                MarkdownContext::Inside { prefix: container.prefix(text), start: container.start }
                            }
                            None => MarkdownContext::Open,
                        };
                    }
                    next += 1;
                }
                read_to(span.end, &mut open);
            }
        }
    }
    places
}

/// What matters of the elements around a place.
enum EnclosingElement {
    Container,
    Cell,
    Line,
}

impl EnclosingElement {
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
            ("- <div>\n  @\n  </div>", Some("  ")),
        ] {
            let expected = expected.map(str::to_owned);
            let found = places(text, '@', &options);
            let found: Vec<Option<String>> = found
                .into_iter()
                .map(|place| match place {
                    MarkdownContext::Inside { prefix, .. } => Some(prefix),
                    MarkdownContext::Open => None,
                    other => panic!("{text}: {other:?}"),
                })
                .collect();
            assert_eq!(found, [expected], "{text}");
        }
        for (text, expected) in [
            ("|a|\n|-|\n|@|", MarkdownContext::Cell(None)),
            ("|@|\n|-|", MarkdownContext::Cell(None)),
            ("|<pre>@</pre>|\n|-|", MarkdownContext::Cell(Some(VerbatimElement::Pre))),
            ("- # a @", MarkdownContext::Line(None)),
            ("[a @](/b)", MarkdownContext::Line(None)),
            ("[a](/b@)", MarkdownContext::Open),
            ("    @", MarkdownContext::Open),
            ("`<pre>` @", MarkdownContext::Open),
            ("<!-- <pre> -->\n\n@", MarkdownContext::Open),
            ("<pre>\n</pre>\n\n@", MarkdownContext::Open),
        ] {
            assert_eq!(places(text, '@', &options), [expected], "{text}");
        }
        for (text, prefix) in [
            ("```html\n@\n```", ""),
            ("<pre>\n@\n</pre>", ""),
            ("a <TEXTAREA name=b>@</TEXTAREA>", ""),
            ("<div><pre>a</pre><pre>\n@</pre></div>", ""),
            ("- ```\n  @\n  ```", "  "),
            ("> - <script>\n>   @\n>   </script>", ">   "),
        ] {
            assert_eq!(places(text, '@', &options), [MarkdownContext::Code { prefix: prefix.into() }], "{text}");
        }
    }
}
