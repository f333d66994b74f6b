//! Reads the folder of a Jekyll site: posts, drafts, pages, collections, files, and the comments of Staticman.

mod liquid;
mod lookup;
mod permalink;
mod site;

use std::io;

use self::liquid::{LiquidContext, is_program, replace};
use self::site::{JekyllPage, JekyllSite, PageOrigin};
use super::dialect;
use super::fields::Document;
use super::folder::{Folder, is_media};
use super::model::{
    Author, Blog, Format, Item, ItemKind, Media, Omission, Post, PostKind, Sink, Term, Text, Visibility,
};
use super::report::Concern;
use super::staticman;

/// Whether a folder holds a Jekyll site.
pub fn is_jekyll(folder: &Folder) -> bool {
    let is_hugo = ["hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"].iter().any(|file| folder.has(file));
    let has_posts = ["", "src/", "source/", "docs/"].iter().any(|root| folder.has_folder(&format!("{root}_posts")));
    !is_hugo && (has_posts || ["_config.yml", "_config.yaml", "_config.toml"].iter().any(|file| folder.has(file)))
}

/// Reads a site.
pub fn read(folder: &Folder, sink: &mut dyn Sink) -> io::Result<()> {
    let site = JekyllSite::open(folder, sink)?;
    sink.item(Item::Blog(Blog { url: format!("{}{}", site.url, site.base) }))?;
    for (key, name) in &site.authors {
        sink.item(Item::Author(Author { key: key.clone(), name: name.clone(), user: None }))?;
    }
    for page in &site.pages {
        self::page(&site, page, sink)?;
    }
    for path in &site.files {
        let key = path.clone();
        let url = format!("{}/{}", site.base, path.strip_prefix(&site.root).unwrap_or(path));
        if is_media(path) {
            sink.item(Item::Media(Media { key, url, file: Some(folder.path(path)) }))?;
        } else {
            let reason = "they belong to the old design: style sheets, scripts and the like".to_owned();
            sink.leave_out(Omission { class: ItemKind::Others, reason, is_loss: false }, key);
        }
    }
    let comments = format!("{}{}/comments", site.root, site.data);
    staticman::read(folder, &comments, &|name| site.find(name), sink)
}

/// Reads one page.
fn page(site: &JekyllSite<'_>, page: &JekyllPage, sink: &mut dyn Sink) -> io::Result<()> {
    let class = if page.is_post() { ItemKind::Posts } else { ItemKind::Pages };
    let mut leave_out = |reason: &str, is_loss| {
        sink.leave_out(Omission { class, reason: reason.to_owned(), is_loss }, page.path.clone());
        Ok(())
    };
    let text = match site.folder.text(&page.path, &mut Vec::new()) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            return leave_out("they are too large for a text", true);
        }
        Err(error) => return Err(error),
    };
    let Some(document) = Document::parse(&text) else { return leave_out("their front matter never ends", true) };
    let format = match page.end.as_str() {
        "html" | "htm" => Format::Html,
        "md" | "markdown" | "mkd" | "mkdn" | "mkdown" => Format::Markdown,
        _ => return leave_out("they are written in a language other than Markdown and HTML", true),
    };
    if format == Format::Html && !page.is_post() && is_program(&document.body) {
        sink.concern(Concern::Programs, page.path.clone());
        let reason = "they are made by the code of the old theme: lists, archives, searches".to_owned();
        sink.leave_out(Omission { class, reason, is_loss: false }, page.path.clone());
        return Ok(());
    }
    if document.is_damaged {
        sink.repair("front matter that was no YAML, and was read line by line", 1);
    }
    let fields = &page.fields;
    let body = body(site, page, &document.body, format, sink);
    let visibility = match () {
        () if fields.text(&["password"]).is_some() => (Visibility::Private, "password"),
        () if page.origin == PageOrigin::Draft => (Visibility::Unpublished, "draft"),
        () if fields.flag("published") == Some(false) || fields.flag("draft") == Some(true) => {
            (Visibility::Unpublished, "unpublished")
        }
        () if page.is_post() && !site.shows_future && site.is_future(page.date.as_deref()) => {
            (Visibility::Unpublished, "future")
        }
        () => (Visibility::Public, "published"),
    };
    let is_closed = fields.flag("comments") == Some(false) || fields.flag("comments_locked") == Some(true);
    sink.item(Item::Post(Box::new(Post {
        key: page.path.clone(),
        kind: if page.is_post() { PostKind::Post } else { PostKind::Page },
        title: title(page, &document.body),
        slug: page.slug.clone(),
        url: Some(page.url.clone()),
        date: page.date.clone(),
        updated: fields.date(&["last_modified_at", "modified", "updated", "lastmod"]).map(|date| site.zoned(&date)),
        visibility: visibility.0,
        status: visibility.1.to_owned(),
        authors: fields.people(&["authors", "author"]),
        body: Text { text: body, format },
        excerpt: fields.text(&["description", "excerpt", "summary"]).unwrap_or_default(),
        terms: terms(page),
        former_slugs: Vec::new(),
        aliases: fields
            .texts(&["redirect_from", "aliases", "alias"])
            .iter()
            .map(|old| format!("{}{old}", site.base))
            .collect(),
        comments_open: !is_closed,
        line: 1,
    })))
}

/// The title of a page: that of its front matter, its first heading, or its name.
fn title(page: &JekyllPage, body: &str) -> String {
    page.fields.text(&["title"]).unwrap_or_else(|| {
        let heading = || body.lines().find_map(|line| line.strip_prefix("# ")).map(|text| text.trim().to_owned());
        let words = page.slug.replace(['-', '_'], " ");
        let mut letters = words.chars();
        let name = || letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
        heading().filter(|_| !page.is_post()).or_else(name).unwrap_or_default()
    })
}

fn terms(page: &JekyllPage) -> Vec<Term> {
    let mut terms = Vec::new();
    for (taxonomy, names) in [("tags", &page.tags), ("categories", &page.categories)] {
        for name in names {
            let term = Term { taxonomy: taxonomy.to_owned(), name: name.clone() };
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
    }
    terms
}

/// The text of a page without Liquid, and without what only kramdown knows.
fn body(site: &JekyllSite<'_>, page: &JekyllPage, body: &str, format: Format, sink: &mut dyn Sink) -> String {
    let unknown = std::cell::RefCell::new(Vec::new());
    let separator = page.fields.text(&["excerpt_separator"]).or_else(|| site.separator.clone());
    let body = match separator.filter(|separator| !separator.trim().is_empty()) {
        Some(separator) => body.replacen(&separator, "<!-- more -->", 1),
        None => body.to_owned(),
    };
    let text = if page.fields.flag("render_with_liquid") == Some(false) {
        body
    } else {
        replace(
            &body,
            &LiquidContext {
                post_url: &|name| site.post_url(name),
                link: &|path| site.link(path),
                variable: &|name| site.variable(name, page),
                include: &|name| site.include(name),
                unknown: &|name| unknown.borrow_mut().push(name.to_owned()),
            },
        )
    };
    for name in unknown.into_inner() {
        sink.unknown_tag(&name);
    }
    if format == Format::Html {
        return text;
    }
    dialect::replace(&dialect::join_html(&text), &mut |what| sink.repair(what, 1))
}
