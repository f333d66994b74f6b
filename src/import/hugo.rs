//! Reads the folder of a Hugo site: pages, bundles, files, and the comments of Staticman.

mod address;
mod shortcodes;
mod site;

use std::io;

use self::shortcodes::{ShortcodeContext, replace};
use self::site::{HugoPage, HugoSite};
use super::dialect;
use super::fields::{Document, as_text};
use super::folder::{Folder, is_media};
use super::model::{Blog, Format, Item, ItemKind, Media, Omission, Post, PostKind, Sink, Term, Text, Visibility};
use super::staticman;

/// Whether a folder holds a Hugo site.
pub fn is_hugo(folder: &Folder) -> bool {
    let names = ["hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"];
    let is_named = names.iter().any(|name| folder.has(name));
    // Zola has a `config.toml` and a folder `content` as well.
    is_named
        || folder.has_folder("content") && site::config(folder).is_some_and(|config| config.get("baseURL").is_some())
}

/// Reads a site.
pub fn read(folder: &Folder, sink: &mut dyn Sink) -> io::Result<()> {
    let mut repairs = Vec::new();
    let site = HugoSite::open(folder, &mut repairs)?;
    for (what, times) in repairs {
        sink.repair(what, times);
    }
    sink.item(Item::Blog(Blog { url: site.url.clone() }))?;
    for page in &site.pages {
        self::page(&site, page, sink)?;
    }
    for file in &site.files {
        if is_media(&file.path) {
            let media = Media { key: file.path.clone(), url: file.url.clone(), file: Some(folder.path(&file.path)) };
            sink.item(Item::Media(media))?;
        } else {
            let is_page = file.path.ends_with(".md") || file.path.ends_with(".html");
            let reason = if is_page {
                "they belong to a bundle, and had no page of their own"
            } else {
                "they belong to the old design: style sheets, scripts and the like"
            };
            let reason = reason.to_owned();
            sink.leave_out(Omission { class: ItemKind::Others, reason, is_loss: false }, file.path.clone());
        }
    }
    let data = site.config.text(&["dataDir"]).unwrap_or_else(|| "data".to_owned());
    staticman::read(folder, &format!("{}/comments", data.trim_matches('/')), &|name| site.find(name), sink)
}

/// Reads one page.
fn page(site: &HugoSite<'_>, page: &HugoPage, sink: &mut dyn Sink) -> io::Result<()> {
    let class = if page.is_post() { ItemKind::Posts } else { ItemKind::Pages };
    let mut leave_out = |reason: &str, is_loss| {
        sink.leave_out(Omission { class, reason: reason.to_owned(), is_loss }, page.path.clone());
        Ok(())
    };
    let format = match page.end.as_str() {
        "md" | "markdown" | "mdown" => Format::Markdown,
        "html" | "htm" => Format::Html,
        _ => return leave_out("they are written in a language other than Markdown and HTML", true),
    };
    let text = match site.folder.text(&page.path, &mut Vec::new()) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            return leave_out("they are too large for a text", true);
        }
        Err(error) => return Err(error),
    };
    let document = match Document::parse(&text) {
        Some(document) => document,
        None if text.starts_with("---\n") || text.starts_with("+++\n") => {
            return leave_out("their front matter never ends", true);
        }
        None => Document { body: text, ..Document::default() },
    };
    let fields = &page.fields;
    if page.is_section && document.body.trim().is_empty() {
        return leave_out("they only head the list of a section", false);
    }
    let build = ["build", "_build"].iter().find_map(|key| fields.table(key).text(&["render"]));
    if fields.flag("headless") == Some(true) || build.is_some_and(|render| matches!(render.as_str(), "never" | "false"))
    {
        return leave_out("the old site never showed them (headless)", false);
    }
    if document.is_damaged {
        sink.repair("front matter that was damaged, and was read line by line", 1);
    }
    let (visibility, status) = visibility(site, page);
    let name = page.slug.replace(['-', '_'], " ");
    let excerpt = fields.text(&["description", "summary"]).unwrap_or_default();
    let body = body(site, page, &document.body, format, sink);
    sink.item(Item::Post(Box::new(Post {
        key: page.path.clone(),
        kind: if page.is_post() { PostKind::Post } else { PostKind::Page },
        title: fields.text(&["title", "linkTitle"]).unwrap_or(name),
        slug: page.slug.clone(),
        url: Some(page.url.clone()),
        date: page.date.clone(),
        updated: fields.date(&["lastmod", "modified", "updated"]).map(|date| site.zoned(&date)),
        visibility,
        status: status.to_owned(),
        authors: fields.people(&["authors", "author"]),
        body: Text { text: body, format },
        excerpt,
        terms: terms(site, page),
        former_slugs: Vec::new(),
        aliases: aliases(site, page),
        comments_open: fields.flag("comments") != Some(false),
        line: 1,
    })))
}

fn visibility(site: &HugoSite<'_>, page: &HugoPage) -> (Visibility, &'static str) {
    let fields = &page.fields;
    let lies_ahead = |keys: &[&str]| fields.date(keys).and_then(|date| site.is_future(&site.zoned(&date)));
    let builds = |key: &str| site.config.flag(key) == Some(true);
    match () {
        () if fields.text(&["password"]).is_some() => (Visibility::Private, "password"),
        () if fields.flag("draft") == Some(true) || fields.flag("published") == Some(false) => {
            (Visibility::Unpublished, "draft")
        }
        () if !builds("buildFuture") && lies_ahead(&["publishDate", "date"]) == Some(true) => {
            (Visibility::Unpublished, "future")
        }
        () if !builds("buildExpired") && lies_ahead(&["expiryDate", "unpublishDate"]) == Some(false) => {
            (Visibility::Unpublished, "expired")
        }
        () => (Visibility::Public, "published"),
    }
}

/// The old addresses: from the root of the site, or from the folder of the page.
fn aliases(site: &HugoSite<'_>, page: &HugoPage) -> Vec<String> {
    let folder = page.url.trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder);
    let aliases = page.fields.texts(&["aliases"]);
    let absolute = aliases.iter().map(|alias| {
        if alias.starts_with('/') { format!("{}{alias}", site.base) } else { format!("{folder}/{alias}") }
    });
    absolute.collect()
}

fn terms(site: &HugoSite<'_>, page: &HugoPage) -> Vec<Term> {
    let mut terms = Vec::new();
    for (one, many) in &site.taxonomies {
        for name in page.fields.texts(&[many, one]) {
            let term = Term { taxonomy: many.clone(), name };
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
    }
    terms
}

/// The text of a page without shortcodes, and without what only goldmark knows.
fn body(site: &HugoSite<'_>, page: &HugoPage, body: &str, format: Format, sink: &mut dyn Sink) -> String {
    let unknown = std::cell::RefCell::new(Vec::new());
    let parameter = |name: &str| {
        let own = page.fields.get(name).or_else(|| page.fields.get("params").and_then(|params| params.get(name)));
        own.and_then(as_text).or_else(|| site.config.table("params").text(&[name]))
    };
    let text = replace(
        body,
        &ShortcodeContext {
            reference: &|path| site.reference(path, page),
            parameter: &parameter,
            unknown: &|name| unknown.borrow_mut().push(name.to_owned()),
        },
    );
    for name in unknown.into_inner() {
        sink.unknown_tag(&name);
    }
    if format == Format::Html {
        return text;
    }
    dialect::replace(&text, &mut |what| sink.repair(what, 1))
}
