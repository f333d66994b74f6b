//! What a template looks at in a value.

use std::collections::BTreeMap;

use crate::templates::field_mask::FieldMask;

/// What is looked at in a value: that it is there, and perhaps more of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Whether it is used as a whole: printed, compared, or handed to something that may look at any part of it.
    pub is_whole: bool,
    /// What is looked at in its fields.
    pub fields: BTreeMap<String, Access>,
    /// What is looked at in the items of a list, or in a field that is not known beforehand.
    pub items: Option<Box<Access>>,
}

/// An access to all there is.
pub static WHOLE: Access = Access { is_whole: true, fields: BTreeMap::new(), items: None };
/// An access to nothing.
pub static NOTHING: Access = Access { is_whole: false, fields: BTreeMap::new(), items: None };

/// The field that stands for a date as the filter `date` writes it. No template can name it.
pub(super) const FORMATTED: &str = "| date";

impl Access {
    /// Whether nothing else is looked at than what the filter `date` writes.
    pub fn is_formatted(&self) -> bool {
        !self.is_any() && self.fields.keys().all(|field| field == FORMATTED)
    }

    /// Whether any field may be looked at.
    fn is_any(&self) -> bool {
        self.is_whole || self.items.is_some()
    }

    /// What is looked at in a field of a map; none if it is not looked at.
    pub fn field(&self, name: &str) -> Option<&Self> {
        if self.is_any() { Some(&WHOLE) } else { self.fields.get(name) }
    }

    /// What is looked at in the items of a list.
    fn items(&self) -> &Self {
        match &self.items {
            _ if self.is_whole || !self.fields.is_empty() => &WHOLE,
            Some(items) => items,
            None => &NOTHING,
        }
    }

    /// The fields that are looked at in a page or section.
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

    /// The fields that are looked at in each page of a list.
    pub fn items_mask(&self) -> FieldMask {
        self.items().mask()
    }

    /// The fields that are looked at in each page of the list `pages` of a section, term or paginator; none if that list is
    /// not looked at.
    pub fn pages_mask(&self) -> Option<FieldMask> {
        self.field("pages").map(Self::items_mask)
    }

    /// The same for the terms of a list.
    pub fn pages_of_items_mask(&self) -> Option<FieldMask> {
        self.items().pages_mask()
    }

    /// Whether more is looked at in the comments of a list than who wrote them, when and where.
    pub fn reads_comment_texts(&self) -> bool {
        let comment = self.items();
        ["content", "replies", "avatar", "reply_to"].iter().any(|field| comment.field(field).is_some())
    }
}
