//! A body: the Markdown of one page or section, rendered.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::Regex;
use tera::Context;

use super::component_output;
use super::dependencies::{Dependency, FieldMask};
use super::ids::COMMENT_IDS;
use super::link_check;
use super::values::{self, FieldHasher};
use super::{Library, Reader};
use crate::config::Mode;
use crate::config::markdown::InsertAnchor;
use crate::content::linked_file;
use crate::diagnostic::{Diagnostic, Location, MOST_ADVISED, Severity, SourceText, nearest};
use crate::markdown::{self, Heading, InternalLink, PostContext, RenderedMarkdown};
use crate::site::{Content, ContentId, Site};
use crate::source::Fingerprint;

/// The Markdown of a page or section, rendered.
#[derive(Debug, Default)]
pub struct Body {
    /// The HTML.
    pub html: String,
    /// The table of contents.
    pub toc: Vec<Heading>,
}

/// What remains known of a body when its HTML is gone: enough to check it and the links to it, to show it in lists, and to see
/// whether it has changed.
#[derive(Clone, Debug, Default)]
pub struct BodyOutline {
    /// What it read, with the fingerprints of then.
    pub dependencies: Vec<(Dependency, Fingerprint)>,
    /// The fingerprint of its HTML and table of contents.
    pub content: Fingerprint,
    /// The HTML of what stands before `<!-- more -->`.
    pub summary: Option<Arc<str>>,
    /// Every id that a link can name.
    pub anchors: BTreeSet<String>,
    /// The links to anchors of the site.
    pub links: Vec<InternalLink>,
    /// The addresses on the site that it leads to or shows, each once; none in the preview.
    pub destinations: Vec<String>,
    /// What is wrong with it, with what its links name in vain.
    pub problems: Vec<(Diagnostic, Option<MissingTarget>)>,
}

/// Renders a body: first its template syntax, if it has any, then its Markdown.
pub(super) fn render(library: &Arc<Library>, id: ContentId) -> (Body, BodyOutline) {
    let site = &library.site;
    let content = site.content(id);
    let render = |reader: &Reader| {
        reader.set_lang(content.lang());
        reader.record(Dependency::Config);
        reader.record(Dependency::Markdown(content.source.path.clone()));
        let source = content.source.read(&*library.world)?;
        let text = render_template_syntax(reader, id, &source)?;
        let own = (content.file.relative(), content.permalink.as_str());
        let is_around = |html_id: &str| is_outside_id(library, id, html_id);
        let rendered = render_markdown(reader, &text, content.lang(), own, insert_anchor(site, id), &is_around);
        Ok((source, rendered))
    };
    // Nothing that is called while a body is rendered may look into a body: that way there is no circle.
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
    // Nothing in the preview asks for them.
    let wants_destinations = library.mode != Mode::Serve;
    let destinations = if wants_destinations { link_check::destinations(&site.config, &html) } else { Vec::new() };
    let body = Body { html, toc };
    let mut hasher = FieldHasher::default();
    values::describe_body(&body, &mut hasher);
    let (content, summary) = (hasher.finish(), summary.map(Arc::from));
    let outline = BodyOutline { dependencies, content, summary, anchors, links, destinations, problems };
    (body, outline)
}

/// Renders a Markdown text that has no template syntax, of a body or of anything else that an author writes.
/// `path` and `permalink` are those of the page that it stands on.
pub(super) fn render_markdown(
    reader: &Reader,
    text: &str,
    lang: &str,
    (path, permalink): (&str, &str),
    insert_anchor: InsertAnchor,
    is_around: &dyn Fn(&str) -> bool,
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
    markdown::render_post(
        text,
        &PostContext {
            options: &config.markdown,
            path,
            permalink,
            base_url: &config.base_url,
            insert_anchor,
            resolve: &resolve,
            slugify: &slugify,
            anchor_link: &anchor_link,
            summary_cutoff: &summary_cutoff,
            is_around,
            highlighter: &library.highlighter,
        },
    )
}

/// Renders a small template that is part of a body.
fn render_snippet(reader: &Reader, name: &str, context: &Context) -> Result<String, String> {
    let templates = &reader.library.templates;
    reader.record(Dependency::Template(name.to_owned()));
    let closure = templates.closure(name).map(|(_, closure)| closure.clone()).unwrap_or_default();
    reader.with_closure(&closure, |_| templates.render_snippet(name, context))
}

