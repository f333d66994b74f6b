//! What a Jekyll site consists of, and where each part stood.

use std::io;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::permalink::{PermalinkParts, clean, fill, template};
use crate::content::Date;
use crate::import::dates;
use crate::import::fields::{Document, Fields, as_text, data};
use crate::import::folder::{Folder, stem_and_end};
use crate::import::model::Sink;
use crate::import::page_names::PageNames;

/// Where a page comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageOrigin {
    /// `_posts`.
    Post,
    /// `_drafts`.
    Draft,
    /// A collection.
    Collection(String),
    /// Any other folder.
    Page,
}

/// A page, without its text.
#[derive(Clone, Debug)]
pub struct JekyllPage {
    /// The file.
    pub path: String,
    /// The ending of its name.
    pub end: String,
    pub origin: PageOrigin,
    /// Its front matter, with the defaults of the site.
    pub fields: Fields,
    pub date: Option<String>,
    pub slug: String,
    pub url: String,
    pub categories: Vec<String>,
    pub tags: Vec<String>,
}

impl JekyllPage {
    /// Whether it is listed among the posts.
    pub fn is_post(&self) -> bool {
        match self.origin {
            PageOrigin::Post | PageOrigin::Draft => true,
            PageOrigin::Collection(_) => self.date.is_some(),
            PageOrigin::Page => false,
        }
    }
}

/// A site.
pub struct JekyllSite<'f> {
    pub folder: &'f Folder,
    /// The folder of the sources, with a slash at its end.
    pub root: String,
    /// The folder of the data, in the root.
    pub data: String,
    /// Protocol and host.
    pub url: String,
    /// The path in front of all addresses.
    pub base: String,
    /// What ends a summary.
    pub separator: Option<String>,
    /// Whether posts with a future date are shown.
    pub shows_future: bool,
    pub pages: Vec<JekyllPage>,
    /// Files without front matter.
    pub files: Vec<String>,
    pub authors: Vec<(String, String)>,
    /// The configuration.
    pub(super) config: Fields,
    zone: Option<TimeZone>,
    now: Option<Timestamp>,
    /// The pages by everything that can name them.
    pub(super) names: PageNames,
}

impl<'f> JekyllSite<'f> {
    /// Reads the configuration and all front matter.
    pub fn open(folder: &'f Folder, sink: &mut dyn Sink) -> io::Result<Self> {
        let mut repairs = Vec::new();
        let mut config = Fields::default();
        for file in ["_config.yml", "_config.yaml", "_config.toml"] {
            if folder.has(file)
                && let Some(Json::Object(fields)) = data(file, &folder.text(file, &mut repairs)?)
            {
                config = Fields(fields);
                break;
            }
        }
        let named = config.text(&["source"]).map(|source| source.trim_matches(['.', '/']).to_owned());
        let has_posts = |root: &str| folder.has_folder(&format!("{root}_posts"));
        let root = named
            .filter(|root| !root.is_empty() && folder.has_folder(root))
            .map(|root| format!("{root}/"))
            .or_else(|| ["", "src/", "source/", "docs/"].into_iter().find(|root| has_posts(root)).map(str::to_owned))
            .unwrap_or_default();
        let base = config.text(&["baseurl"]).map(|base| clean(base.trim_end_matches('/'))).filter(|base| base != "/");
        let mut site = Self {
            folder,
            data: config.text(&["data_dir"]).unwrap_or_else(|| "_data".to_owned()),
            url: config.text(&["url"]).unwrap_or_default().trim_end_matches('/').to_owned(),
            base: base.unwrap_or_default(),
            separator: config.text(&["excerpt_separator"]),
            shows_future: config.flag("future") == Some(true),
            pages: Vec::new(),
            files: Vec::new(),
            authors: Vec::new(),
            zone: config.text(&["timezone"]).and_then(|zone| TimeZone::get(&zone).ok()),
            now: crate::clock::read().ok(),
            names: PageNames::default(),
            root,
            config,
        };
        site.authors(&mut repairs)?;
        for file in folder.files() {
            site.file(file, &mut repairs)?;
        }
        site.index();
        for (what, times) in repairs {
            sink.repair(what, times);
        }
        Ok(site)
    }

