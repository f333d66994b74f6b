//! YAML, parsed into a tree whose values know their places.
//!
//! The parser gives events, and the tree is built from them. Its size and depth are bounded.

mod scalar;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, Span, StructureStyle, Tag};
use rustc_hash::{FxHashMap, FxHashSet};

pub use self::scalar::{ScalarValue, YamlScalar};
use self::scalar::{identity, own_tag, scalar_value};
use crate::diagnostic::{Diagnostic, Location, SourceText};

/// How deep lists and mappings can be nested.
const MAX_DEPTH: usize = 128;

/// How many values the named values (`&name`) and the references to them (`*name`) of a text can stand for.
///
/// A few lines of references to references would otherwise fill the memory.
const MAX_COPIES: usize = 1_000_000;

/// A text of this many bytes counts as one more value.
const BYTES_PER_COPY: usize = 64;

/// A value and its place in the file.
#[derive(Clone, Debug)]
pub struct YamlNode<'s> {
    pub value: YamlValue<'s>,
    /// The byte range in the file, with the tag. A reference to a value has its own place.
    pub span: Range<usize>,
    /// A tag that YAML does not define, with its exclamation mark: `!name`.
    pub tag: Option<String>,
}

#[derive(Clone, Debug)]
pub enum YamlValue<'s> {
    Scalar(YamlScalar<'s>),
    List(Vec<YamlNode<'s>>),
    /// Keys are scalars, and no two are equal. `1` and `"1"` are not: one is a number, the other a text.
    Map(Vec<(YamlKey<'s>, YamlNode<'s>)>),
}

#[derive(Clone, Debug)]
pub struct YamlKey<'s> {
    pub scalar: YamlScalar<'s>,
    pub span: Range<usize>,
}

/// Parses a range of a file as one YAML document. An empty document is null.
///
/// # Errors
/// The text is not YAML. Parsing stops at the first mistake, so there is one problem at most.
pub fn parse_yaml<'s>(source: &'s SourceText, range: &Range<usize>) -> Result<YamlNode<'s>, Diagnostic> {
    let text = &source.text[range.clone()];
    Builder { text, offset: range.start, ..Builder::default() }.build().map_err(|error| {
        Diagnostic::error(format!("this is not YAML: {}", error.message))
            .at(Location::span(source, error.span))
            .help(error.help)
    })
}

/// A mistake in a YAML text.
struct YamlError {
    span: Range<usize>,
    message: String,
    help: &'static str,
}

/// A list or mapping whose end the parser has not reached.
struct OpenNode<'s> {
    node: YamlNode<'s>,
    /// Whether it is written in brackets.
    in_brackets: bool,
    anchor: usize,
    extent: Extent,
    /// The key of a mapping whose value comes next.
    key: Option<YamlKey<'s>>,
    /// The keys so far: whether the key is a text, and its value as text.
    known_keys: FxHashSet<(bool, Cow<'s, str>)>,
}

/// How large a value is.
#[derive(Clone, Copy)]
struct Extent {
    /// The number of values in it, itself included. Long texts count as several.
    size: usize,
    /// How many lists and mappings are nested in it.
    depth: usize,
}

/// Builds the tree from the events.
#[derive(Default)]
struct Builder<'s> {
    text: &'s str,
    /// Where the text begins in its file.
    offset: usize,
    open: Vec<OpenNode<'s>>,
    /// The values that have a name (`&name`).
    anchors: FxHashMap<usize, (YamlNode<'s>, Extent)>,
    copies: usize,
    root: Option<YamlNode<'s>>,
}

