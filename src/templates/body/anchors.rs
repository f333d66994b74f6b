//! Anchors: the ids that the links of a body name.

use std::sync::Arc;

use super::problems::{MissingTarget, locate};
use crate::diagnostic::{Diagnostic, Severity};
use crate::markdown::InternalLink;
use crate::site::{Content, ContentId};
use crate::templates::Library;
use crate::templates::ids::COMMENT_IDS;

/// Reports the internal links of a body to anchors that do not exist.
pub(in crate::templates) fn broken_anchors(
    library: &Arc<Library>,
    id: ContentId,
) -> Vec<(Diagnostic, Option<MissingTarget>)> {
    let content = library.site.content(id);
    let mut problems = Vec::new();
    for InternalLink { path, anchor, written, span } in &library.outline(id).links {
        let Some(anchor) = anchor else { continue };
        let Some(target) = library.site.at_file(path) else { continue };
        let anchors = &library.outline(target).anchors;
        let target_content = library.site.content(target);
        // A heading of that name had to take another id, which the author probably means.
        let has_renamed_heading = || anchors.contains(&format!("{anchor}-1"));
        let is_of_template = is_template_id(library, target, anchor);
        let is_there = anchors.contains(anchor.as_str())
            || is_comment_id(target_content, anchor)
            || is_of_template && !has_renamed_heading();
        if is_top(anchor) || is_there {
            continue;
        }
        let at = match content.source.read(&*library.world) {
            Ok(source) => locate(&source, content, written, span),
            Err(_) => content.location(),
        };
        let mut problem = Diagnostic::error(format!("`{path}` has no anchor `#{anchor}`")).at(at);
        if is_of_template {
            // The link still leads to the page.
            problem.severity = Severity::Warning;
            let help = format!("that page's template has the id `{anchor}`, so the heading has another: `#{anchor}-1`");
            problems.push((problem.help(help), None));
            continue;
        }
        // Zola looks at no case, so that such a link stops no build there. It leads to the page, but not to the heading.
        problem.severity = match anchors.iter().any(|id| id.eq_ignore_ascii_case(anchor)) {
            true => Severity::Warning,
            false => library.site.config.link_checker.internal_level,
        };
        let problem = problem.help("an anchor is the id of a heading, such as `#my-heading` for `## My heading`");
        problems.push((problem, Some(MissingTarget::Anchor(target, anchor.clone()))));
    }
    problems
}

/// Whether an anchor means the top of any page (<https://html.spec.whatwg.org/multipage/browsing-the-web.html#the-indicated-part-of-the-document>).
fn is_top(anchor: &str) -> bool {
    anchor.is_empty() || anchor.eq_ignore_ascii_case("top")
}

/// Whether the page has an id around the body, so that the body must not use it. In a site of Zola's, only comments have ids that
/// Zola does not know.
pub(super) fn is_outside_id(library: &Library, id: ContentId, html_id: &str) -> bool {
    let content = library.site.content(id);
    let config = &library.site.config;
    content.has_comments(config) && is_comment_id(content, html_id)
        || !config.markdown.follows_zola && is_template_id(library, id, html_id)
}

/// Whether the template of a page or section writes an id.
fn is_template_id(library: &Library, id: ContentId, html_id: &str) -> bool {
    let ids = library.templates.ids(library.site.template(id));
    ids.is_some_and(|ids| ids.names.contains(html_id))
}

/// Whether an id belongs to the comment section, to one of the comments, or to the form.
fn is_comment_id(content: &Content, id: &str) -> bool {
    let is_comment = |id: &str| content.thread.comments.iter().any(|comment| comment.id == id);
    COMMENT_IDS.contains(id) || id.strip_prefix("comment-").is_some_and(is_comment)
}
