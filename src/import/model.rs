//! The neutral model: what every reader yields and the writer takes.

use std::fmt;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::report::Concern;
use crate::content::CommentKind;

/// One thing that a reader found, in the order of the source.
#[derive(Clone, Debug)]
pub enum Item {
    /// The blog itself.
    Blog(Blog),
    /// Somebody who writes posts.
    Author(Author),
    /// A post or a page.
    Post(Box<Post>),
    /// An address with a query that leads to a post.
    QueryAddress(QueryAddress),
    /// What another part of the source says about a post.
    PostSupplement(PostSupplement),
    /// A file that was uploaded.
    Media(Media),
    /// A thread that is named by the address of its page.
    Thread(Thread),
    /// Somebody who writes comments, where the source lists these people apart from the comments.
    Commenter(Commenter),
    /// A comment.
    Comment(Box<Comment>),
    /// A comment of Disqus that the blog has a copy of.
    CommentCopy(CommentCopy),
}

/// The blog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blog {
    /// Its address.
    pub url: String,
}

/// Somebody who writes posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// What posts call the author.
    pub key: String,
    /// The name that readers see.
    pub name: String,
    /// What comments call the author, where the source knows it.
    pub user: Option<String>,
}

/// A term of a taxonomy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The name of the taxonomy in Causerie: `tags`, `categories`.
    pub taxonomy: String,
    /// The term.
    pub name: String,
}

/// Whether a post is one of many, or stands by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PostKind {
    /// It is listed among the others.
    Post,
    /// It stands by itself.
    Page,
}

/// Who can read a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Nobody: it is not finished, waits for a review or for its date. The word says which.
    Unpublished,
    /// A few: members, or who knows a password.
    Private,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// HTML.
    Html,
    /// HTML in which a blank line begins a paragraph and a line break is one, as in WordPress's classic editor.
    HtmlWithLines,
    /// Markdown.
    Markdown,
    /// Text without any markup.
    Plain,
}

/// A text and how it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text.
    pub text: String,
    /// How it is written.
    pub format: Format,
}

/// A post or a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// What the source calls it.
    pub key: String,
    /// Which of the two it is.
    pub kind: PostKind,
    /// Its title, as text.
    pub title: String,
    /// The last part of its address; can be empty.
    pub slug: String,
    /// Its address, if the source knows it.
    pub url: Option<String>,
    /// When it was written, as RFC 3339.
    pub date: Option<String>,
    /// When it was last changed.
    pub updated: Option<String>,
    /// Who can read it.
    pub visibility: Visibility,
    /// The word of the source for that.
    pub status: String,
    /// The keys of its authors, or their names.
    pub authors: Vec<String>,
    /// The text.
    pub body: Text,
    /// A summary that the author wrote; can be empty.
    pub excerpt: String,
    /// Its terms.
    pub terms: Vec<Term>,
    /// Slugs that it had before.
    pub former_slugs: Vec<String>,
    /// Other addresses that lead to it.
    pub aliases: Vec<String>,
    /// Whether readers may still comment.
    pub comments_open: bool,
    /// The line of the source where it begins.
    pub line: u64,
}

/// An address like `?p=12`, by which a blog finds a post without knowing its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryAddress {
    /// The name of the parameter. Its value is the key of the post.
    pub name: &'static str,
    /// The key of the post.
    pub post: String,
}

/// What another part of the source says about a post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostSupplement {
    /// The key of the post.
    pub post: String,
    /// Its authors, instead of those that it names itself.
    pub authors: Vec<String>,
    /// More terms.
    pub terms: Vec<Term>,
    /// Its summary, if it has none of its own.
    pub excerpt: String,
}

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// What the source calls it.
    pub key: String,
    /// Its address.
    pub url: String,
    /// The file itself, if the source is a folder.
    pub file: Option<PathBuf>,
}

/// A thread that is named by the address of its page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// What comments call it.
    pub key: String,
    /// The address of the page.
    pub url: String,
    /// What the page called itself.
    pub identifier: String,
    /// The title of the page.
    pub title: String,
    /// How many comments the source says that it has. The files may hold fewer, where they came in pages.
    pub count: Option<u64>,
    /// What it is, if it belongs to no page, such as `a pull request`.
    pub foreign: Option<&'static str>,
    /// How many people liked the page elsewhere.
    pub likes: usize,
    /// How many people passed it on.
    pub reposts: usize,
}

/// The thread that a comment belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ThreadKey {
    /// That of the post with this key.
    Post(String),
    /// The thread with this key.
    Thread(String),
}

/// Somebody who writes comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commenter {
    /// The account, as [`CommentWriter::Account`] has it.
    pub key: String,
    /// The name that readers see.
    pub name: String,
    /// The commenter's site; can be empty.
    pub url: String,
}

/// Who wrote a comment, as far as the source knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommentWriter {
    /// The source does not know whether it was the author of the post.
    Unknown,
    /// Not the author of the post.
    Visitor,
    /// The account with this key, which can be that of the post's author.
    Account(String),
    /// The author of the post.
    PostAuthor,
}

/// What the source has decided about a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommentState {
    /// Readers see it.
    Approved,
    /// Nobody has decided.
    Pending,
    /// It is spam.
    Spam,
    /// It was deleted.
    Deleted,
    /// It is no comment: a shop's note on an order, for example.
    Internal,
}

/// A comment. There is no field for an e-mail or network address, so none can reach the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its id in the source.
    pub key: String,
    /// Where it belongs.
    pub thread: ThreadKey,
    /// The id of the comment that it answers.
    pub parent: Option<String>,
    /// The name of its author; can be empty.
    pub author: String,
    /// The author's site; can be empty.
    pub url: String,
    /// Who that is.
    pub writer: CommentWriter,
    /// When it was written, as RFC 3339; none: the source has no such date.
    pub date: Option<String>,
    /// What it is.
    pub kind: CommentKind,
    /// What was decided about it.
    pub decision: CommentState,
    /// The text.
    pub body: Text,
    /// The line of the source where it begins.
    pub line: u64,
}

/// A comment of Disqus that the blog has a copy of, made by Disqus's plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentCopy {
    /// The id of the comment in Disqus.
    pub original: String,
    /// The id of the copy in the blog.
    pub key: String,
}

/// What a report counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// Posts.
    Posts,
    /// Pages.
    Pages,
    /// Uploaded files.
    Media,
    /// Comments, pingbacks and trackbacks.
    Comments,
    /// Everything else that a source has.
    Others,
}

impl fmt::Display for ItemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Posts => "posts",
            Self::Pages => "pages",
            Self::Media => "media",
            Self::Comments => "comments",
            Self::Others => "others",
        })
    }
}

/// Why something is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omission {
    /// What is left out.
    pub class: ItemKind,
    /// Why, in a few words.
    pub reason: String,
    /// Whether somebody loses something that nobody asked to lose.
    pub is_loss: bool,
}

/// Where a reader puts what it finds.
pub trait Sink {
    /// Takes an item.
    fn item(&mut self, item: Item) -> io::Result<()>;
    /// Counts something that was read and is left out, and names it.
    fn leave_out(&mut self, omission: Omission, name: String);
    /// Counts a repair of damaged input.
    fn repair(&mut self, what: &'static str, times: u64);
    /// Counts a shortcode, or a tag of a template language, that stays as text.
    fn unknown_tag(&mut self, name: &str);
    /// Adds something that a person should look at.
    fn concern(&mut self, concern: Concern, name: String);
    /// Whether the author does not want items of a type.
    fn is_unwanted(&self, kind: &str) -> bool;
}