impl<'s> Builder<'s> {
    fn build(mut self) -> Result<YamlNode<'s>, YamlError> {
        // As libyaml does, which other programs use.
        let options = granit_parser::options! {
            bom_inside_document_as_content: true,
            block_scalar_eof_without_line_feed: true,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        };
        for event in Parser::new_from_str_with_options(self.text, options) {
            let (event, span) = event.map_err(|error| self.syntax_error(&error))?;
            self.add(event, &span)?;
        }
        Ok(self.root.unwrap_or(YamlNode {
            value: YamlValue::Scalar(YamlScalar { text: Cow::Borrowed(""), value: ScalarValue::Null }),
            span: self.offset..self.offset,
            tag: None,
        }))
    }

    fn add(&mut self, event: Event<'s>, span: &Span) -> Result<(), YamlError> {
        let range = self.range(span);
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(error(range, "a second document begins here", "keep everything in one document"))
            }
            Event::Scalar(mut text, style, anchor, tag) => {
                // The parser gives `~` where nothing is written.
                if span.is_empty() && style == ScalarStyle::Plain {
                    text = Cow::Borrowed("");
                }
                let value = scalar_value(&text, style, tag.as_deref())
                    .map_err(|message| error(range.clone(), message, "leave the tag out, or change the value"))?;
                let value = YamlValue::Scalar(YamlScalar { text, value });
                let node = YamlNode { value, span: range, tag: tag.as_deref().and_then(own_tag) };
                let extent = extent_of_scalar(&node);
                self.remember(anchor, &node, extent)?;
                self.place(node, extent)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.begin(YamlValue::List(Vec::new()), style, anchor, tag.as_deref(), range)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.begin(YamlValue::Map(Vec::new()), style, anchor, tag.as_deref(), range)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range.end),
            Event::Alias(anchor) => {
                let Some((node, extent)) = self.anchors.get(&anchor) else {
                    return Err(error(
                        range,
                        "a value cannot contain itself",
                        "write the value instead of the reference",
                    ));
                };
                let (extent, copies) = (*extent, self.copies + extent.size);
                // Checked before the copy is made.
                check_copies(copies, &range)?;
                if self.open.len() + extent.depth > MAX_DEPTH {
                    return Err(error(range, TOO_DEEP, TOO_DEEP_HELP));
                }
                let node = YamlNode { span: range, ..node.clone() };
                self.copies = copies;
                self.place(node, extent)
            }
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        value: YamlValue<'s>,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Range<usize>,
    ) -> Result<(), YamlError> {
        if self.open.len() == MAX_DEPTH {
            return Err(error(span, TOO_DEEP, TOO_DEEP_HELP));
        }
        let node = YamlNode { value, span, tag: tag.and_then(own_tag) };
        let extent = Extent { size: 1 + size_of_tag(&node), depth: 1 };
        let in_brackets = style == StructureStyle::Flow;
        self.open.push(OpenNode { node, in_brackets, anchor, extent, key: None, known_keys: FxHashSet::default() });
        Ok(())
    }

    fn end(&mut self, end: usize) -> Result<(), YamlError> {
        let Some(mut open) = self.open.pop() else { return Ok(()) };
        open.node.span.end = end.max(open.node.span.end);
        // To the parser a block ends where the next line begins. To the reader it ends with its own last line.
        let text = &self.text[open.node.span.start - self.offset..open.node.span.end - self.offset];
        open.node.span.end = open.node.span.start + text.trim_end().len();
        self.remember(open.anchor, &open.node, open.extent)?;
        self.place(open.node, open.extent)
    }

    /// Keeps a value that has a name.
    fn remember(&mut self, anchor: usize, node: &YamlNode<'s>, extent: Extent) -> Result<(), YamlError> {
        if anchor > 0 {
            self.copies += extent.size;
            check_copies(self.copies, &node.span)?;
            self.anchors.insert(anchor, (node.clone(), extent));
        }
        Ok(())
    }

    /// Adds a value to the innermost open list or mapping.
    fn place(&mut self, node: YamlNode<'s>, extent: Extent) -> Result<(), YamlError> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.extent.size += extent.size;
        open.extent.depth = open.extent.depth.max(extent.depth + 1);
        match (&mut open.node.value, open.key.take()) {
            (YamlValue::List(items), _) => items.push(node),
            (YamlValue::Map(entries), Some(key)) => entries.push((key, node)),
            (YamlValue::Map(_), None) => {
                let YamlValue::Scalar(scalar) = node.value else {
                    return Err(error(node.span, "a list or a mapping cannot be a key", "use a text as the key"));
                };
                if !open.known_keys.insert(identity(&scalar)) {
                    return Err(duplicate_key(&scalar.text, node.span));
                }
                open.key = Some(YamlKey { scalar, span: node.span });
            }
            (YamlValue::Scalar(_), _) => {}
        }
        Ok(())
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let offset = |marker: Marker| marker.byte_offset().unwrap_or(0).min(self.text.len());
        let start = span.tag_start().into_iter().map(offset).fold(offset(span.start), usize::min);
        let end = offset(span.end).max(start);
        self.offset + start..self.offset + end
    }

    fn syntax_error(&self, cause: &ScanError) -> YamlError {
        let start = cause.marker().byte_offset().unwrap_or(0).min(self.text.len());
        let line = self.text[start..].split('\n').next().unwrap_or_default();
        let end = start + line.trim_end().len();
        let message = match cause.kind() {
            ErrorKind::RecursionLimitExceeded => TOO_DEEP.to_owned(),
            _ => cause.info(),
        };
        let in_brackets = self.open.last().is_some_and(|open| open.in_brackets);
        let help = match cause.kind() {
            ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement if in_brackets => {
                "close the bracket that is open here, or put a text with `: ` in it in quotes"
            }
            kind => syntax_help(kind),
        };
        error(self.offset + start..self.offset + end, message, help)
    }
}