    /// The people in `_data/authors`, by their keys.
    fn authors(&mut self, repairs: &mut Vec<(&'static str, u64)>) -> io::Result<()> {
        for end in ["yml", "yaml", "json"] {
            let path = format!("{}{}/authors.{end}", self.root, self.data);
            if !self.folder.has(&path) {
                continue;
            }
            if let Some(Json::Object(people)) = data(&path, &self.folder.text(&path, repairs)?) {
                for (key, person) in people {
                    if let Json::Object(person) = person
                        && let Some(name) = Fields(person).text(&["name", "display_name"])
                    {
                        self.authors.push((key, name));
                    }
                }
            }
        }
        Ok(())
    }

    /// Sorts one file into the site.
    fn file(&mut self, path: &str, repairs: &mut Vec<(&'static str, u64)>) -> io::Result<()> {
        let Some(relative) = path.strip_prefix(self.root.as_str()) else { return Ok(()) };
        let parts: Vec<&str> = relative.split('/').collect();
        let collections_folder = self.config.text(&["collections_dir"]).unwrap_or_default();
        let special = parts[..parts.len() - 1].iter().position(|part| part.starts_with('_'));
        let origin = match special.map(|at| (at, &parts[at][1..])) {
            Some((_, "posts")) => PageOrigin::Post,
            Some((_, "drafts")) => PageOrigin::Draft,
            Some((at, name))
                if parts[..at].join("/") == collections_folder.trim_matches('/') && self.is_collection(name) =>
            {
                PageOrigin::Collection(name.to_owned())
            }
            Some(_) => return Ok(()),
            None if parts[parts.len() - 1].starts_with('_') || is_tooling(relative, &self.config) => return Ok(()),
            None => PageOrigin::Page,
        };
        let starts = |mark: &[u8]| self.folder.starts_with(path, mark);
        if !(starts(b"---\n") || starts(b"---\r") || starts(b"--- ") || starts(b"\xef\xbb\xbf---")) {
            // Posts need none.
            if matches!(origin, PageOrigin::Page | PageOrigin::Collection(_)) {
                self.files.push(path.to_owned());
            }
            return Ok(());
        }
        let (_, end) = stem_and_end(path);
        let is_output = matches!(end.as_str(), "xml" | "txt" | "json" | "js" | "css" | "scss" | "sass" | "rb" | "svg");
        if origin == PageOrigin::Page && (is_output || matches!(relative, "404.html" | "404.md")) {
            // Feeds, site maps and style sheets, which are made by the old theme.
            self.files.push(path.to_owned());
            return Ok(());
        }
        let fields = match self.folder.text(path, repairs) {
            Ok(text) => Document::parse(&text).map(|document| document.fields).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Fields::default(),
            Err(error) => return Err(error),
        };
        let page = self.page(path, &parts, special, origin, fields);
        self.pages.push(page);
        Ok(())
    }

    fn is_collection(&self, name: &str) -> bool {
        let outputs = |fields: &Fields| fields.flag("output") == Some(true);
        match self.config.get("collections") {
            Some(Json::Object(_)) => outputs(&self.config.table("collections").table(name)),
            _ => false,
        }
    }

    fn page(&self, path: &str, parts: &[&str], special: Option<usize>, origin: PageOrigin, own: Fields) -> JekyllPage {
        let relative = &path[self.root.len()..];
        let fields = self.with_defaults(relative, &origin, own);
        let (stem, end) = stem_and_end(parts[parts.len() - 1]);
        let is_post = matches!(origin, PageOrigin::Post | PageOrigin::Draft);
        let dated = leading_date(stem).filter(|_| origin != PageOrigin::Page);
        let name = match (&origin, &dated) {
            (PageOrigin::Post, Some((_, name))) => *name,
            _ => stem,
        };
        let date = fields
            .date(&["date"])
            .or_else(|| dated.as_ref().map(|(date, _)| date.clone()))
            .map(|date| self.zoned(&date));
        let mut categories: Vec<String> = match special {
            Some(at) if is_post => parts[..at].iter().map(|part| (*part).to_owned()).collect(),
            _ => Vec::new(),
        };
        categories.extend(words(&fields, "category", "categories"));
        let mut seen = Vec::new();
        categories.retain(|name| {
            !seen.contains(name) && {
                seen.push(name.clone());
                true
            }
        });
        let moment = date.as_deref().and_then(Date::parse);
        let inner = special.map_or(0, |at| at + 1);
        let folder = parts[inner..parts.len() - 1].iter().map(|part| format!("{part}/")).collect::<String>();
        let is_page =
            matches!(end.as_str(), "md" | "markdown" | "mkd" | "mkdn" | "mkdown" | "textile" | "html" | "htm");
        let time = date.as_deref().and_then(|date| date.get(11..19)).unwrap_or("00:00:00");
        let mut time = time.split(':').map(str::to_owned);
        let address = PermalinkParts {
            date: moment.and_then(|date| jiff::civil::Date::new(date.year, date.month, date.day).ok()),
            time: std::array::from_fn(|_| time.next().unwrap_or_default()),
            categories: categories.clone(),
            basename: name.to_owned(),
            slug: fields.text(&["slug"]),
            folder,
            collection: match &origin {
                PageOrigin::Collection(name) => name.clone(),
                _ => "posts".to_owned(),
            },
            end: if is_page { ".html".to_owned() } else { format!(".{end}") },
        };
        JekyllPage {
            url: self.address(&fields, &origin, &address),
            slug: fields.text(&["slug"]).unwrap_or_else(|| name.to_owned()),
            tags: words(&fields, "tag", "tags"),
            path: path.to_owned(),
            end,
            origin,
            fields,
            date,
            categories,
        }
    }

    fn address(&self, fields: &Fields, origin: &PageOrigin, parts: &PermalinkParts) -> String {
        let site_style = self.config.text(&["permalink"]).unwrap_or_else(|| "date".to_owned());
        let own = fields.text(&["permalink"]).filter(|own| own != "none" || *origin != PageOrigin::Page);
        let path = match (own, origin) {
            (Some(own), _) => fill(template(&own), parts),
            (None, PageOrigin::Post | PageOrigin::Draft) => fill(template(&site_style), parts),
            (None, PageOrigin::Collection(name)) => {
                let own = self.config.table("collections").table(name).text(&["permalink"]);
                let is_pretty = site_style == "pretty" || site_style.ends_with('/');
                let default = if is_pretty { "/:collection/:path/" } else { "/:collection/:path:output_ext" };
                fill(own.as_deref().unwrap_or(default), parts)
            }
            (None, PageOrigin::Page) => {
                let is_pretty = site_style == "pretty" || site_style.ends_with('/');
                let folder = &parts.folder;
                match parts.basename.as_str() {
                    "index" | "README" => clean(folder),
                    name if is_pretty => clean(&format!("{folder}{name}/")),
                    name => clean(&format!("{folder}{name}{}", parts.end)),
                }
            }
        };
        format!("{}{path}", self.base)
    }

    /// The front matter with what the configuration says for its kind and folder. The most exact scope wins.
    fn with_defaults(&self, relative: &str, origin: &PageOrigin, own: Fields) -> Fields {
        let kind = match origin {
            PageOrigin::Post => "posts",
            PageOrigin::Draft => "drafts",
            PageOrigin::Page => "pages",
            PageOrigin::Collection(name) => name,
        };
        let Some(Json::Array(defaults)) = self.config.get("defaults") else { return own };
        let mut scopes: Vec<(usize, &Json)> = Vec::new();
        for default in defaults {
            let scope = |key: &str| default.get("scope").and_then(|scope| scope.get(key)).and_then(as_text);
            let path = scope("path").unwrap_or_default();
            let path = path.trim_matches('/').split('*').next().unwrap_or_default().trim_end_matches('/').to_owned();
            let is_kind = scope("type").is_none_or(|of| of.is_empty() || of == kind || format!("{of}s") == kind);
            if is_kind
                && relative.starts_with(&path)
                && let Some(values) = default.get("values")
            {
                scopes.push((path.len() * 2 + usize::from(scope("type").is_some()), values));
            }
        }
        scopes.sort_by_key(|(weight, _)| *weight);
        let mut all = Fields::default();
        for values in scopes.into_iter().filter_map(|(_, values)| values.as_object()) {
            all.0.extend(values.clone());
        }
        all.0.extend(own.0);
        all
    }

    /// A date in the time zone of the site, if it has no offset.
    pub fn zoned(&self, date: &str) -> String {
        self.zone.as_ref().map_or_else(|| date.to_owned(), |zone| dates::in_zone(date, zone))
    }

    /// Whether a date lies in the future.
    pub fn is_future(&self, date: Option<&str>) -> bool {
        let date = date.and_then(Date::parse);
        date.zip(self.now).is_some_and(|(date, now)| date.timestamp > now)
    }
}

/// The terms of a key that can be one term, several words, or a list.
fn words(fields: &Fields, one: &str, many: &str) -> Vec<String> {
    match fields.get(many) {
        Some(Json::String(text)) => {
            let by = if text.contains(',') { ',' } else { ' ' };
            text.split(by).map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
        }
        Some(_) => fields.texts(&[many]),
        None => fields.texts(&[one]),
    }
}

/// The date at the beginning of a file's name, and the rest of the name.
fn leading_date(stem: &str) -> Option<(String, &str)> {
    let mut ends = stem.match_indices('-').map(|(at, _)| at);
    let end = ends.nth(2)?;
    let date = dates::loose(&stem[..end])?;
    Some((date, &stem[end + 1..])).filter(|(_, rest)| !rest.is_empty())
}

/// Whether a file belongs to the tools around a site.
fn is_tooling(path: &str, config: &Fields) -> bool {
    const NAMES: [&str; 18] = [
        "gemfile",
        "gemfile.lock",
        "rakefile",
        "makefile",
        "package.json",
        "package-lock.json",
        "yarn.lock",
        "cname",
        "readme.md",
        "license",
        "license.md",
        "license.txt",
        "staticman.yml",
        "netlify.toml",
        "dockerfile",
        "gulpfile.js",
        "changelog.md",
        "contributing.md",
    ];
    let lower = path.to_ascii_lowercase();
    let is_excluded = config.texts(&["exclude"]).iter().any(|excluded| {
        let excluded = excluded.trim_matches('/');
        path == excluded || path.strip_prefix(excluded).is_some_and(|rest| rest.starts_with('/'))
    });
    is_excluded || NAMES.contains(&lower.as_str()) || lower.ends_with(".gemspec")
}
