//! Pages, sections, terms and comments as templates see them: with Zola's names, and ours for comments.
//!
//! What a value has is said once. The same description makes the value, and the fingerprint by which a change of it is seen.

use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};
use tera::value::Key;
use tera::{Map, Value};

use super::body::Body;
use super::field_mask::FieldMask;
use crate::config::{self, comments::Avatars};
use crate::markdown::render_comment;
use crate::site::avatar::identicon;
use crate::site::plan::COMMENT_FEED;
use crate::site::thread::Comment;
use crate::site::{Asset, CommentId, CommentsState, Content, ContentId, Page, Section, Site, Taxonomy, Term};
use crate::source::Fingerprint;

/// Takes the fields of a value.
pub(super) trait FieldSink {
    /// Takes a field: in the place of one with the same name, or behind the others.
    fn set<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T);
}

/// The fields of a page or section.
pub(super) struct Fields(Map);

/// As many fields as a page has, of which there are many.
const FIELD_CAPACITY: usize = 29;

impl Fields {
    fn new() -> Self {
        Self(Map::with_capacity(FIELD_CAPACITY))
    }

    /// The fields of a map that is there already.
    pub(super) fn from_map(map: &Value) -> Self {
        Self(map.as_map().cloned().unwrap_or_default())
    }

    /// Sets a field to a value of templates.
    pub(super) fn set_value(&mut self, key: &'static str, value: Value) {
        self.0.insert(Key::Str(key), value);
    }
}

impl FieldSink for Fields {
    fn set<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) {
        self.set_value(key, Value::from_serializable(value));
    }
}

impl From<Fields> for Value {
    fn from(Fields(fields): Fields) -> Self {
        fields.into()
    }
}

/// Makes a fingerprint of fields. Their descriptions set the same ones in the same order, so that their names need not be in
/// it.
#[derive(Default)]
pub(super) struct FieldHasher(Vec<u8>);

impl FieldHasher {
    pub(super) fn finish(self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

impl FieldSink for FieldHasher {
    fn set<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) {
        // Texts and lists carry their length, so that no two sequences of fields are the same bytes.
        let extended = postcard::to_extend(value, std::mem::take(&mut self.0));
        debug_assert!(extended.is_ok(), "every field can be serialized");
        self.0 = extended.unwrap_or_default();
    }
}

/// Front matter, address and relations of a page or section.
pub(super) fn meta(site: &Site, id: ContentId) -> Value {
    let mut fields = Fields::new();
    describe_meta(site, id, &mut fields);
    fields.into()
}

/// Describes front matter, address and relations of a page or section.
pub(super) fn describe_meta(site: &Site, id: ContentId, fields: &mut impl FieldSink) {
    describe_common(fields, site, site.content(id));
    match id {
        ContentId::Page(id) => describe_page(fields, site.page(id)),
        ContentId::Section(id) => describe_section(fields, site, site.section(id)),
    }
}

/// Describes what a page or section has beside that. `comments` are its comments, if they are read. Bodies and neighbours
/// are not described here.
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
        describe_comments(content, open, comments, fields);
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

fn describe_common(fields: &mut impl FieldSink, site: &Site, content: &Content) {
    let ancestors: Vec<&str> = content.ancestors.iter().map(|&id| site.section(id).content.file.relative()).collect();
    fields.set("relative_path", content.file.relative());
    fields.set("colocated_path", &content.file.colocated_path);
    fields.set("path", &content.path);
    fields.set("permalink", &content.permalink);
    fields.set("components", &content.components);
    fields.set("ancestors", &ancestors);
    fields.set("lang", content.lang());
    fields.set("assets", &content.assets.iter().map(|asset| asset_url(content, asset)).collect::<Vec<_>>());
    fields.set("translations", &content.translations.iter().map(|&id| translation(site, id)).collect::<Vec<_>>());
    fields.set("backlinks", &content.backlinks.iter().map(|&id| backlink(site, id)).collect::<Vec<_>>());
    fields.set("content", "");
    fields.set("toc", &[(); 0]);
}

fn asset_url(content: &Content, asset: &Asset) -> String {
    [content.path.as_str(), &asset.name].concat()
}

fn describe_page(fields: &mut impl FieldSink, page: &Page) {
    let meta = &page.meta;
    let date = meta.date.as_ref();
    fields.set("title", &meta.title);
    fields.set("description", &meta.description);
    fields.set("date", &date.map(|moment| &moment.text));
    fields.set("year", &date.map(|moment| moment.year));
    fields.set("month", &date.map(|moment| moment.month));
    fields.set("day", &date.map(|moment| moment.day));
    fields.set("updated", &meta.updated.as_ref().map(|moment| &moment.text));
    fields.set("slug", &page.slug);
    fields.set("draft", &meta.draft);
    fields.set("scheduled", &page.is_scheduled);
    fields.set("authors", &meta.authors);
    fields.set("taxonomies", &meta.taxonomies);
    fields.set("weight", &meta.weight);
    fields.set("extra", &ExtraFields(&meta.extra));
    fields.set("summary", &None::<&str>);
    fields.set("lower", &None::<&str>);
    fields.set("higher", &None::<&str>);
}

fn describe_section(fields: &mut impl FieldSink, site: &Site, section: &Section) {
    let meta = &section.meta;
    let subsections: Vec<&str> =
        section.subsections.iter().map(|&id| site.section(id).content.file.relative()).collect();
    fields.set("title", &meta.title);
    fields.set("description", &meta.description);
    fields.set("draft", &meta.draft);
    fields.set("extra", &ExtraFields(&meta.extra));
    fields.set("subsections", &subsections);
    fields.set("generate_feeds", &meta.generate_feeds);
    fields.set("transparent", &meta.transparent);
    fields.set("paginate_by", &meta.paginate_by);
    fields.set("paginate_reversed", &meta.paginate_reversed);
    fields.set("pages", &[(); 0]);
}

/// What an author has added to front matter.
struct ExtraFields<'a>(&'a serde_json::Map<String, serde_json::Value>);

