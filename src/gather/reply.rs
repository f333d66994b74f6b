//! What a network has of a discussion: the replies in the neutral form of the import, and counts of reactions.

use crate::config::Network;
use crate::content::{CommentDocument, CommentKind};
use crate::import::model::{Comment, CommentState, CommentWriter, Format, Text, ThreadKey};

/// A reply on a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The reply. Its key is the network's id, `url` leads to the original, and the writer is the address of an account.
    pub comment: Comment,
    /// The address of the same account by a name that can change, on networks that have such names.
    pub account_alias: Option<String>,
    /// What its writer put before the text, so that readers decide whether to read it.
    pub warning: Option<String>,
}

impl Reply {
    /// The addresses of its writer's account.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        let account = match &self.comment.writer {
            CommentWriter::Account(account) => Some(account.as_str()),
            _ => None,
        };
        account.into_iter().chain(self.account_alias.as_deref())
    }
}

/// A reply that is on the network and is not shown here: it was deleted, it is for a few, or its writer does not wish it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenReply {
    /// The network's id.
    pub key: String,
    /// The id of the reply that it answers. Answers to the hidden reply are shown as answers to that one.
    pub parent: Option<String>,
}

/// What a network has of a discussion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replies {
    /// The replies, each with the key of the reply that it answers; none: it answers the post itself.
    pub list: Vec<Reply>,
    /// Replies that are not shown here.
    pub hidden: Vec<HiddenReply>,
    /// How many people liked the post.
    pub likes: usize,
    /// How many people passed it on.
    pub reposts: usize,
    /// How many of the hidden replies are by writers who do not wish to be shown elsewhere, or who wrote for a few.
    pub opted_out: usize,
    /// Whether there are more than the network or the bounds of a run give. Then a missing reply is not a deleted one.
    pub is_partial: bool,
}

impl Replies {
    /// Adds a reply that is not shown here.
    pub fn hide(&mut self, key: &str, parent: Option<&str>) {
        self.hidden.push(HiddenReply { key: key.to_owned(), parent: parent.map(str::to_owned) });
    }
}

/// The parts of a reply that every network has.
pub struct ReplyParts<'a> {
    /// The network.
    pub network: Network,
    /// The network's id.
    pub key: &'a str,
    /// The id of the reply that it answers.
    pub parent: Option<&'a str>,
    /// The name of its writer.
    pub author: &'a str,
    /// The address of the writer's account.
    pub account: &'a str,
    /// The address of the original.
    pub url: &'a str,
    /// When it was written, as RFC 3339.
    pub date: &'a str,
    /// The text, as HTML.
    pub html: String,
}

impl ReplyParts<'_> {
    /// The reply.
    pub fn reply(self) -> Reply {
        Reply {
            comment: Comment {
                key: self.key.to_owned(),
                // Which page it is on is known to who asked.
                thread: ThreadKey::Thread(String::new()),
                parent: self.parent.map(str::to_owned),
                author: self.author.to_owned(),
                url: self.url.to_owned(),
                writer: CommentWriter::Account(self.account.to_owned()),
                date: Some(self.date.to_owned()),
                kind: CommentKind::Network(self.network),
                decision: CommentState::Approved,
                body: Text { text: self.html, format: Format::Html },
                line: 0,
            },
            account_alias: None,
            warning: None,
        }
    }
}

/// A text of one paragraph, escaped, with its line breaks.
pub fn lines(text: &str) -> String {
    crate::import::html::escape_html(text).replace('\n', "<br>")
}

/// A link, if the address is one of the web; else its text.
pub fn link(url: &str, text: &str) -> String {
    let text = crate::import::html::escape_html(text);
    if crate::config::is_web_address(url) {
        format!("<a href=\"{}\">{text}</a>", crate::import::html::escape_html(url))
    } else {
        text
    }
}

/// Pictures and other files, as links with what their writers say of them.
pub fn attachment(url: &str, description: Option<&str>) -> String {
    let description = description.map(str::trim).filter(|text| !text.is_empty());
    format!("<p>{}</p>", link(url, description.unwrap_or("A picture without a description")))
}

/// How the writer of a page of another site is known: by a name on a site. Many people write on some sites, and the name alone
/// could be anybody's.
pub fn site_account(origin: &str, author: &str) -> String {
    format!("{origin} {author}")
}

/// The address of the account that wrote a comment on a network, as far as its file says it. On some networks the address
/// of a post begins with that of its account, on others a name belongs to one account alone.
pub fn account_of(comment: &CommentDocument) -> Option<String> {
    let (author, url) = (comment.author.as_deref()?, comment.url.as_deref()?);
    let network = match comment.kind {
        CommentKind::Network(network) => network,
        CommentKind::Webmention => return Some(site_account(crate::config::split_origin(url).0, author)),
        _ => return None,
    };
    match network {
        Network::Mastodon => Some(url.rsplit_once('/')?.0.to_owned()),
        Network::Bluesky => Some(url.split_once("/post/")?.0.to_owned()),
        Network::HackerNews => Some(format!("https://news.ycombinator.com/user?id={author}")),
        Network::Lobsters => Some(format!("{}/~{author}", url.split_once("/c/")?.0)),
        Network::GitHub => Some(format!("https://github.com/{author}")),
        // Neither says who it was.
        Network::Lemmy => None,
    }
}
