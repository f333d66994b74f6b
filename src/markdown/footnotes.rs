//! Footnotes: where they are written, or together at the end with links back.

use pulldown_cmark::CowStr;
use rustc_hash::FxHashMap;

use super::ids::{IdOwner, Ids};
use super::writer::{Writer, push_attribute, push_number};

/// The footnotes of a page.
#[derive(Default)]
pub(super) struct Footnotes<'a> {
    /// By their names in lower case: case does not matter there.
    notes: FxHashMap<String, Footnote<'a>>,
    /// How many have a number.
    numbered: usize,
    /// The definitions that are being written for the end, one inside of the other.
    open: Vec<Definition>,
    done: Vec<Definition>,
}

struct Footnote<'a> {
    /// The name as it was first written, which ids are made of.
    name: CowStr<'a>,
    /// From 1, in the order of the text; 0 as long as nothing refers to it.
    number: usize,
    /// Its own id, once it is needed.
    id: Option<String>,
    /// Whether it is written.
    is_written: bool,
    /// The ids of the references to it.
    references: Vec<String>,
}

impl<'a> Footnote<'a> {
    fn new(name: CowStr<'a>) -> Self {
        Self { name, number: 0, id: None, is_written: false, references: Vec::new() }
    }

    /// Its id, which is its name behind a prefix if nothing else has that.
    fn id(&mut self, prefix: &str, ids: &mut Ids<'_>) -> &str {
        self.id.get_or_insert_with(|| {
            let id = format!("{prefix}{}", self.name);
            ids.give(IdOwner::Footnote, &id).unwrap_or(id)
        })
    }
}

/// A definition that stands at the end.
struct Definition {
    key: String,
    /// Its HTML; as long as it is open, that of the text around it.
    html: String,
    /// Where the links back go: to the end of the last paragraph.
    links_at: Option<usize>,
}

impl<'a> Footnotes<'a> {
    /// Writes a reference to a footnote that stands where it is written.
    pub fn reference(&mut self, out: &mut String, name: CowStr<'a>, ids: &mut Ids<'_>) {
        let note = self.numbered(name);
        out.push_str("<sup class=\"footnote-reference\"><a href=\"#");
        push_attribute(out, note.id("", ids));
        out.push_str("\">");
        push_number(out, note.number);
        out.push_str("</a></sup>");
    }

    /// Opens a footnote that stands where it is written.
    pub fn start_here(&mut self, writer: &mut Writer, name: CowStr<'a>, ids: &mut Ids<'_>) {
        let note = self.numbered(name);
        writer.block("<div class=\"footnote-definition\"");
        // Of two definitions of one name the first counts.
        if !std::mem::replace(&mut note.is_written, true) {
            writer.out.push_str(" id=\"");
            push_attribute(&mut writer.out, note.id("", ids));
            writer.out.push('"');
        }
        writer.out.push_str("><sup class=\"footnote-definition-label\">");
        push_number(&mut writer.out, note.number);
        writer.out.push_str("</sup>");
    }

    /// Writes a reference to a footnote that stands at the end.
    pub fn reference_to_end(&mut self, out: &mut String, name: CowStr<'a>, ids: &mut Ids<'_>) {
        let note = self.numbered(name);
        let id = format!("fr-{}-{}", note.name, note.references.len() + 1);
        let id = ids.give(IdOwner::Footnote, &id).unwrap_or(id);
        out.push_str("<sup class=\"footnote-reference\" id=\"");
        push_attribute(out, &id);
        out.push_str("\"><a href=\"#");
        push_attribute(out, note.id("fn-", ids));
        out.push_str("\">[");
        push_number(out, note.number);
        out.push_str("]</a></sup>");
        note.references.push(id);
    }

    /// Turns from the text to a footnote that stands at the end.
    pub fn start_for_end(&mut self, writer: &mut Writer, name: CowStr<'a>) {
        let key = name.to_lowercase();
        self.notes.entry(key.clone()).or_insert_with(|| Footnote::new(name));
        let text = std::mem::take(&mut writer.out);
        self.open.push(Definition { key, html: text, links_at: None });
    }

    /// Turns back to the text.
    pub fn end_for_end(&mut self, writer: &mut Writer) {
        if let Some(mut definition) = self.open.pop() {
            std::mem::swap(&mut definition.html, &mut writer.out);
            self.done.push(definition);
        }
    }

    /// Whether a footnote that stands at the end is being written.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Notes that a paragraph ends here.
    pub fn end_of_paragraph(&mut self, at: usize) {
        if let Some(definition) = self.open.last_mut() {
            definition.links_at = Some(at);
        }
    }

    /// Writes the footnotes that stand at the end and have a reference, in the order of their numbers.
    pub fn finish(mut self, writer: &mut Writer) {
        let notes = self.notes;
        let number = |definition: &Definition| notes.get(&definition.key).map_or(0, |note| note.number);
        self.done.retain(|definition| number(definition) > 0);
        self.done.sort_by_key(number);
        // Of two definitions of one name the first counts.
        self.done.dedup_by_key(|definition| number(definition));
        if self.done.is_empty() {
            return;
        }
        writer.out.push_str("<div class=\"footnotes\" role=\"doc-endnotes\">\n<ol class=\"footnotes-list\">\n");
        for definition in &self.done {
            let Some(note) = notes.get(&definition.key) else { continue };
            let (text, rest) = definition.html.split_at(definition.links_at.unwrap_or(definition.html.len()));
            let out = &mut writer.out;
            out.push_str("<li id=\"");
            push_attribute(out, note.id.as_deref().unwrap_or_default());
            out.push_str("\">");
            if definition.links_at.is_some() {
                out.push('\n');
            }
            out.push_str(text);
            for (index, reference) in note.references.iter().enumerate() {
                out.push_str(" <a href=\"#");
                push_attribute(out, reference);
                out.push_str("\">↩");
                if index > 0 {
                    push_number(out, index + 1);
                }
                out.push_str("</a>");
            }
            out.push_str(rest);
            out.push_str("</li>\n");
        }
        writer.out.push_str("</ol>\n</div>\n");
    }

    /// A footnote by its name, with a number.
    fn numbered(&mut self, name: CowStr<'a>) -> &mut Footnote<'a> {
        let Self { notes, numbered, .. } = self;
        let note = notes.entry(name.to_lowercase()).or_insert_with(|| Footnote::new(name));
        if note.number == 0 {
            *numbered += 1;
            note.number = *numbered;
        }
        note
    }
}
