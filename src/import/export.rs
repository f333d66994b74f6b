//! Comments on their way out: a site's threads as WXR, which many programs read, and as JSON.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::html::escape_html;
use super::load_config;
use crate::content::CommentStatus;
use crate::diagnostic::Diagnostic;
use crate::load::{ParseCache, Sources};
use crate::markdown::render_comment;
use crate::site::thread::Comment;
use crate::site::{self, Content, ContentId, Site};
use crate::source::DiskWorld;

/// How comments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// WordPress's export format.
    Wxr,
    /// JSON.
    Json,
}

#[derive(Serialize)]
struct ExportedPage<'a> {
    file: &'a str,
    url: &'a str,
    title: Option<&'a str>,
    comments: Vec<ExportedComment<'a>>,
}

#[derive(Serialize)]
struct ExportedComment<'a> {
    id: &'a str,
    author: Option<&'a str>,
    url: Option<&'a str>,
    date: String,
    reply_to: Option<&'a str>,
    kind: &'static str,
    status: &'static str,
    by_author: bool,
    markdown: &'a str,
    html: String,
}

/// Writes all comments of a site that are approved or pending.
///
/// # Errors
/// There is no site in the folder, or it has errors.
pub fn export_comments(root: &Path, format: ExportFormat) -> Result<String, Diagnostic> {
    let world = DiskWorld::new(root);
    let config = load_config(&world)?;
    config.require_origin("exported comments name the whole addresses of their pages")?;
    let (sources, problems) = Sources::load(&world, &config, &mut ParseCache::default());
    let is_error = |problem: &Diagnostic| problem.severity == crate::diagnostic::Severity::Error;
    // Comments that cannot be read would be missing, and nobody would know.
    if let Some(problem) = problems.into_iter().find(is_error) {
        return Err(problem);
    }
    let visibility = site::Visibility { drafts: true, pending: true, held: site::HeldPosts::Shown };
    let (site, problems) = site::link(Arc::new(config), sources, visibility, crate::clock::read()?);
    if let Some(problem) = problems.into_iter().find(is_error) {
        return Err(problem);
    }
    let pages: Vec<(ContentId, &Content)> = site
        .contents()
        .map(|id| (id, site.content(id)))
        .filter(|(_, content)| !content.thread.comments.is_empty())
        .collect();
    Ok(match format {
        ExportFormat::Wxr => wxr(&site, &pages),
        ExportFormat::Json => {
            let pages: Vec<ExportedPage<'_>> = pages
                .iter()
                .map(|(id, content)| ExportedPage {
                    file: &content.source.path,
                    url: &content.permalink,
                    title: site.title(*id),
                    comments: content.thread.comments.iter().map(exported).collect(),
                })
                .collect();
            serde_json::to_string_pretty(&pages).unwrap_or_default() + "\n"
        }
    })
}

fn exported(comment: &Comment) -> ExportedComment<'_> {
    let written = &comment.written;
    ExportedComment {
        id: &comment.id,
        author: written.author.as_deref(),
        url: written.url.as_deref(),
        date: comment.date.rfc3339(),
        reply_to: written.reply_to.as_ref().map(|(id, _)| id.as_str()),
        kind: written.kind.as_str(),
        status: written.status.as_str(),
        by_author: comment.by_author,
        markdown: &written.body,
        html: render_comment(&written.body),
    }
}

fn wxr(site: &Site, pages: &[(ContentId, &Content)]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:wp=\"http://wordpress.org/export/1.2/\">\n<channel>\n\
         <wp:wxr_version>1.2</wp:wxr_version>\n",
    );
    let _ = writeln!(out, "<wp:base_blog_url>{}</wp:base_blog_url>", escape_html(&site.config.base_url));
    out.push_str("<wp:author><wp:author_id>1</wp:author_id><wp:author_login>author</wp:author_login></wp:author>\n");
    for (number, (id, content)) in pages.iter().enumerate() {
        let slug = content.components.last().map_or("", String::as_str);
        let _ = writeln!(
            out,
            "<item>\n<title>{}</title>\n<link>{}</link>\n<dc:creator>author</dc:creator>\n<wp:post_id>{}</wp:post_id>\n\
             <wp:post_name>{}</wp:post_name>\n<wp:status>publish</wp:status>\n<wp:post_type>post</wp:post_type>",
            escape_html(site.title(*id).unwrap_or_default()),
            escape_html(&content.permalink),
            number + 1,
            escape_html(slug),
        );
        for comment in &content.thread.comments {
            push_comment(&mut out, comment);
        }
        out.push_str("</item>\n");
    }
    out.push_str("</channel>\n</rss>\n");
    out
}

fn push_comment(out: &mut String, comment: &Comment) {
    let written = &comment.written;
    let full = comment.date.rfc3339();
    // A date in WXR is two: the writer's own clock, and Greenwich's.
    let local = full.get(..19).unwrap_or_default().replace('T', " ");
    let gmt = jiff::tz::Offset::UTC.to_datetime(comment.date.timestamp).strftime("%Y-%m-%d %H:%M:%S");
    let parent = written.reply_to.as_ref().map_or("0", |(id, _)| id.as_str());
    let kind = if written.kind.as_str() == "comment" { "" } else { written.kind.as_str() };
    let approved = if written.status == CommentStatus::Approved { "1" } else { "0" };
    let _ = writeln!(
        out,
        "<wp:comment>\n<wp:comment_id>{}</wp:comment_id>\n<wp:comment_author>{}</wp:comment_author>\n\
         <wp:comment_author_url>{}</wp:comment_author_url>\n<wp:comment_date>{local}</wp:comment_date>\n\
         <wp:comment_date_gmt>{gmt}</wp:comment_date_gmt>\n<wp:comment_content>{}</wp:comment_content>\n\
         <wp:comment_approved>{approved}</wp:comment_approved>\n<wp:comment_type>{kind}</wp:comment_type>\n\
         <wp:comment_parent>{parent}</wp:comment_parent>\n<wp:comment_user_id>{}</wp:comment_user_id>\n</wp:comment>",
        escape_html(&comment.id),
        escape_html(&escape_html(written.author.as_deref().unwrap_or_default())),
        escape_html(written.url.as_deref().unwrap_or_default()),
        // Line breaks between tags mean something to WordPress.
        escape_html(&render_comment(&written.body).replace("<br>\n", "<br>")),
        u8::from(comment.by_author),
    );
}