impl Serialize for ExtraFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.0.serialize(serializer)
        } else {
            // The bytes that a fingerprint is made of do not tell `0` from `""`.
            serde_json::to_string(self.0).unwrap_or_default().serialize(serializer)
        }
    }
}

/// One translation of a page or section.
#[derive(Serialize)]
struct Translation<'a> {
    lang: &'a str,
    permalink: &'a str,
    title: Option<&'a str>,
    path: &'a str,
}

fn translation(site: &Site, id: ContentId) -> Translation<'_> {
    let content = site.content(id);
    Translation {
        lang: content.lang(),
        permalink: &content.permalink,
        title: site.title(id),
        path: content.file.relative(),
    }
}

/// The address and title of a page or section.
#[derive(Serialize)]
struct Backlink<'a> {
    permalink: &'a str,
    title: Option<&'a str>,
}

fn backlink(site: &Site, id: ContentId) -> Backlink<'_> {
    Backlink { permalink: &site.content(id).permalink, title: site.title(id) }
}

/// Describes the comments on a page or section, all but what is not read.
fn describe_comments(content: &Content, open: Option<bool>, comments: Option<&Comments>, fields: &mut impl FieldSink) {
    #[derive(Serialize)]
    struct CommentSection {
        enabled: bool,
        open: Option<bool>,
        count: usize,
        feed: Option<String>,
        threads: Vec<Value>,
    }
    let thread = &content.thread;
    let count = thread.count();
    let section = CommentSection {
        enabled: content.talk != CommentsState::Off,
        open,
        count,
        feed: (count > 0).then(|| format!("{}{COMMENT_FEED}", content.permalink)),
        threads: comments.map_or_else(Vec::new, |comments| comments.values(&thread.roots)),
    };
    fields.set("comments", &section);
}

/// Comments of one thread, as templates see them, by their indices.
pub(super) struct Comments {
    /// Whose they are.
    pub content: ContentId,
    values: FxHashMap<usize, Value>,
}

impl Comments {
    /// All comments on a page or section.
    pub(super) fn of_content(site: &Site, id: ContentId) -> Self {
        Self::with_replies(site, id, &site.content(id).thread.roots)
    }

    /// Some of them, and everything below.
    pub(super) fn with_replies(site: &Site, id: ContentId, indices: &[usize]) -> Self {
        let content = site.content(id);
        let page = Value::from_serializable(&backlink(site, id));
        let mut comments = Self { content: id, values: FxHashMap::default() };
        // The leaves first, as a comment holds its replies.
        for index in content.thread.below(indices).into_iter().rev() {
            if !comments.values.contains_key(&index) {
                let comment = &content.thread.comments[index];
                let replies = comments.values(&comment.replies);
                let view = CommentView::new(site, content, comment, &page, replies);
                comments.values.insert(index, Value::from_serializable(&view));
            }
        }
        comments
    }

    /// Some of them.
    pub(super) fn values(&self, indices: &[usize]) -> Vec<Value> {
        indices.iter().filter_map(|index| self.values.get(index).cloned()).collect()
    }
}

/// A comment. What holds its replies and its page is a value, or stands for one in a fingerprint.
#[derive(Serialize)]
pub(super) struct CommentView<'a, R, P> {
    id: &'a str,
    number: usize,
    anchor: String,
    permalink: String,
    kind: &'a str,
    author: &'a str,
    url: Option<&'a str>,
    avatar: Avatar<'a>,
    date: String,
    content: CommentText<'a>,
    depth: usize,
    by_author: bool,
    pending: bool,
    reply_to: Option<ParentComment<'a>>,
    replies: R,
    page: P,
}

/// The comment that another one answers.
#[derive(Serialize)]
struct ParentComment<'a> {
    author: &'a str,
    permalink: String,
}

