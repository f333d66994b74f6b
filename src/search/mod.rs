//! The search: an index in small files that a browser reads without a server.
//!
//! [`Document`] says what is to be found of a page or section, an [`Indexer`] makes an [`DocumentEntry`] of it, which can be
//! kept as long as the document is the same, and [`build`] makes the index of all entries. The files are described,
//! byte by byte, in the demo site's post on the search index. [`single_file`] has the formats of Zola.

mod deflate;
mod document;
mod file;
mod index;
mod lexicon;
mod numbers;
mod postings;
pub mod single_file;
mod stem_groups;
pub(crate) mod text;
mod texts;
mod tree;
mod words;

pub use document::{Document, DocumentEntry, Indexer, TextPart, parts};
pub use file::{FileName, IndexFile};
pub use index::{Index, build};
pub use lexicon::Lexicon;
pub use numbers::numbers;
pub use text::Text;
pub use texts::{Group, file as text_file, groups};
pub use tree::ParentLevel;

use std::borrow::Cow;
use std::sync::LazyLock;

use minifier::js::minify;

use crate::config::search::IndexFormat;
use crate::site::{Content, ContentId, Site};

/// The folder of all indexes, in the output folder.
pub const FOLDER: &str = crate::site::SEARCH_INDEX;

/// The path of the root of a language's index, in the output folder.
pub fn root_path(lang: &str) -> String {
    format!("{FOLDER}/{lang}.bin")
}

/// The path of any other file of an index, in the output folder.
pub fn file_path(lang: &str, name: FileName) -> String {
    format!("{FOLDER}/{lang}/{}", name.path())
}

/// Paths of files of a language's index, in all its folders but those that its files choose.
pub fn sample_paths(lang: &str) -> [String; 2] {
    [root_path(lang), file_path(lang, FileName([0; FileName::LENGTH]))]
}

/// The script that a page with a search box loads.
static BOX: LazyLock<String> = LazyLock::new(|| minify(include_str!("box.js")).to_string());

/// The client, which that script loads when somebody searches. Minifying leaves out a quarter of it.
static CLIENT: LazyLock<String> = LazyLock::new(|| {
    let client = minify(include_str!("client.js")).to_string();
    client
        .replace("./corrections.js", &format!("./{}", script_name("corrections", &CORRECTIONS)))
        .replace("./results.js", &format!("./{}", script_name("results", &RESULTS)))
});

/// The script that the client loads for words that the index does not have.
static CORRECTIONS: LazyLock<String> = LazyLock::new(|| minify(include_str!("corrections.js")).to_string());

/// The script that the client loads on the page of all results.
static RESULTS: LazyLock<String> = LazyLock::new(|| minify(include_str!("results.js")).to_string());

/// The name of a script says what is in it, as those of the index's files do.
fn script_name(name: &str, script: &str) -> String {
    format!("{name}-{}.js", FileName::of(script.as_bytes()))
}

