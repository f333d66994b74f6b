//! The values of comments.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};
use tera::Value;

use super::content::backlink;
use super::fields::FieldSink;
use crate::config::comments::Avatars;
use crate::content::CommentKind;
use crate::markdown::render_comment;
use crate::site::avatar::identicon;
use crate::site::thread::Comment;
use crate::site::{CommentId, CommentsState, Content, ContentId, Site};

/// Describes the comments on a page or section, except the parts that are not read.
pub(super) fn describe_comments(
    content: &Content,
    open: Option<bool>,
    comments: Option<&Comments>,
    has_origin: bool,
    fields: &mut impl FieldSink,
) {
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
        feed: (count > 0 && has_origin).then(|| content.comment_feed()),
        threads: comments.map_or_else(Vec::new, |comments| comments.values(&thread.roots)),
    };
    fields.set("comments", &section);
}

/// Comments of one thread, as templates see them, by their indices.
pub(in crate::templates) struct Comments {
    /// The page or section that they are on.
    pub content: ContentId,
    values: FxHashMap<usize, Value>,
}

impl Comments {
    /// Creates all comments on a page or section.
    pub(in crate::templates) fn of_content(site: &Site, id: ContentId) -> Self {
        Self::with_replies(site, id, &site.content(id).thread.roots)
    }

    /// Creates some comments with all replies below them.
    pub(in crate::templates) fn with_replies(site: &Site, id: ContentId, indices: &[usize]) -> Self {
        let content = site.content(id);
        let page = Value::from_serializable(&backlink(site, id));
        let mut comments = Self { content: id, values: FxHashMap::default() };
        // The leaves first, because a comment contains its replies.
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

    /// Returns the number of comments.
    pub(in crate::templates) fn count(&self) -> usize {
        self.values.len()
    }

    /// Returns the text of a comment as HTML; none if the comment is not among them.
    pub(in crate::templates) fn html(&self, index: usize) -> Option<&str> {
        self.values.get(&index)?.get_from_path("content")?.as_str()
    }

    /// Returns some comments.
    pub(in crate::templates) fn values(&self, indices: &[usize]) -> Vec<Value> {
        indices.iter().filter_map(|index| self.values.get(index).cloned()).collect()
    }
}

/// A comment. Its replies and its page are values, or stand for them in a fingerprint.
#[derive(Serialize)]
pub(in crate::templates) struct CommentView<'a, R, P> {
    id: &'a str,
    number: usize,
    anchor: String,
    permalink: String,
    kind: &'a str,
    network: Option<&'a str>,
    warning: Option<&'a str>,
    author: Cow<'a, str>,
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

/// The comment that another one replies to.
#[derive(Serialize)]
struct ParentComment<'a> {
    author: Cow<'a, str>,
    permalink: String,
}

/// The picture of a comment's author, if the site has such pictures.
struct Avatar<'a>(Option<&'a str>);

impl Serialize for Avatar<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(author) if serializer.is_human_readable() => {
                Value::safe_string(&identicon(author)).serialize(serializer)
            }
            // In a fingerprint the name stands for the picture that is drawn from it.
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
            // In a fingerprint the Markdown stands for the rendered HTML.
            self.0.serialize(serializer)
        }
    }
}

impl<'a, R, P> CommentView<'a, R, P> {
    pub(in crate::templates) fn new(
        site: &'a Site,
        content: &'a Content,
        comment: &'a Comment,
        page: P,
        replies: R,
    ) -> Self {
        Self {
            id: &comment.id,
            number: comment.number,
            anchor: ["comment-", &comment.id].concat(),
            permalink: comment_permalink(content, comment),
            kind: comment.written.kind.as_str(),
            network: match comment.written.kind {
                CommentKind::Network(network) => Some(network.name()),
                _ => None,
            },
            warning: comment.written.warning.as_deref(),
            author: author(site, content, comment),
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
                ParentComment { author: author(site, content, parent), permalink: comment_permalink(content, parent) }
            }),
            replies,
            page,
        }
    }
}

/// Returns a comment without its text and replies, with the page or section that it is on.
pub(in crate::templates) fn comment_outline(site: &Site, id: &CommentId) -> Value {
    let content = site.content(id.content);
    let comment = &content.thread.comments[id.index];
    let view = CommentView::new(site, content, comment, backlink(site, id.content), [(); 0]);
    Value::from_serializable(&CommentView { content: CommentText(""), ..view })
}

/// Describes a comment without its text and replies.
pub(in crate::templates) fn describe_comment_outline(site: &Site, id: &CommentId, fields: &mut impl FieldSink) {
    let content = site.content(id.content);
    let comment = &content.thread.comments[id.index];
    let view = CommentView::new(site, content, comment, backlink(site, id.content), [(); 0]);
    fields.set("comment", &CommentView { content: CommentText(""), ..view });
}

/// Describes a comment with all replies below it.
pub(in crate::templates) fn describe_comment(site: &Site, id: &CommentId, fields: &mut impl FieldSink) {
    let content = site.content(id.content);
    fields.set("page", &backlink(site, id.content));
    for index in content.thread.below(&[id.index]) {
        let comment = &content.thread.comments[index];
        fields.set("comment", &CommentView::new(site, content, comment, (), &comment.replies));
    }
}

/// Describes all comments on a page or section.
pub(in crate::templates) fn describe_thread(site: &Site, id: ContentId, fields: &mut impl FieldSink) {
    let content = site.content(id);
    fields.set("page", &backlink(site, id));
    fields.set("roots", &content.thread.roots);
    for comment in &content.thread.comments {
        fields.set("comment", &CommentView::new(site, content, comment, (), &comment.replies));
    }
}

/// Who wrote a comment; a name in the language of the page for somebody without one.
fn author<'a>(site: &Site, content: &Content, comment: &'a Comment) -> Cow<'a, str> {
    match &comment.written.author {
        Some(author) => author.into(),
        None => site.config.translations.text(content.lang(), "anonymous", &[]).into(),
    }
}

fn comment_permalink(content: &Content, comment: &Comment) -> String {
    [&content.permalink, "#comment-", &comment.id].concat()
}
