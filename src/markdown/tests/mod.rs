//! Tests of rendering posts, one module for each feature.

mod code;
mod comments;
mod elements;
mod footnotes;
mod headings;
mod links;
mod summaries;
mod zola;

use super::{Highlighter, PostContext, RenderedMarkdown, render_post};
use crate::config::Markdown;
use crate::config::markdown::InsertAnchor;

/// A page `posts/here.md` of a site with one other file, `posts/there.md`.
struct Page {
    options: Markdown,
    insert_anchor: InsertAnchor,
    anchor_link: fn(&str, u32, &str) -> Result<String, String>,
    summary_cutoff: fn(&str) -> Result<String, String>,
    highlighter: Highlighter,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            options: Markdown { external_links_external: false, ..Markdown::default() },
            insert_anchor: InsertAnchor::None,
            anchor_link: |id, level, _| Ok(format!("<a class=\"h{level}\" href=\"#{id}\">🔗</a>")),
            summary_cutoff: |_| Ok("…".to_owned()),
            highlighter: Highlighter::default(),
        }
    }
}

impl Page {
    fn render(&self, body: &str) -> RenderedMarkdown {
        render_post(
            body,
            &PostContext {
                options: &self.options,
                path: "posts/here.md",
                permalink: "https://example.org/posts/here/",
                base: "https://example.org/posts/here/",
                insert_anchor: self.insert_anchor,
                resolve: &|path| {
                    let known = ["posts/there.md", "two words.md"].contains(&path);
                    known.then(|| format!("https://example.org/{}/", path.trim_end_matches(".md").replace(' ', "-")))
                },
                slugify: &|text| slug::slugify(text),
                anchor_link: &self.anchor_link,
                summary_cutoff: &self.summary_cutoff,
                is_reserved: &|id| id == "comments" || id == "main",
                image: &|_| Ok(None),
                highlighter: &self.highlighter,
            },
        )
    }

    fn html(&self, body: &str) -> String {
        let rendered = self.render(body);
        assert_eq!(rendered.problems, []);
        rendered.html
    }
}

/// Renders a text with the default options.
fn html(body: &str) -> String {
    Page::default().html(body)
}

/// Renders a text with other options.
fn html_with(body: &str, change: impl FnOnce(&mut Markdown)) -> String {
    let mut page = Page::default();
    change(&mut page.options);
    page.html(body)
}