/// The picture of a comment's author, if there are such pictures.
struct Avatar<'a>(Option<&'a str>);

impl Serialize for Avatar<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(author) if serializer.is_human_readable() => {
                Value::safe_string(&identicon(author)).serialize(serializer)
            }
            // In a fingerprint the name stands for what is drawn from it.
            author => author.serialize(serializer),
        }
    }
}

/// The text of a comment, as HTML.
struct CommentText<'a>(&'a str);

impl Serialize for CommentText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            Value::safe_string(&render_comment(self.0)).serialize(serializer)
        } else {
            // In a fingerprint the Markdown stands for what is rendered from it.
            self.0.serialize(serializer)
        }
    }
}

impl<'a, R, P> CommentView<'a, R, P> {
    pub(super) fn new(site: &'a Site, content: &'a Content, comment: &'a Comment, page: P, replies: R) -> Self {
        Self {
            id: &comment.id,
            number: comment.number,
            anchor: ["comment-", &comment.id].concat(),
            permalink: comment_permalink(content, comment),
            kind: comment.written.kind.as_str(),
            author: comment.author(),
            url: comment.written.url.as_deref(),
            avatar: Avatar(match site.config.comments.avatars {
                Avatars::Identicon => Some(comment.author()),
                Avatars::None => None,
            }),
            date: comment.date.rfc3339(),
            content: CommentText(&comment.written.body),
            depth: comment.depth,
            by_author: comment.by_author,
            pending: comment.is_pending(),
            reply_to: comment.reply_to.map(|index| {
                let parent = &content.thread.comments[index];
                ParentComment { author: parent.author(), permalink: comment_permalink(content, parent) }
            }),
            replies,
            page,
        }
    }
}

/// A comment without its text and replies, with the page or section that it is on.
pub(super) fn comment_outline(site: &Site, id: &CommentId) -> Value {
    let content = site.content(id.content);
    let comment = &content.thread.comments[id.index];
    let view = CommentView::new(site, content, comment, backlink(site, id.content), [(); 0]);
    Value::from_serializable(&CommentView { content: CommentText(""), ..view })
}

/// Describes a comment without its text and replies.
pub(super) fn describe_comment_outline(site: &Site, id: &CommentId, fields: &mut impl FieldSink) {
    let content = site.content(id.content);
    let comment = &content.thread.comments[id.index];
    let view = CommentView::new(site, content, comment, backlink(site, id.content), [(); 0]);
    fields.set("comment", &CommentView { content: CommentText(""), ..view });
}

/// Describes a comment with everything that is below it.
pub(super) fn describe_comment(site: &Site, id: &CommentId, fields: &mut impl FieldSink) {
    let content = site.content(id.content);
    fields.set("page", &backlink(site, id.content));
    for index in content.thread.below(&[id.index]) {
        let comment = &content.thread.comments[index];
        fields.set("comment", &CommentView::new(site, content, comment, (), &comment.replies));
    }
}

/// Describes all comments on a page or section.
pub(super) fn describe_thread(site: &Site, id: ContentId, fields: &mut impl FieldSink) {
    let content = site.content(id);
    fields.set("page", &backlink(site, id));
    fields.set("roots", &content.thread.roots);
    for comment in &content.thread.comments {
        fields.set("comment", &CommentView::new(site, content, comment, (), &comment.replies));
    }
}

fn comment_permalink(content: &Content, comment: &Comment) -> String {
    [&content.permalink, "#comment-", &comment.id].concat()
}

/// What a term has beside its pages.
#[derive(Serialize)]
struct TermView<'a, P> {
    name: &'a str,
    slug: &'a str,
    path: &'a str,
    permalink: &'a str,
    page_count: usize,
    pages: P,
}

impl<'a, P> TermView<'a, P> {
    fn new(term: &'a Term, pages: P) -> Self {
        let Term { name, slug, path, permalink, pages: all } = term;
        Self { name, slug, path, permalink, page_count: all.len(), pages }
    }
}

/// A term with its pages.
pub(super) fn term(term: &Term, pages: &Value) -> Value {
    Value::from_serializable(&TermView::new(term, pages))
}

/// Describes a term without its pages.
pub(super) fn describe_term(term: &Term, fields: &mut impl FieldSink) {
    fields.set("term", &TermView::new(term, ()));
}

/// A taxonomy with its terms.
pub(super) fn taxonomy(taxonomy: &Taxonomy, terms: &[Value]) -> Value {
    #[derive(Serialize)]
    struct TaxonomyView<'a> {
        kind: &'a config::Taxonomy,
        lang: &'a str,
        permalink: &'a str,
        items: &'a [Value],
    }
    let Taxonomy { kind, lang, permalink, .. } = taxonomy;
    Value::from_serializable(&TaxonomyView { kind, lang, permalink, items: terms })
}