/// The scripts with their paths in the output folder.
pub fn scripts() -> [(String, &'static str); 4] {
    let path = |name: &str, script: &str| format!("{FOLDER}/{}", script_name(name, script));
    let (corrections, results) = (path("corrections", &CORRECTIONS), path("results", &RESULTS));
    [(box_path(), &BOX), (client_path(), &CLIENT), (corrections, &CORRECTIONS), (results, &RESULTS)]
}

/// The path of the script that a page with a search box loads.
pub fn box_path() -> String {
    format!("{FOLDER}/{}", script_name("box", &BOX))
}

/// The path of the script that searches.
pub fn client_path() -> String {
    format!("{FOLDER}/{}", script_name("client", &CLIENT))
}

/// The languages of a site that have an index of ours.
pub fn languages(site: &Site) -> impl Iterator<Item = &str> {
    let has_index = |language: &&crate::config::Language| {
        language.build_search_index && language.search.index_format == IndexFormat::Causerie
    };
    site.config.languages().iter().filter(has_index).map(|language| language.code.as_str())
}

/// Whether the search finds a page or section: if it has an address and nobody has taken it out. Who takes a section out
/// takes its pages out as well.
pub fn finds(site: &Site, id: ContentId) -> bool {
    match id {
        ContentId::Page(id) => {
            let page = site.page(id);
            let section = page.content.ancestors.last().map(|&section| &site.section(section).meta);
            page.is_listed() && page.meta.in_search_index && section.is_none_or(|section| section.in_search_index)
        }
        ContentId::Section(id) => {
            let section = site.section(id);
            let meta = &section.meta;
            let has_text = section.content.words > 0 || section.content.thread.is_begun();
            meta.render && meta.in_search_index && meta.redirect_to.is_none() && has_text
        }
    }
}

/// What is to be found of a page or section whose body says `text`. `comment_text` gives the text of a comment by its index.
pub fn document<'a>(
    site: &'a Site,
    id: ContentId,
    text: &'a Text,
    comment_text: impl Fn(usize) -> Text,
) -> Document<'a> {
    let content = site.content(id);
    let default = crate::config::Search::default();
    let search = site.config.language(content.lang()).map_or(&default, |language| &language.search);
    let (description, slug) = match id {
        ContentId::Page(id) => (site.page(id).meta.description.as_deref(), site.page(id).slug.as_str()),
        ContentId::Section(id) => (site.section(id).meta.description.as_deref(), content.path.as_str()),
    };
    let section = content.ancestors.last().and_then(|&section| site.section(section).meta.title.as_deref());
    let thread = content.thread.comments.iter().enumerate();
    let comments = thread.filter(|(_, comment)| search.include_content && !comment.is_pending());
    Document {
        path: &content.path,
        title: site.title(id).or_else(|| home_title(site, id)).unwrap_or(slug),
        has_title: search.include_title,
        description: description.filter(|_| search.include_description).unwrap_or_default(),
        terms: terms(site, id, content),
        date: date(site, id).map(|date| date.text.as_str()),
        section,
        text: search.include_content.then(|| match search.truncate_content_length {
            Some(most) => Cow::Owned(text.first(most)),
            None => Cow::Borrowed(text),
        }),
        comments: comments
            .map(|(index, comment)| (comment.id.as_str(), comment.author(), comment_text(index)))
            .collect(),
    }
}

/// The title of the site, for its home page.
fn home_title(site: &Site, id: ContentId) -> Option<&str> {
    let content = site.content(id);
    let is_home = matches!(id, ContentId::Section(_)) && content.components.is_empty();
    site.config.language(content.lang()).filter(|_| is_home)?.title.as_deref()
}

/// The date of a page.
pub fn date(site: &Site, id: ContentId) -> Option<&crate::content::Date> {
    match id {
        ContentId::Page(id) => site.page(id).meta.date.as_ref(),
        ContentId::Section(_) => None,
    }
}

/// The terms of a page: the taxonomy's name, and the term's.
fn terms<'a>(site: &'a Site, id: ContentId, content: &Content) -> Vec<(&'a str, &'a str)> {
    let ContentId::Page(id) = id else { return Vec::new() };
    let taxonomies = &site.page(id).meta.taxonomies;
    let language = site.config.language(content.lang());
    let is_known = |name: &str| language.is_some_and(|language| language.taxonomies.iter().any(|it| it.name == name));
    let known = taxonomies.iter().filter(|(name, _)| is_known(name));
    known.flat_map(|(name, terms)| terms.iter().map(move |term| (name.as_str(), term.as_str()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_imports_scripts_that_exist() {
        let names: Vec<String> = scripts().iter().map(|(path, _)| path.replace(FOLDER, ".")).collect();
        let imported: Vec<&str> =
            CLIENT.split("import(").skip(1).filter_map(|rest| rest.get(1..)?.split(['"', '`', '\'']).next()).collect();
        assert_eq!(imported.len(), 2, "{imported:?}");
        assert!(imported.iter().all(|path| names.iter().any(|name| name == path)), "{imported:?} {names:?}");
    }
}
