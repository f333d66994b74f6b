//! What a Hugo site consists of, and where each part stood.

use std::io;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value as Json};

use super::address::{self, AddressParts};
use crate::content::Date;
use crate::import::dates;
use crate::import::fields::{Document, Fields, as_text, data};
use crate::import::folder::{Folder, stem_and_end};
use crate::import::page_names::PageNames;

/// The endings of pages, and those of languages that Causerie does not read.
const PAGES: [&str; 12] =
    ["md", "markdown", "mdown", "html", "htm", "adoc", "asciidoc", "ad", "org", "rst", "pandoc", "pdc"];

/// A page, without its text.
#[derive(Clone, Debug)]
pub struct HugoPage {
    /// The file.
    pub path: String,
    /// The ending of its name.
    pub end: String,
    pub fields: Fields,
    pub date: Option<String>,
    /// The last part of its address.
    pub slug: String,
    pub url: String,
    /// Whether it is the file of a section.
    pub is_section: bool,
    /// Whether it lies in a section.
    pub has_section: bool,
}

impl HugoPage {
    /// Whether it is listed among the posts.
    pub fn is_post(&self) -> bool {
        let is_page = self.fields.text(&["type", "layout"]).is_some_and(|kind| kind == "page");
        !self.is_section && self.has_section && self.date.is_some() && !is_page
    }
}

/// A file that is published as it is.
pub struct HugoFile {
    pub path: String,
    pub url: String,
}

/// A language of a site.
struct Language {
    code: String,
    /// The folder of its content.
    folder: String,
    /// What its addresses begin with.
    prefix: String,
}

/// A site.
pub struct HugoSite<'f> {
    pub folder: &'f Folder,
    /// Protocol, host and path.
    pub url: String,
    /// The path in front of all addresses.
    pub base: String,
    pub pages: Vec<HugoPage>,
    pub files: Vec<HugoFile>,
    /// The keys of taxonomies, with their names.
    pub taxonomies: Vec<(String, String)>,
    pub config: Fields,
    languages: Vec<Language>,
    zone: Option<TimeZone>,
    now: Option<Timestamp>,
    names: PageNames,
}

/// The configuration: one file, or a folder of them.
pub fn config(folder: &Folder) -> Option<Fields> {
    let read = |path: &str| match data(path, &folder.text(path, &mut Vec::new()).ok()?)? {
        Json::Object(fields) => Some(fields),
        _ => None,
    };
    let ends = ["toml", "yaml", "yml", "json"];
    let mut all = Map::new();
    for name in ["hugo", "config", "config/_default/hugo", "config/_default/config"] {
        let found = ends.iter().map(|end| format!("{name}.{end}")).find(|path| folder.has(path));
        if let Some(fields) = found.and_then(|path| read(&path)) {
            all.extend(fields);
        }
    }
    for file in folder.below("config/_default") {
        let (stem, end) = stem_and_end(file);
        if ends.contains(&end.as_str())
            && !matches!(stem, "hugo" | "config")
            && !stem.contains('/')
            && let Some(fields) = read(&format!("config/_default/{file}"))
        {
            all.insert(stem.to_owned(), Json::Object(fields));
        }
    }
    (!all.is_empty()).then_some(Fields(all))
}

