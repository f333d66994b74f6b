//! Reads WordPress's export files (WXR 1.0 to 1.2), as they come from Tools → Export.

mod shortcodes;

use std::borrow::Cow;
use std::io::{self, BufRead};

use rustc_hash::FxHashMap;

use super::dates;
use super::html;
use super::model::{
    Author, Blog, Comment, CommentCopy, CommentState, CommentWriter, Format, Item, ItemKind, Media, Omission, Post,
    PostKind, QueryAddress, Sink, Term, Text, ThreadKey, Visibility,
};
use super::records::Records;
use super::xml::{self, Element};
use crate::content::CommentKind;
use shortcodes::Shortcode;

/// The elements that are read one by one.
const RECORDS: &[&str] = &[
    "item",
    "link",
    "wp:author",
    "wp:wp_author",
    "wp:category",
    "wp:tag",
    "wp:term",
    "wp:base_blog_url",
    "wp:base_site_url",
];

/// The elements that have others in them.
const CONTAINERS: &[&str] = &[
    "item",
    "wp:author",
    "wp:wp_author",
    "wp:category",
    "wp:tag",
    "wp:term",
    "wp:comment",
    "wp:postmeta",
    "wp:commentmeta",
    "wp:termmeta",
];

/// Types of items that are the bookkeeping of WordPress or of widespread plugins.
const INTERNAL: &[&str] = &[
    "nav_menu_item",
    "revision",
    "custom_css",
    "customize_changeset",
    "oembed_cache",
    "user_request",
    "wp_block",
    "wp_template",
    "wp_template_part",
    "wp_global_styles",
    "wp_navigation",
    "wp_font_family",
    "wp_font_face",
    "acf-field",
    "acf-field-group",
    "elementor_library",
    "feedback",
    "jetpack_migration",
    "jp_img_sitemap",
    "jp_sitemap",
    "jp_sitemap_master",
    "safecss",
    "scheduled-action",
    "shop_order",
];

/// Whether a file that begins like this is a WordPress export.
pub fn is_wordpress(head: &str) -> bool {
    head.contains("wordpress.org/export/") || head.contains("<wp:wxr_version>")
}

/// Reads a file.
pub fn read(reader: &mut dyn BufRead, sink: &mut dyn Sink) -> io::Result<()> {
    let mut records = Records::new(reader, RECORDS)?;
    let mut galleries = FxHashMap::default();
    // The address of the blog itself wins over that of a network of blogs, and both over that of the feed.
    let mut network = None;
    while let Some(record) = records.read()? {
        let mut repairs = record.repairs;
        let element = xml::parse(&record.text, CONTAINERS, &mut repairs);
        // What a file that was cut off ends with is half an item.
        let is_complete = element.as_ref().is_some_and(|item| !item.field("wp:post_type").is_empty());
        let is_whole = record.is_whole || record.is_followed && is_complete;
        for (what, times) in repairs {
            sink.repair(what, times);
        }
        let Some(element) = element.filter(|_| is_whole) else {
            let class = if record.text.starts_with("<item") { ItemKind::Posts } else { ItemKind::Others };
            let reason = "it is damaged: its end is missing".to_owned();
            sink.leave_out(Omission { class, reason, is_loss: true }, format!("line {}", record.line));
            continue;
        };
        match element.name.as_str() {
            "item" => {
                if let Some(url) = network.take() {
                    sink.item(Item::Blog(Blog { url }))?;
                }
                item(&element, record.line, &mut galleries, sink)?;
            }
            "wp:author" | "wp:wp_author" => {
                let key = element.field("wp:author_login").to_owned();
                let name = [element.field("wp:author_display_name"), &key].into_iter().find(|name| !name.is_empty());
                let user = Some(element.field("wp:author_id").to_owned()).filter(|id| !id.is_empty());
                sink.item(Item::Author(Author { name: name.unwrap_or_default().to_owned(), key, user }))?;
            }
            "wp:base_blog_url" => {
                network = None;
                sink.item(Item::Blog(Blog { url: element.text().trim().to_owned() }))?;
            }
            "link" if network.is_none() => network = Some(element.text().trim().to_owned()),
            "wp:base_site_url" => network = Some(element.text().trim().to_owned()),
            // Terms come again with each post that has them.
            _ => {}
        }
    }
    Ok(())
}

