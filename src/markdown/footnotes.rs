//! Footnotes: in the text where they are defined, or together at its end with links back.

use pulldown_cmark::CowStr;
use rustc_hash::FxHashMap;

use super::ids::{IdOwner, Ids};
use super::writer::{Writer, push_attribute, push_number};

/// The footnotes of a page.
#[derive(Default)]
pub(super) struct Footnotes<'a> {
    /// By names in lower case, because case does not matter.
    notes: FxHashMap<String, Footnote<'a>>,
    /// How many footnotes have a number.
    numbered: usize,
    /// The open definitions that belong to the end, the innermost last.
    open: Vec<Definition>,
    done: Vec<Definition>,
}

struct Footnote<'a> {
    /// The name as the author first wrote it. The ids are made of it.
    name: CowStr<'a>,
    /// The number, from 1, in the order of the references; 0 as long as nothing refers to the footnote.
    number: usize,
    /// The id, once it is needed.
    id: Option<String>,
    /// Whether its definition has been written.
    is_written: bool,
    /// The ids of the references to it.
    references: Vec<String>,
}

impl<'a> Footnote<'a> {
    fn new(name: CowStr<'a>) -> Self {
        Self { name, number: 0, id: None, is_written: false, references: Vec::new() }
    }

    /// Returns the id: the prefix and the name, unless something else has that id.
    fn id(&mut self, prefix: &str, ids: &mut Ids<'_>) -> &str {
        self.id.get_or_insert_with(|| {
            let id = format!("{prefix}{}", self.name);
            ids.assign(IdOwner::Footnote, &id).unwrap_or(id)
        })
    }
}

/// A definition that belongs to the end.
struct Definition {
    key: String,
    /// The HTML of the definition; while it is open, the HTML of the text around it.
    html: String,
    /// Where the links back go: the end of the last paragraph.
    links_at: Option<usize>,
}

impl<'a> Footnotes<'a> {
    /// Writes a reference to a footnote that is shown where it is defined.
    pub fn reference(&mut self, out: &mut String, name: CowStr<'a>, ids: &mut Ids<'_>) {
        let note = self.numbered(name);
        out.push_str("<sup class=\"footnote-reference\"><a href=\"#");
        push_attribute(out, note.id("", ids));
        out.push_str("\">");
        push_number(out, note.number);
        out.push_str("</a></sup>");
    }

    /// Opens a footnote that is shown where it is defined.
    pub fn start_in_place(&mut self, writer: &mut Writer, name: CowStr<'a>, ids: &mut Ids<'_>) {
        let note = self.numbered(name);
        writer.block("<div class=\"footnote-definition\"");
        // The first of two definitions of one name counts.
        if !std::mem::replace(&mut note.is_written, true) {
            writer.out.push_str(" id=\"");
            push_attribute(&mut writer.out, note.id("", ids));
            writer.out.push('"');
        }
        writer.out.push_str("><sup class=\"footnote-definition-label\">");
        push_number(&mut writer.out, note.number);
        writer.out.push_str("</sup>");
    }

    /// Writes a reference to a footnote that is shown at the end.
    pub fn reference_to_end(&mut self, out: &mut String, name: CowStr<'a>, ids: &mut Ids<'_>) {
        let note = self.numbered(name);
        let id = format!("fr-{}-{}", note.name, note.references.len() + 1);
        let id = ids.assign(IdOwner::Footnote, &id).unwrap_or(id);
        out.push_str("<sup class=\"footnote-reference\" id=\"");
        push_attribute(out, &id);
        out.push_str("\"><a href=\"#");
        push_attribute(out, note.id("fn-", ids));
        out.push_str("\">[");
        push_number(out, note.number);
        out.push_str("]</a></sup>");
        note.references.push(id);
    }

    /// Opens a footnote that is shown at the end, and sets the text around it aside.
    pub fn start_at_end(&mut self, writer: &mut Writer, name: CowStr<'a>) {
        let key = name.to_lowercase();
        self.notes.entry(key.clone()).or_insert_with(|| Footnote::new(name));
        let text = std::mem::take(&mut writer.out);
        self.open.push(Definition { key, html: text, links_at: None });
    }

    /// Closes a footnote that is shown at the end, and returns to the text around it.
    pub fn finish_at_end(&mut self, writer: &mut Writer) {
        if let Some(mut definition) = self.open.pop() {
            std::mem::swap(&mut definition.html, &mut writer.out);
            self.done.push(definition);
        }
    }

    /// Whether the definition of a footnote that is shown at the end is open.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Records that a paragraph ends here.
    pub fn end_of_paragraph(&mut self, at: usize) {
        if let Some(definition) = self.open.last_mut() {
            definition.links_at = Some(at);
        }
    }

    /// Writes the footnotes that are shown at the end and have a reference, in the order of their numbers.
    pub fn finish(mut self, writer: &mut Writer, follows_zola: bool) {
        let notes = self.notes;
        let number = |definition: &Definition| notes.get(&definition.key).map_or(0, |note| note.number);
        self.done.retain(|definition| number(definition) > 0);
        self.done.sort_by_key(number);
        // The first of two definitions of one name counts.
        self.done.dedup_by_key(|definition| number(definition));
        if self.done.is_empty() {
            return;
        }
        writer.out.push_str(match follows_zola {
            true => "<section class=\"footnotes\">\n",
            false => "<div class=\"footnotes\" role=\"doc-endnotes\">\n",
        });
        writer.out.push_str("<ol class=\"footnotes-list\">\n");
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
        writer.out.push_str(if follows_zola { "</ol>\n</section>\n" } else { "</ol>\n</div>\n" });
    }

    /// Returns a footnote by its name, and numbers it.
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
