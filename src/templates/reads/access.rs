//! What a template reads of a value.

use std::collections::BTreeMap;

use crate::templates::field_mask::FieldMask;

/// What is read of a value: that it exists, and possibly more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Whether it is used as a whole: printed, compared, or passed to something that can read any part of it.
    pub is_whole: bool,
    /// What is read of its fields.
    pub fields: BTreeMap<String, Access>,
    /// What is read of the items of a list, or of a field whose name is not known beforehand.
    pub items: Option<Box<Access>>,
}

/// Access to everything.
pub static WHOLE: Access = Access { is_whole: true, fields: BTreeMap::new(), items: None };
/// Access to nothing.
pub static NOTHING: Access = Access { is_whole: false, fields: BTreeMap::new(), items: None };

/// The field that stands for a date as the filter `date` writes it. No template can name it.
pub(super) const FORMATTED: &str = "| date";

impl Access {
    /// Whether nothing else is looked at than what the filter `date` writes.
    pub fn is_formatted(&self) -> bool {
        !self.is_any() && self.fields.keys().all(|field| field == FORMATTED)
    }

    /// Whether any field may be read.
    fn is_any(&self) -> bool {
        self.is_whole || self.items.is_some()
    }

    /// Returns what is read of a field of a map; none if it is not read.
    pub fn field(&self, name: &str) -> Option<&Self> {
        if self.is_any() { Some(&WHOLE) } else { self.fields.get(name) }
    }

    /// Returns what is read of the items of a list.
    fn items(&self) -> &Self {
        match &self.items {
            _ if self.is_whole || !self.fields.is_empty() => &WHOLE,
            Some(items) => items,
            None => &NOTHING,
        }
    }

    /// Returns the fields that are read of a page or section.
    pub fn mask(&self) -> FieldMask {
        if self.is_any() {
            return FieldMask::ALL;
        }
        let fields = self.fields.iter().map(|(name, access)| match name.as_str() {
            "word_count" => FieldMask::WORD_COUNT,
            "reading_time" => FieldMask::READING_TIME,
            "summary" => FieldMask::SUMMARY,
            "content" | "toc" => FieldMask::CONTENT,
            "comments" => {
                let threads = access.field("threads").map_or(FieldMask::META, |_| FieldMask::THREADS);
                let open = access.field("open").map_or(FieldMask::META, |_| FieldMask::COMMENTS_OPEN);
                FieldMask::COMMENT_COUNT | threads | open
            }
            "lower" | "higher" if access.mask() == FieldMask::META => FieldMask::NEIGHBOURS,
            "lower" | "higher" => FieldMask::WHOLE_NEIGHBOURS,
            _ => FieldMask::META,
        });
        fields.fold(FieldMask::META, |all, field| all | field)
    }

    /// Returns the fields that are read of each page in a list.
    pub fn items_mask(&self) -> FieldMask {
        self.items().mask()
    }

    /// Returns the fields that are read of each page in the list `pages` of a section, term or paginator; none if that
    /// list is not read.
    pub fn pages_mask(&self) -> Option<FieldMask> {
        self.field("pages").map(Self::items_mask)
    }

    /// The same for the terms of a list.
    pub fn pages_of_items_mask(&self) -> Option<FieldMask> {
        self.items().pages_mask()
    }

    /// Whether more is read of the comments in a list than author, date and place.
    pub fn reads_comment_texts(&self) -> bool {
        let comment = self.items();
        ["content", "replies", "avatar", "reply_to"].iter().any(|field| comment.field(field).is_some())
    }
}