fn item(item: &Element, line: u64, galleries: &mut FxHashMap<String, String>, sink: &mut dyn Sink) -> io::Result<()> {
    let kind = item.field("wp:post_type");
    let status = item.field("wp:status");
    let title = html::text(item.field("title"));
    let name = format!("“{title}” (line {line})");
    let class = match kind {
        "post" | "" => ItemKind::Posts,
        "page" => ItemKind::Pages,
        "attachment" => ItemKind::Media,
        _ => {
            let (what, is_loss) = match () {
                () if INTERNAL.contains(&kind) => ("a record of WordPress or of a plugin", false),
                () if sink.is_unwanted(kind) => ("not wanted, as --leave-out says", false),
                () => ("a type of its own, which Causerie does not know: --leave-out says that it is not wanted", true),
            };
            sink.leave_out(Omission { class: ItemKind::Others, reason: format!("`{kind}` is {what}"), is_loss }, name);
            leave_out_comments(item, &format!("they belong to a `{kind}`, which is left out"), sink);
            return Ok(());
        }
    };
    let mut leave_out =
        |class, reason: String, is_loss| sink.leave_out(Omission { class, reason, is_loss }, name.clone());
    let key = post_id(item, line);
    if class == ItemKind::Media {
        let url = [item.field("wp:attachment_url"), item.field("guid")].into_iter().find(|url| !url.is_empty());
        let url = url.unwrap_or_default().to_owned();
        galleries.insert(key.clone(), url.clone());
        sink.item(Item::Media(Media { key, url, file: None }))?;
        leave_out_comments(item, "they belong to an uploaded file, which has no page of its own", sink);
        return Ok(());
    }
    if matches!(status, "trash" | "auto-draft" | "inherit") {
        leave_out(class, format!("its status is `{status}`"), false);
        leave_out_comments(item, "their post is in the trash", sink);
        return Ok(());
    }
    let has_password = !item.field("wp:post_password").is_empty();
    let visibility = match status {
        _ if has_password => Visibility::Private,
        "publish" => Visibility::Public,
        "draft" | "pending" | "future" => Visibility::Unpublished,
        // Members only, or what a plugin invented.
        _ => Visibility::Private,
    };
    let content = &*with_footnotes(item);
    let has_blocks = content.contains("<!-- wp:");
    let body = shortcodes::replace(content, galleries, &mut |found| match found {
        Shortcode::Known => sink.repair("shortcodes that became HTML", 1),
        Shortcode::Unknown(name) => sink.unknown_tag(&format!("[{name}]")),
    });
    let local = item.field("wp:post_date");
    let date = dates::local_and_gmt(local, item.field("wp:post_date_gmt"));
    let updated = dates::local_and_gmt(item.field("wp:post_modified"), item.field("wp:post_modified_gmt"));
    let former = item.all("wp:postmeta").filter(|meta| meta.field("wp:meta_key") == "_wp_old_slug");
    sink.item(Item::Post(Box::new(Post {
        kind: if class == ItemKind::Pages { PostKind::Page } else { PostKind::Post },
        title,
        slug: item.field("wp:post_name").to_owned(),
        url: Some(item.field("link").to_owned()).filter(|url| !url.is_empty()),
        date,
        updated,
        visibility,
        status: if has_password { "password".to_owned() } else { status.to_owned() },
        authors: Some(item.field("dc:creator").to_owned()).filter(|author| !author.is_empty()).into_iter().collect(),
        body: Text { text: body, format: if has_blocks { Format::Html } else { Format::HtmlWithLines } },
        excerpt: html::text(item.field("excerpt:encoded")),
        terms: terms(item),
        former_slugs: former.map(|meta| meta.field("wp:meta_value").to_owned()).collect(),
        aliases: Vec::new(),
        comments_open: item.field("wp:comment_status") != "closed",
        line,
        key: key.clone(),
    })))?;
    let name = if class == ItemKind::Pages { "page_id" } else { "p" };
    sink.item(Item::QueryAddress(QueryAddress { name, post: key.clone() }))?;
    for element in item.all("wp:comment") {
        let disqus = element.all("wp:commentmeta").find(|meta| meta.field("wp:meta_key") == "dsq_post_id");
        if let Some(original) = disqus.map(|meta| meta.field("wp:meta_value").to_owned()) {
            let copy = CommentCopy { original, key: element.field("wp:comment_id").to_owned() };
            sink.item(Item::CommentCopy(copy))?;
        }
        sink.item(Item::Comment(Box::new(comment(element, &key, line))))?;
    }
    Ok(())
}