/// What to do about a problem with a Markdown text.
pub(super) fn help_for(library: &Library, problem: &markdown::MarkdownProblem) -> Option<String> {
    let Some(path) = problem.needle.as_deref().and_then(linked_file) else { return problem.help.clone() };
    if let Some(date) = library.site.held_until(&path) {
        return Some(format!(
            "that page is there, but it is held back until its date, {date}: link to it from then on, or build with --future"
        ));
    }
    let help = match library.site.is_left_out(&path) {
        true => "that page is there, but it is a draft or in a drafted section, and those are not part of the site",
        false => "the path begins in `content/`, as in `@/posts/my-post.md`; drafts are not part of the site",
    };
    Some(help.to_owned())
}

/// What a link names in vain.
#[derive(Clone, Debug)]
pub enum MissingTarget {
    /// A file.
    File(String),
    /// A place in a page.
    Anchor(ContentId, String),
}

impl MissingTarget {
    /// The file that a problem with a Markdown text is about, if it is about one that is not there.
    pub(super) fn of_problem(library: &Library, problem: &markdown::MarkdownProblem) -> Option<Self> {
        let path = linked_file(problem.needle.as_deref()?)?;
        (!library.site.is_left_out(&path) && library.site.held_until(&path).is_none())
            .then(|| Self::File(path.into_owned()))
    }

    /// A suggestion of what the author probably meant.
    pub(super) fn suggestion(&self, library: &Arc<Library>) -> Option<String> {
        let suggestion = match self {
            Self::File(path) => format!("@/{}", nearest(path, library.site.by_path.keys().map(|path| &**path))?),
            Self::Anchor(target, anchor) => {
                format!("#{}", nearest(anchor, library.outline(*target).anchors.iter().map(String::as_str))?)
            }
        };
        Some(format!("did you mean `{suggestion}`?"))
    }
}

/// The problems, with suggestions for the links among them. Of very many that are told at once only the first get
/// such advice: for each, all the names of the site are looked through.
pub(super) fn with_suggestions(
    library: &Arc<Library>,
    problems: Vec<(Diagnostic, Option<MissingTarget>)>,
) -> Vec<Diagnostic> {
    let mut left = MOST_ADVISED;
    let advise = |(problem, target): (Diagnostic, Option<MissingTarget>)| {
        let Some(target) = target.filter(|_| left > 0) else { return problem };
        left -= 1;
        match target.suggestion(library) {
            Some(suggestion) => problem.help(suggestion),
            None => problem,
        }
    };
    problems.into_iter().map(advise).collect()
}

/// The Markdown with its template syntax evaluated.
fn render_template_syntax<'a>(
    reader: &Reader,
    id: ContentId,
    source: &'a SourceText,
) -> Result<Cow<'a, str>, Diagnostic> {
    let library = &reader.library;
    let content = library.site.content(id);
    let start = content.source.body_start;
    let body = &source.text[start..];
    let skip = || library.site.config.skip_content_templating.is_match(content.file.relative());
    if !has_template_syntax(body) || skip() {
        return Ok(Cow::Borrowed(body));
    }
    // What Tera is given is what is looked through for what it reaches.
    let guarded = guard_heading_ids(source);
    let template_source = guarded.as_ref().map_or(source, |(guarded, _)| guarded);
    let closure = library.templates.closure_of_text(&template_source.text[start..]);
    // Another template of one of their names, or another component, may take their place.
    reader.record(Dependency::TemplateNames);
    let templates = closure.templates.iter().cloned().map(Dependency::Template);
    templates.for_each(|template| reader.record(template));
    let render = |reader: &Reader| {
        let mut context = Context::new();
        context.insert("lang", content.lang());
        context.insert_value("config", reader.config(content.lang()));
        let key = match id {
            ContentId::Page(_) => "page",
            ContentId::Section(_) => "section",
        };
        context.insert_value(key, reader.content(id, reader.variable(key).mask()));
        let templates = &library.templates;
        let render = |marked: &str| templates.render_variant(marked, &context);
        let plain = || templates.render_content(template_source, start, &context);
        let reject = |call: Option<Range<usize>>| {
            let place = call.map(|call| Location::span(source, start + call.start..start + call.end));
            Diagnostic::error("a component gives a script of several lines where there is room for one line")
                .at(place.unwrap_or_else(|| Location::file(source.path.clone())))
                .help("call it outside of tables, headings and links, or keep the script in a file and give `<script src=…>`")
        };
        let text = component_output::render_with_components(
            &template_source.text[start..],
            &library.site.config.markdown,
            render,
            plain,
            reject,
        )?;
        Ok(Cow::Owned(match &guarded {
            Some((_, guard)) => text.replace(*guard, "#"),
            None => text,
        }))
    };
    reader.with_closure(&closure.into(), render)
}

/// A heading's own id, `## Heading {#my-id}`, which would begin a comment for Tera.
static HEADING_ID: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
    Regex::new(r"(?m)^(#{1,6} .*\{)#([^\s{}#][^{}]*\}[ \t]*)$").unwrap()
});

