//! The rendered Markdown of one page or section.

mod alerts;
mod anchors;
mod problems;
mod template_syntax;

use std::collections::BTreeSet;
use std::sync::Arc;

use tera::Context;

pub(super) use self::anchors::broken_anchors;
use self::anchors::is_outside_id;
pub use self::problems::MissingTarget;
use self::problems::locate;
pub(super) use self::problems::{help_for, with_suggestions};
use self::template_syntax::render_template_syntax;
use super::dependencies::{Dependency, FieldMask};
use super::external_links::external_destinations;
use super::link_check;
use super::markdown_images::image_attributes;
use super::values::{self, FieldHasher};
use super::{Library, Reader};
use crate::config::Mode;
use crate::config::markdown::InsertAnchor;
use crate::content::linked_file;
use crate::diagnostic::Diagnostic;
use crate::markdown::{self, Heading, InternalLink, PostContext, RenderedMarkdown};
use crate::site::{ContentId, Site};
use crate::source::Fingerprint;

/// The rendered Markdown of a page or section.
#[derive(Debug, Default)]
pub struct Body {
    /// The HTML.
    pub html: String,
    /// The table of contents.
    pub toc: Vec<Heading>,
}

/// What is kept of a rendered body without its HTML: enough to check the body and the links to it, to show it in lists,
/// and to find out whether it has changed.
#[derive(Clone, Debug, Default)]
pub struct BodyOutline {
    /// The dependencies, each with its fingerprint when the body was rendered.
    pub dependencies: Vec<(Dependency, Fingerprint)>,
    /// The fingerprint of its HTML and table of contents.
    pub content: Fingerprint,
    /// The HTML of the part before `<!-- more -->`.
    pub summary: Option<Arc<str>>,
    /// Every id that a link can name.
    pub anchors: BTreeSet<String>,
    /// The links to anchors of the site.
    pub links: Vec<InternalLink>,
    /// The addresses on the site that it links to or shows, each once; empty in the preview.
    pub destinations: Vec<String>,
    /// The addresses of other sites that it links to or shows, each once; empty unless the site is checked.
    pub external: Vec<String>,
    /// The problems of the body; those of dead links with the missing target.
    pub problems: Vec<(Diagnostic, Option<MissingTarget>)>,
}

/// Renders a body: first its template syntax, if it has any, then its Markdown.
pub(super) fn render(library: &Arc<Library>, id: ContentId) -> (Body, BodyOutline) {
    let site = &library.site;
    let content = site.content(id);
    let render = |reader: &Reader| {
        reader.set_lang(content.lang());
        reader.set_subject(&content.source.path);
        reader.record(Dependency::Config);
        reader.record(Dependency::Markdown(content.source.path.clone()));
        let source = content.source.read(&*library.world)?;
        let text = render_template_syntax(reader, id, &source)?;
        let base = content.base();
        let own = (content.file.relative(), content.permalink.as_str(), &*base);
        let is_reserved = |html_id: &str| is_outside_id(library, id, html_id);
        let rendered = render_markdown(reader, &text, content.lang(), own, insert_anchor(site, id), &is_reserved);
        Ok((source, rendered))
    };
    // A template function that is called while a body is rendered cannot read a body, so there are no cycles.
    let allowed = FieldMask::WORD_COUNT | FieldMask::READING_TIME | FieldMask::COMMENTS_OPEN;
    let (result, dependencies) = Reader::track(library, &Arc::default(), allowed, render);
    let dependencies = library.with_fingerprints(&dependencies);
    let (source, rendered) = match result {
        Ok(rendered) => rendered,
        Err(problem) => {
            let problems = vec![(problem, None)];
            return (Body::default(), BodyOutline { dependencies, problems, ..BodyOutline::default() });
        }
    };
    let problems = rendered.problems.iter().map(|problem| {
        let needle = problem.needle.as_deref().unwrap_or_default();
        let mut diagnostic =
            Diagnostic::error(problem.message.clone()).at(locate(&source, content, needle, &problem.span));
        diagnostic.severity = match problem.needle.as_deref().and_then(linked_file) {
            Some(_) => site.config.link_checker.internal_level,
            None => problem.severity,
        };
        diagnostic.help = help_for(library, problem);
        (diagnostic, MissingTarget::of_problem(library, problem))
    });
    let problems = problems.collect();
    let RenderedMarkdown { html, summary, toc, internal_links, anchors, .. } = rendered;
    library.search_texts.store(site, library.mode, id, &html);
    let links = internal_links.into_iter().filter(|link| link.anchor.is_some()).collect();
    // The preview does not use them.
    let wants_destinations = library.mode != Mode::Serve;
    let destinations = if wants_destinations { link_check::destinations(&site.config, &html) } else { Vec::new() };
    let external = if library.mode == Mode::Check { external_destinations(&site.config, &html) } else { Vec::new() };
    let body = Body { html, toc };
    let mut hasher = FieldHasher::default();
    values::describe_body(&body, &mut hasher);
    let (content, summary) = (hasher.finish(), summary.map(Arc::from));
    let outline = BodyOutline { dependencies, content, summary, anchors, links, destinations, external, problems };
    (body, outline)
}

