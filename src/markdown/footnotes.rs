//! Footnotes: where they are written, or together at the end with links back.

use pulldown_cmark::CowStr;
use rustc_hash::FxHashMap;

use super::writer::{Writer, push_attribute, push_number};

/// The footnotes of a page.
#[derive(Default)]
pub(super) struct Footnotes<'a> {
    /// By their names in lower case: case does not matter there.
    notes: FxHashMap<String, Note<'a>>,
    /// How many have a number.
    numbered: usize,
    /// The definitions that are being written for the end, one inside of the other.
    open: Vec<Definition>,
    done: Vec<Definition>,
}

struct Note<'a> {
    /// The name as it was first written, which ids are made of.
    name: CowStr<'a>,
    /// From 1, in the order of the text; 0 as long as nothing refers to it.
    number: usize,
    /// How often the text refers to it.
    references: usize,
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
    pub fn reference(&mut self, out: &mut String, name: CowStr<'a>) {
        let note = self.numbered(name);
        out.push_str("<sup class=\"footnote-reference\"><a href=\"#");
        push_attribute(out, &note.name);
        out.push_str("\">");
        push_number(out, note.number);
        out.push_str("</a></sup>");
    }

    /// Opens a footnote that stands where it is written. Gives back its id.
    pub fn start_here(&mut self, writer: &mut Writer, name: CowStr<'a>) -> String {
        let note = self.numbered(name);
        writer.block("<div class=\"footnote-definition\" id=\"");
        push_attribute(&mut writer.out, &note.name);
        writer.out.push_str("\"><sup class=\"footnote-definition-label\">");
        push_number(&mut writer.out, note.number);
        writer.out.push_str("</sup>");
        note.name.to_string()
    }

    /// Writes a reference to a footnote that stands at the end. Gives back its own id.
    pub fn reference_to_end(&mut self, out: &mut String, name: CowStr<'a>) -> String {
        let note = self.numbered(name);
        note.references += 1;
        let id = format!("fr-{}-{}", note.name, note.references);
        out.push_str("<sup class=\"footnote-reference\" id=\"");
        push_attribute(out, &id);
        out.push_str("\"><a href=\"#fn-");
        push_attribute(out, &note.name);
        out.push_str("\">[");
        push_number(out, note.number);
        out.push_str("]</a></sup>");
        id
    }

    /// Turns from the text to a footnote that stands at the end.
    pub fn start_for_end(&mut self, writer: &mut Writer, name: CowStr<'a>) {
        let key = name.to_lowercase();
        self.notes.entry(key.clone()).or_insert(Note { name, number: 0, references: 0 });
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

    /// Writes the footnotes that stand at the end and have a reference, in the order of their numbers. Calls `anchor`
    /// with the id of each.
    pub fn finish(mut self, writer: &mut Writer, mut anchor: impl FnMut(String)) {
        let notes = self.notes;
        let number = |definition: &Definition| notes.get(&definition.key).map_or(0, |note| note.number);
        self.done.retain(|definition| number(definition) > 0);
        self.done.sort_by_key(number);
        // Of two definitions of one name the first counts.
        self.done.dedup_by_key(|definition| number(definition));
        if self.done.is_empty() {
            return;
        }
        writer.out.push_str("<section class=\"footnotes\">\n<ol class=\"footnotes-list\">\n");
        for definition in &self.done {
            let Some(note) = notes.get(&definition.key) else { continue };
            let (text, rest) = definition.html.split_at(definition.links_at.unwrap_or(definition.html.len()));
            let out = &mut writer.out;
            out.push_str("<li id=\"fn-");
            push_attribute(out, &note.name);
            out.push_str("\">");
            if definition.links_at.is_some() {
                out.push('\n');
            }
            out.push_str(text);
            for reference in 1..=note.references {
                out.push_str(" <a href=\"#fr-");
                push_attribute(out, &note.name);
                out.push('-');
                push_number(out, reference);
                out.push_str("\">↩");
                if reference > 1 {
                    push_number(out, reference);
                }
                out.push_str("</a>");
            }
            out.push_str(rest);
            out.push_str("</li>\n");
            anchor(format!("fn-{}", note.name));
        }
        writer.out.push_str("</ol>\n</section>\n");
    }

    /// A footnote by its name, with a number.
    fn numbered(&mut self, name: CowStr<'a>) -> &mut Note<'a> {
        let Self { notes, numbered, .. } = self;
        let note = notes.entry(name.to_lowercase()).or_insert(Note { name, number: 0, references: 0 });
        if note.number == 0 {
            *numbered += 1;
            note.number = *numbered;
        }
        note
    }
}
