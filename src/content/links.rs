//! The links of a body to other files of the site.
//!
//! Backlinks are part of the site, and the site must be complete before a template is rendered. So this module looks for
//! links in the text as the author wrote it, before template syntax runs. The renderer in `markdown` finds the links of
//! the finished text, with their spans and anchors. A link that a template creates is checked but gives no backlink, and a
//! link in a template comment gives one. Both parse Markdown with the same [`parser_options`].

use std::borrow::Cow;

use memchr::memmem;
use percent_encoding::percent_decode_str;
use pulldown_cmark::{Event, Options, Parser, Tag};
use rustc_hash::FxHashSet;

use crate::config::Markdown;
use crate::config::markdown::Math;

/// Returns the parser's options for a body. They decide what is a link: in `- [x] done`, a task list makes a box of what
/// could be a reference link, and without definition lists the indented paragraphs of a definition are code.
pub fn parser_options(markdown: &Markdown) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    options.set(Options::ENABLE_SMART_PUNCTUATION, markdown.smart_punctuation);
    options.set(Options::ENABLE_DEFINITION_LIST, markdown.definition_list);
    options.set(Options::ENABLE_GFM, markdown.github_alerts);
    options.set(Options::ENABLE_MATH, markdown.math == Math::MathMl);
    options
}

/// The file of the site that a link leads to, without its anchor and with percent signs decoded: `a b.md` of
/// `@/a%20b.md#c`. Returns `None` for a link to anything else.
pub fn linked_file(destination: &str) -> Option<Cow<'_, str>> {
    let path = destination.strip_prefix("@/")?;
    Some(percent_decode_str(path.split('#').next().unwrap_or(path)).decode_utf8_lossy())
}

/// The files of the site that a Markdown text links to: the paths that [`linked_file`] gives, each once.
pub(super) fn internal(markdown: &str, options: Options) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    let mut known = FxHashSet::default();
    // Most posts link to no other, and then the text need not be parsed here.
    if memmem::find(markdown.as_bytes(), b"@/").is_none() {
        return links;
    }
    for event in Parser::new_ext(markdown, options) {
        if let Event::Start(Tag::Link { dest_url, .. }) = event
            && let Some(path) = linked_file(&dest_url)
            && known.insert(path.to_string())
        {
            links.push(path.into_owned());
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn internal(markdown: &str) -> Vec<String> {
        super::internal(markdown, parser_options(&Markdown::default()))
    }

    #[test]
    fn finds_each_linked_file_once() {
        let text = "See [one](@/blog/one.md), [its end](@/blog/one.md#end) and [two][], and [one](@/blog/%6Fne.md).\n\n\
                    | a |\n|---|\n| [three](@/three.md) |\n\nA note.[^n]\n\n[^n]: As in [four](@/four.md).\n\n\
                    `[no](@/code.md)`\n\n```\n[no](@/fence.md)\n```\n\n<https://example.org/@/no.md>\n\n[two]: @/two.md";
        assert_eq!(internal(text), ["blog/one.md", "two.md", "three.md", "four.md"]);
    }

    #[test]
    fn extensions_decide_what_is_a_link() {
        let text = "- [x] done\n- [ ] [open](@/open.md)\n\n[x]: @/box.md\n\n\
                    # Title {data-see=\"[no](@/attribute.md)\"}\n\n~~[old](@/old.md)~~";
        assert_eq!(internal(text), ["open.md", "old.md"]);
    }

    #[test]
    fn the_configuration_decides_what_is_a_link() {
        let text = "Term\n\n: Definition\n\n    See [more](@/definition.md).\n\n> [!NOTE]\n\n[!NOTE]: @/note.md";
        assert_eq!(internal(text), ["note.md"]);
        let markdown = Markdown { definition_list: true, github_alerts: true, ..Markdown::default() };
        assert_eq!(super::internal(text, parser_options(&markdown)), ["definition.md"]);
    }

    #[test]
    fn a_text_without_links_has_none() {
        assert!(internal("Write to me @/home").is_empty());
        assert!(internal("").is_empty());
    }
}