impl<'f> HugoSite<'f> {
    /// Reads the configuration and all front matter.
    pub fn open(folder: &'f Folder, repairs: &mut Vec<(&'static str, u64)>) -> io::Result<Self> {
        let config = config(folder).unwrap_or_default();
        let url = config.text(&["baseURL"]).unwrap_or_default();
        let base = crate::config::split_origin(url.trim_end_matches('/')).1.trim_matches('/').to_owned();
        let taxonomies = config.table("taxonomies").0;
        let taxonomies = if taxonomies.is_empty() {
            [("tag", "tags"), ("category", "categories")].map(|(one, many)| (one.to_owned(), many.to_owned())).to_vec()
        } else {
            taxonomies.into_iter().filter_map(|(one, many)| Some((one, as_text(&many)?))).collect()
        };
        let mut site = Self {
            folder,
            base: if base.is_empty() { base } else { format!("/{base}") },
            url,
            pages: Vec::new(),
            files: Vec::new(),
            taxonomies,
            languages: languages(&config),
            zone: config.text(&["timeZone"]).and_then(|zone| TimeZone::get(&zone).ok()),
            now: crate::clock::read().ok(),
            names: PageNames::default(),
            config,
        };
        site.content(repairs)?;
        let statics = site.config.texts(&["staticDir"]);
        for root in if statics.is_empty() { vec!["static".to_owned()] } else { statics } {
            for path in folder.below(root.trim_matches('/')) {
                site.files.push(HugoFile {
                    path: format!("{}/{path}", root.trim_matches('/')),
                    url: format!("{}/{path}", site.base),
                });
            }
        }
        site.index();
        Ok(site)
    }

    fn content(&mut self, repairs: &mut Vec<(&'static str, u64)>) -> io::Result<()> {
        let mut seen = FxHashSet::default();
        for number in 0..self.languages.len() {
            let root = self.languages[number].folder.clone();
            let files: Vec<String> = self.folder.below(&root).map(str::to_owned).collect();
            let is_page = |file: &str| PAGES.contains(&stem_and_end(file).1.as_str());
            let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
            // Everything below a leaf bundle belongs to it.
            let bundles: FxHashSet<&str> = files
                .iter()
                .filter(|file| is_page(file) && name(file).starts_with("index."))
                .filter_map(|file| file.rsplit_once('/').map(|(folder, _)| folder))
                .collect();
            let mut resources = Vec::new();
            let mut addresses: FxHashMap<String, String> = FxHashMap::default();
            for file in &files {
                let path = format!("{root}/{file}");
                let bundle = bundle_of(file, &bundles);
                let is_own = bundle.is_none_or(|bundle| {
                    file.rsplit_once('/').is_some_and(|(folder, _)| folder == bundle)
                        && name(file).starts_with("index.")
                });
                if !is_page(file) || !is_own {
                    resources.push((file.clone(), bundle.map(str::to_owned)));
                    continue;
                }
                if !seen.insert(path.clone()) {
                    continue;
                }
                let page = self.page(number, &path, file, repairs)?;
                if let Some(bundle) = bundle {
                    addresses.insert(bundle.to_owned(), page.url.clone());
                }
                self.pages.push(page);
            }
            for (file, bundle) in resources {
                let path = format!("{root}/{file}");
                if !seen.insert(path.clone()) {
                    continue;
                }
                let address =
                    bundle.as_ref().and_then(|bundle| addresses.get(bundle).zip(file.strip_prefix(bundle.as_str())));
                let url = match address {
                    Some((address, rest)) => format!("{}{rest}", address.trim_end_matches('/')),
                    None => format!("{}{}/{file}", self.base, self.languages[number].prefix),
                };
                self.files.push(HugoFile { path, url });
            }
        }
        Ok(())
    }

    fn page(
        &self,
        number: usize,
        path: &str,
        file: &str,
        repairs: &mut Vec<(&'static str, u64)>,
    ) -> io::Result<HugoPage> {
        let fields = match self.folder.text(path, repairs) {
            Ok(text) => Document::parse(&text).map(|document| document.fields).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Fields::default(),
            Err(error) => return Err(error),
        };
        let (stem, end) = stem_and_end(file);
        let (stem, code) = match stem.rsplit_once('.') {
            Some((stem, code)) if self.languages.iter().any(|language| language.code == code) => (stem, Some(code)),
            _ => (stem, None),
        };
        let language = code.and_then(|code| self.languages.iter().find(|language| language.code == code));
        let language = language.unwrap_or_else(|| &self.languages[self.language_of(number, path)]);
        let mut sections: Vec<String> = stem.split('/').map(str::to_owned).collect();
        let mut name = sections.pop().unwrap_or_default();
        let is_section = name == "_index";
        let is_home = sections.is_empty() && matches!(name.as_str(), "index" | "_index");
        if name == "index" || is_section {
            name = sections.pop().unwrap_or_default();
        }
        let by_name = self.config.table("frontmatter").texts(&["date"]).iter().any(|source| source == ":filename");
        let dated = by_name.then(|| name.get(..10).and_then(dates::loose)).flatten();
        if dated.is_some() {
            name = name[10..].trim_start_matches(['-', '_', ' ']).to_owned();
        }
        let own = fields.date(&["date", "publishDate", "pubdate", "published"]);
        let date = own.or(dated).or_else(|| fields.date(&["lastmod", "modified"])).map(|date| self.zoned(&date));
        let day = date.as_deref().and_then(Date::parse);
        let parts = AddressParts {
            date: day.and_then(|day| jiff::civil::Date::new(day.year, day.month, day.day).ok()),
            slug: fields.text(&["slug"]),
            title: fields.text(&["title"]).unwrap_or_default(),
            name,
            sections,
        };
        let is_lower = self.config.flag("disablePathToLower") != Some(true);
        let url = match (fields.text(&["url"]), is_home) {
            (Some(url), _) => format!("/{}", url.trim_start_matches('/')),
            (None, true) => format!("{}/", language.prefix),
            (None, false) => format!("{}{}", language.prefix, self.address(&parts, is_section, is_lower)),
        };
        Ok(HugoPage {
            path: path.to_owned(),
            end,
            date,
            slug: parts.slug.unwrap_or(parts.name),
            url: format!("{}{url}", self.base),
            is_section,
            has_section: !parts.sections.is_empty(),
            fields,
        })
    }

    fn address(&self, parts: &AddressParts, is_section: bool, is_lower: bool) -> String {
        let patterns = self.config.table("permalinks");
        let section = parts.sections.first().cloned().unwrap_or_default();
        let pattern = patterns.table("page").text(&[&section]).or_else(|| patterns.text(&[&section]));
        let path = match pattern.filter(|_| !is_section && !section.is_empty()) {
            Some(pattern) => address::fill(&pattern, parts, is_lower),
            None => address::default(parts, is_lower),
        };
        let is_ugly = self.config.flag("uglyURLs") == Some(true) && !is_section && path.len() > 1;
        if is_ugly && path.ends_with('/') { format!("{}.html", path.trim_end_matches('/')) } else { path }
    }

    /// The language of a file whose name says none: the one with the nearest content folder.
    fn language_of(&self, default: usize, path: &str) -> usize {
        let mut best = default;
        for (number, language) in self.languages.iter().enumerate() {
            let is_inside = path.strip_prefix(&language.folder).is_some_and(|rest| rest.starts_with('/'));
            if is_inside && language.folder.len() > self.languages[best].folder.len() {
                best = number;
            }
        }
        best
    }

    fn index(&mut self) {
        let mut numbers: Vec<usize> = (0..self.pages.len()).collect();
        numbers.sort_by_key(|number| !self.pages[*number].is_post());
        for &number in &numbers {
            let page = &self.pages[number];
            let address = page.url.strip_prefix(&self.base).unwrap_or(&page.url);
            self.names.insert(&page.path, number);
            self.names.insert_address(address, number);
        }
        for number in numbers {
            let page = &self.pages[number];
            for language in &self.languages {
                let Some(path) = page.path.strip_prefix(&language.folder) else { continue };
                let stem = stem_and_end(path).0;
                let stem = stem.strip_suffix("/index").or_else(|| stem.strip_suffix("/_index")).unwrap_or(stem);
                self.names.insert(path, number);
                self.names.insert(stem, number);
                self.names.insert(path.rsplit('/').next().unwrap_or(path), number);
                self.names.insert(stem.rsplit('/').next().unwrap_or(stem), number);
            }
            self.names.insert(&page.slug, number);
            if page.is_post() {
                self.names.insert(&page.fields.text(&["title"]).unwrap_or_default(), number);
            }
        }
    }

    /// The key of the page that a thread of comments names.
    pub fn find(&self, name: &str) -> Option<String> {
        let path = crate::import::addresses::split(name)?.path;
        let base = self.base.trim_matches('/');
        let below = path.strip_prefix(base).filter(|_| !base.is_empty()).and_then(|path| self.names.find(path));
        below.or_else(|| self.names.find(&path)).map(|number| self.pages[number].path.clone())
    }

    /// The address of a page, as `ref` names it from another one.
    pub fn reference(&self, target: &str, from: &HugoPage) -> Option<String> {
        let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
        let url = if path.is_empty() {
            from.url.clone()
        } else {
            let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let near = crate::source::plain_path(&format!("{folder}/{path}")).and_then(|path| self.names.exact(&path));
            let number = near.or_else(|| self.names.exact(path)).or_else(|| self.names.find(path))?;
            self.pages[number].url.clone()
        };
        Some(anchor.map_or_else(|| url.clone(), |anchor| format!("{url}#{anchor}")))
    }

    /// A date in the time zone of the site, if it has no offset.
    pub fn zoned(&self, date: &str) -> String {
        self.zone.as_ref().map_or_else(|| date.to_owned(), |zone| dates::in_zone(date, zone))
    }

    /// Whether a date lies in the future; none if it is no date.
    pub fn is_future(&self, date: &str) -> Option<bool> {
        Date::parse(date).zip(self.now).map(|(date, now)| date.timestamp > now)
    }
}

/// The leaf bundle that a file lies in.
fn bundle_of<'a>(file: &'a str, bundles: &FxHashSet<&str>) -> Option<&'a str> {
    let mut folder = file;
    while let Some((above, _)) = folder.rsplit_once('/') {
        if bundles.contains(above) {
            return Some(above);
        }
        folder = above;
    }
    None
}

/// The languages, the default one first.
fn languages(config: &Fields) -> Vec<Language> {
    let default = config.text(&["defaultContentLanguage"]).unwrap_or_else(|| "en".to_owned());
    let in_folder = config.flag("defaultContentLanguageInSubdir") == Some(true);
    let content = config.text(&["contentDir"]).unwrap_or_else(|| "content".to_owned());
    let table = config.table("languages");
    let folder = |code: &str| table.table(code).text(&["contentDir"]).unwrap_or_else(|| content.clone());
    let language = |code: &str, prefix: String| Language {
        code: code.to_owned(),
        folder: folder(code).trim_matches(['/', '.']).to_owned(),
        prefix,
    };
    let first = language(&default, if in_folder { format!("/{default}") } else { String::new() });
    let others = table.0.keys().filter(|code| **code != default).map(|code| language(code, format!("/{code}")));
    std::iter::once(first).chain(others).collect()
}