fn error(span: Range<usize>, message: impl Into<String>, help: &'static str) -> YamlError {
    YamlError { span, message: message.into(), help }
}

fn check_copies(copies: usize, span: &Range<usize>) -> Result<(), YamlError> {
    if copies <= MAX_COPIES {
        return Ok(());
    }
    Err(error(span.clone(), "the references stand for too many values", "write it with fewer references"))
}

fn duplicate_key(key: &str, span: Range<usize>) -> YamlError {
    error(span, format!("the key `{key}` is there twice"), "remove one of the two, or rename it")
}

fn extent_of_scalar(node: &YamlNode) -> Extent {
    let length = match &node.value {
        YamlValue::Scalar(scalar) => scalar.text.len(),
        YamlValue::List(_) | YamlValue::Map(_) => 0,
    };
    Extent { size: 1 + length / BYTES_PER_COPY + size_of_tag(node), depth: 0 }
}

fn size_of_tag(node: &YamlNode) -> usize {
    node.tag.as_ref().map_or(0, |tag| tag.len() / BYTES_PER_COPY)
}

const TOO_DEEP: &str = "values are nested too deep";
const TOO_DEEP_HELP: &str = "write it with fewer levels";

/// The advice for the most frequent mistakes.
fn syntax_help(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => "put a text with `: ` in it in quotes",
        ErrorKind::UnexpectedCharacter { .. } => "put a text that begins with a sign in quotes",
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar => "indent lines with spaces, not with tabs",
        ErrorKind::UnknownAnchor | ErrorKind::MissingAnchorOrAliasName => {
            "put a text that begins with `*` or `&` in quotes"
        }
        ErrorKind::RecursionLimitExceeded => TOO_DEEP_HELP,
        ErrorKind::UnclosedQuotedScalar => "end the text with the quote that it begins with",
        ErrorKind::UnknownQuotedScalarEscape => {
            "in double quotes write a backslash twice; in single quotes it stands for itself"
        }
        ErrorKind::BlockSequenceEntryNotAllowed => {
            "begin each item of a list with `- ` on a line of its own, or put a text that begins with `- ` in quotes"
        }
        _ => "write each line as `key: value`, and indent below a key what belongs to it",
    }
}