/// The text of a post. The block editor keeps footnotes apart from it, and the text only says where they stand.
fn with_footnotes(item: &Element) -> Cow<'_, str> {
    #[derive(serde::Deserialize)]
    struct Footnote {
        id: String,
        content: String,
    }
    let content = item.field("content:encoded");
    let meta = item.all("wp:postmeta").find(|meta| meta.field("wp:meta_key") == "footnotes");
    let notes: Option<Vec<Footnote>> = meta.and_then(|meta| serde_json::from_str(meta.field("wp:meta_value")).ok());
    let block = content.find("<!-- wp:footnotes").and_then(|start| {
        let end = content[start..].find("-->")?;
        Some(start..start + end + "-->".len())
    });
    let (Some(notes), Some(block)) = (notes, block) else { return Cow::Borrowed(content) };
    let notes: String = notes
        .iter()
        .map(|note| format!("<li id=\"{}\">{}</li>\n", html::escape_html(&note.id), note.content))
        .collect();
    Cow::Owned(format!("{}<ol>\n{notes}</ol>{}", &content[..block.start], &content[block.end..]))
}

/// The id of a post. Some exports have it only in an address, or nowhere.
fn post_id(item: &Element, line: u64) -> String {
    let of_address = |name| item.field(name).split_once("?p=").map(|(_, id)| id.split(['&', '#']).next().unwrap_or(id));
    let ids = [Some(item.field("wp:post_id")), of_address("link"), of_address("guid"), Some(item.field("link"))];
    let id = ids.into_iter().flatten().find(|id| !id.is_empty());
    id.map_or_else(|| format!("line-{line}"), str::to_owned)
}

fn leave_out_comments(item: &Element, reason: &str, sink: &mut dyn Sink) {
    for comment in item.all("wp:comment") {
        let omission = Omission { class: ItemKind::Comments, reason: reason.to_owned(), is_loss: false };
        sink.leave_out(omission, format!("comment {}", comment.field("wp:comment_id")));
    }
}

fn terms(item: &Element) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for category in item.all("category") {
        let taxonomy = match category.attribute("domain") {
            Some("post_tag" | "tag") => "tags",
            Some("category") => "categories",
            Some("post_format") => continue,
            Some(other) => other,
            // Version 1.0 writes each category twice, once without a domain.
            None => continue,
        };
        let term = Term { taxonomy: taxonomy.to_owned(), name: html::text(category.text()) };
        let is_default = taxonomy == "categories" && category.attribute("nicename") == Some("uncategorized");
        if !term.name.is_empty() && !is_default && !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

fn comment(element: &Element, post: &str, line: u64) -> Comment {
    let field = |name| element.field(name).to_owned();
    let kind = match element.field("wp:comment_type") {
        "" | "comment" => Some(CommentKind::Comment),
        "pingback" => Some(CommentKind::Pingback),
        "trackback" => Some(CommentKind::Trackback),
        "webmention" | "mention" | "like" | "repost" | "reply" => Some(CommentKind::Webmention),
        _ => None,
    };
    let decision = match element.field("wp:comment_approved") {
        _ if kind.is_none() => CommentState::Internal,
        "1" | "approve" | "approved" => CommentState::Approved,
        "spam" => CommentState::Spam,
        "trash" | "post-trashed" => CommentState::Deleted,
        _ => CommentState::Pending,
    };
    let is_id = |id: &String| !id.is_empty() && id != "0";
    Comment {
        key: field("wp:comment_id"),
        thread: ThreadKey::Post(post.to_owned()),
        parent: Some(field("wp:comment_parent")).filter(is_id),
        author: html::text(element.field("wp:comment_author")),
        url: field("wp:comment_author_url"),
        writer: match element.child("wp:comment_user_id") {
            None => CommentWriter::Unknown,
            Some(_) => {
                Some(field("wp:comment_user_id")).filter(is_id).map_or(CommentWriter::Visitor, CommentWriter::Account)
            }
        },
        date: dates::local_and_gmt(element.field("wp:comment_date"), element.field("wp:comment_date_gmt")),
        kind: kind.unwrap_or_default(),
        decision,
        body: Text { text: field("wp:comment_content"), format: Format::HtmlWithLines },
        line,
    }
}
