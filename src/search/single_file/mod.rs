//! Zola's formats: an index in one file for each language, which a theme's own script loads whole.
//!
//! Here a page is what Zola says of it: its fields and its text, without its comments.

mod elasticlunr;
mod fuse;
mod plain;

pub use plain::plain_text;

use rayon::prelude::*;
use serde::Serialize;

use crate::config::search::IndexFormat;
use crate::config::{Language, Search};
use crate::parallel::AT_ONCE;
use crate::site::{ContentId, Site};

/// elasticlunr.js 0.9.5 (MIT, see NOTICE), which reads the two formats that are named after it. Zola writes the same
/// script beside its index, and themes load it.
pub const ELASTICLUNR: &str = include_str!("elasticlunr.min.js");

/// What an index holds of one page or section; none where the configuration leaves that out.
#[derive(Debug, Serialize)]
struct IndexedPage<'a> {
    /// Its address.
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    /// In RFC 3339; empty for what has no date.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
}

/// The language whose index of one of Zola's formats is at a path.
pub fn language_at<'a>(site: &'a Site, path: &str) -> Option<&'a str> {
    let is_there = |it: &&Language| it.search.index_format.file_name(&it.code).as_deref() == Some(path);
    written(site).find(is_there).map(|language| language.code.as_str())
}

/// Whether a path is that of elasticlunr's script, and a build writes it there.
pub fn is_elasticlunr(site: &Site, path: &str) -> bool {
    path == crate::site::plan::ELASTICLUNR
        && written(site).any(|language| language.search.index_format.is_for_elasticlunr())
}

/// The languages that have an index of whatever format.
fn written(site: &Site) -> impl Iterator<Item = &Language> {
    site.config.languages().iter().filter(|language| language.build_search_index)
}

/// The pages and sections that an index has, in the order of their paths.
pub fn contents(site: &Site, lang: &str) -> Vec<ContentId> {
    let mut found: Vec<ContentId> =
        site.contents().filter(|&id| site.content(id).lang() == lang && finds(site, id)).collect();
    found.sort_unstable_by_key(|&id| &site.content(id).path);
    found
}

/// Whether an index has a page or section: other than in an index of ours, a section without text is in it, too.
pub fn finds(site: &Site, id: ContentId) -> bool {
    let ContentId::Section(section) = id else { return super::finds(site, id) };
    let meta = &site.section(section).meta;
    meta.render && meta.in_search_index && meta.redirect_to.is_none()
}

/// The index of a language, as the bytes of its file. `text` is what the body of a page or section says, as
/// [`plain_text`] has it; it is asked only if the index is to hold texts.
pub fn index(
    site: &Site,
    language: &Language,
    contents: &[ContentId],
    text: impl Fn(ContentId) -> String + Sync,
) -> Vec<u8> {
    let entry = |&id: &ContentId| entry(site, &language.search, id, &text);
    let entries = contents.par_iter().with_max_len(AT_ONCE).map(entry).collect();
    let json = match language.search.index_format {
        IndexFormat::ElasticlunrJavascript | IndexFormat::ElasticlunrJson => {
            elasticlunr::index(&language.code, &language.search, entries)
        }
        IndexFormat::FuseJavascript | IndexFormat::FuseJson => fuse::index(&entries),
        IndexFormat::Causerie => return Vec::new(),
    };
    match language.search.index_format {
        IndexFormat::ElasticlunrJavascript | IndexFormat::FuseJavascript => format!("window.searchIndex = {json}"),
        _ => json,
    }
    .into_bytes()
}

fn entry<'a>(
    site: &'a Site,
    search: &Search,
    id: ContentId,
    text: &(impl Fn(ContentId) -> String + Sync),
) -> IndexedPage<'a> {
    let content = site.content(id);
    let description = match id {
        ContentId::Page(id) => &site.page(id).meta.description,
        ContentId::Section(id) => &site.section(id).meta.description,
    };
    let date = || super::date(site, id).map(crate::content::Date::rfc3339).unwrap_or_default();
    let body = || {
        let mut body = text(id);
        if let Some(most) = search.truncate_content_length {
            truncate(&mut body, most);
        }
        body
    };
    IndexedPage {
        url: &content.permalink,
        title: search.include_title.then(|| site.title(id).unwrap_or_default()),
        description: search.include_description.then(|| description.as_deref().unwrap_or_default()),
        date: search.include_date.then(date),
        body: search.include_content.then(body),
        path: search.include_path.then_some(&content.path),
    }
}

/// Cuts a text off after so many characters, but leaves no half of an entity: a page would show it as text.
fn truncate(text: &mut String, most: usize) {
    let Some((end, _)) = text.char_indices().nth(most) else { return };
    text.truncate(end);
    if let Some(entity) = text.rfind('&').filter(|&start| !text[start..].contains(';')) {
        text.truncate(entity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_not_cut_within_an_entity() {
        let cut = |most: usize| {
            let mut text = plain_text("<p>é &amp; b</p>");
            truncate(&mut text, most);
            text
        };
        let cuts: Vec<String> = [0, 1, 3, 6, 7, 8, 9, 99].map(cut).into();
        assert_eq!(cuts, ["", "é", "é ", "é ", "é &amp;", "é &amp; ", "é &amp; b", "é &amp; b"]);
    }
}
