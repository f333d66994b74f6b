//! Pages, sections, terms and comments as templates see them: with Zola's names, and our own for comments.
//!
//! Each value is described once. The same description creates the value and its fingerprint.

mod comments;
mod content;
mod fields;
mod series;
mod taxonomies;

use tera::Value;

use self::comments::describe_comments;
pub(super) use self::comments::{
    Comments, comment_outline, describe_comment, describe_comment_outline, describe_thread,
};
use self::content::{describe_common, describe_page, describe_section};
pub(super) use self::fields::{FieldHasher, FieldSink, Fields};
pub(super) use self::series::{Parts, series};
pub(super) use self::taxonomies::{describe_term, taxonomy, term};
use super::body::Body;
use super::field_mask::FieldMask;
use crate::site::{CommentsState, ContentId, Site};

/// Returns front matter, address and relations of a page or section.
pub(super) fn meta(site: &Site, id: ContentId) -> Value {
    let mut fields = Fields::new();
    describe_meta(site, id, &mut fields);
    fields.into()
}

/// Describes front matter, address and relations of a page or section.
pub(super) fn describe_meta(site: &Site, id: ContentId, fields: &mut impl FieldSink) {
    describe_common(fields, site, id);
    match id {
        ContentId::Page(id) => describe_page(fields, site.page(id)),
        ContentId::Section(id) => describe_section(fields, site, site.section(id)),
    }
}

/// Describes the other fields of a page or section. `comments` are its comments, if they are read. Bodies and
/// neighbours are not included.
pub(super) fn describe(
    site: &Site,
    id: ContentId,
    mask: FieldMask,
    comments: Option<&Comments>,
    fields: &mut impl FieldSink,
) {
    let content = site.content(id);
    if mask.contains(FieldMask::WORD_COUNT) {
        fields.set("word_count", &content.words);
    }
    if mask.contains(FieldMask::READING_TIME) {
        fields.set("reading_time", &content.reading_time);
    }
    if mask.contains(FieldMask::COMMENT_COUNT) {
        let is_open = content.talk_at(site.now) == CommentsState::Open;
        let open = mask.contains(FieldMask::COMMENTS_OPEN).then_some(is_open);
        describe_comments(content, open, comments, site.config.has_origin(), fields);
    }
}

/// Describes a rendered body.
pub(super) fn describe_body(body: &Body, fields: &mut impl FieldSink) {
    fields.set("content", &body.html);
    fields.set("toc", &body.toc);
}

/// Describes a summary.
pub(super) fn describe_summary(summary: Option<&str>, fields: &mut impl FieldSink) {
    fields.set("summary", &summary);
}