/// Renders a Markdown text without template syntax: a body, or any other text of the author. `path`, `permalink` and `base` are
/// those of the page that it belongs to.
pub(super) fn render_markdown(
    reader: &Reader,
    text: &str,
    lang: &str,
    (path, permalink, base): (&str, &str, &str),
    insert_anchor: InsertAnchor,
    is_reserved: &dyn Fn(&str) -> bool,
) -> RenderedMarkdown {
    let library = &reader.library;
    let site = &library.site;
    let config = &site.config;
    let resolve = |path: &str| {
        reader.record(Dependency::Permalink(path.to_owned()));
        let target = site.at_file(path)?;
        Some(site.content(target).permalink.clone())
    };
    let slugify = |text: &str| config.slugify.anchor(text);
    let anchor_link = |id: &str, level: u32, title: &str| {
        let mut context = Context::new();
        context.insert("id", id);
        context.insert("level", &level);
        context.insert("title", title);
        context.insert("lang", lang);
        render_snippet(reader, "anchor-link.html", &context)
    };
    let summary_cutoff = |summary: &str| {
        let mut context = Context::new();
        context.insert("summary", summary);
        context.insert("lang", lang);
        render_snippet(reader, "summary-cutoff.html", &context)
    };
    let mut rendered = markdown::render_post(
        text,
        &PostContext {
            options: &config.markdown,
            path,
            permalink,
            base,
            insert_anchor,
            resolve: &resolve,
            slugify: &slugify,
            anchor_link: &anchor_link,
            summary_cutoff: &summary_cutoff,
            is_reserved,
            image: &|url| image_attributes(reader, url),
            highlighter: &library.highlighter,
        },
    );
    if !config.markdown.follows_zola {
        alerts::label_alerts(reader, lang, &mut rendered);
    }
    rendered
}

/// Renders a small template that is part of a body.
fn render_snippet(reader: &Reader, name: &str, context: &Context) -> Result<String, String> {
    let templates = &reader.library.templates;
    reader.record(Dependency::Template(name.to_owned()));
    let closure = templates.closure(name).map(|(_, closure)| closure.clone()).unwrap_or_default();
    reader.with_closure(&closure, |_| templates.render_snippet(name, context))
}

/// Returns where headings get anchor links: the setting of the nearest section above, or else of the configuration.
pub(super) fn insert_anchor(site: &Site, id: ContentId) -> InsertAnchor {
    let own = match id {
        ContentId::Page(page) => site.page(page).content.ancestors.last().copied(),
        ContentId::Section(section) => Some(section),
    };
    own.and_then(|section| site.section(section).meta.insert_anchor_links)
        .unwrap_or(site.config.markdown.insert_anchor_links)
}