/// Puts another character, which is nowhere in the text, in the place of the `#` of headings' ids: that keeps them out of
/// Tera's sight, and every column where it was.
fn guard_heading_ids(source: &SourceText) -> Option<(SourceText, char)> {
    // These mean nothing in Unicode (<https://www.unicode.org/faq/private_use.html#noncharacters>).
    let guard = ('\u{fdd0}'..='\u{fdef}').find(|&c| !source.text.contains(c))?;
    match HEADING_ID.replace_all(&source.text, format!("${{1}}{guard}${{2}}")) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some((SourceText { path: source.path.clone(), text: text.into() }, guard)),
    }
}

/// Whether Tera would find anything in a text.
fn has_template_syntax(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Looked for once, however many comments seem to begin.
    let last_end = LazyCell::new(|| text.rfind("#}"));
    memchr::memchr_iter(b'{', bytes).any(|at| match bytes.get(at + 1) {
        Some(b'{' | b'%') => true,
        Some(b'#') => *last_end > Some(at) && !is_heading_id(text, at),
        _ => false,
    })
}

fn is_heading_id(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    HEADING_ID
        .captures(&text[start..end])
        .and_then(|captures| captures.get(1))
        .is_some_and(|it| start + it.end() == at + 1)
}

/// Where anchors are put beside headings: as the nearest section above says, or the configuration.
pub(super) fn insert_anchor(site: &Site, id: ContentId) -> InsertAnchor {
    let own = match id {
        ContentId::Page(page) => site.page(page).content.ancestors.last().copied(),
        ContentId::Section(section) => Some(section),
    };
    own.and_then(|section| site.section(section).meta.insert_anchor_links)
        .unwrap_or(site.config.markdown.insert_anchor_links)
}

/// The internal links of a body to anchors that are not there.
pub(super) fn broken_anchors(library: &Arc<Library>, id: ContentId) -> Vec<(Diagnostic, Option<MissingTarget>)> {
    let content = library.site.content(id);
    let mut problems = Vec::new();
    for InternalLink { path, anchor, written, span } in &library.outline(id).links {
        let Some(anchor) = anchor else { continue };
        let Some(target) = library.site.at_file(path) else { continue };
        let anchors = &library.outline(target).anchors;
        let target_content = library.site.content(target);
        // A heading of that name had to take another id, which is probably meant.
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
            // The link leads to the page all the same.
            problem.severity = Severity::Warning;
            let help = format!("that page's template has the id `{anchor}`, so the heading has another: `#{anchor}-1`");
            problems.push((problem.help(help), None));
            continue;
        }
        problem.severity = library.site.config.link_checker.internal_level;
        let problem = problem.help("an anchor is the id of a heading, such as `#my-heading` for `## My heading`");
        problems.push((problem, Some(MissingTarget::Anchor(target, anchor.clone()))));
    }
    problems
}

/// Whether an anchor means the top of any page (<https://html.spec.whatwg.org/multipage/browsing-the-web.html#the-indicated-part-of-the-document>).
fn is_top(anchor: &str) -> bool {
    anchor.is_empty() || anchor.eq_ignore_ascii_case("top")
}

/// Whether an id is one of those that are not in the body but around it, in its page.
fn is_outside_id(library: &Library, id: ContentId, html_id: &str) -> bool {
    let content = library.site.content(id);
    content.has_comments(&library.site.config) && is_comment_id(content, html_id)
        || is_template_id(library, id, html_id)
}

/// Whether an id is written in the template of a page or section.
fn is_template_id(library: &Library, id: ContentId, html_id: &str) -> bool {
    let ids = library.templates.ids(library.site.template(id));
    ids.is_some_and(|ids| ids.names.contains(html_id))
}

/// Whether an id is one of the comments as a whole, of one of them, or of the form.
fn is_comment_id(content: &Content, id: &str) -> bool {
    let is_comment = |id: &str| content.thread.comments.iter().any(|comment| comment.id == id);
    COMMENT_IDS.contains(id) || id.strip_prefix("comment-").is_some_and(is_comment)
}

/// Where a text stands in a page's file: at `near`, or else where it is found first; the file as a whole where it does
/// not (template syntax may have made it).
fn locate(source: &SourceText, content: &Content, needle: &str, near: &Range<usize>) -> Location {
    let body = &source.text[content.source.body_start..];
    let offset = match body.get(near.clone()).and_then(|text| text.find(needle)) {
        _ if needle.is_empty() => None,
        Some(at) => Some(near.start + at),
        None => body.find(needle),
    };
    match offset {
        Some(at) => {
            let start = content.source.body_start + at;
            Location::span(source, start..start + needle.len())
        }
        None => content.location(),
    }
}
