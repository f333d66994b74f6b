//! The page that a Webmention is about.

use std::fmt;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::config::split_origin;
use crate::nfc::nfc;
use crate::replies::{PageLocation, find_moved_page, find_visible_page};
use crate::site::{CommentsState, Site};

/// A longer address is none.
const MAX_ADDRESS: usize = 2_000;

/// A page of the site that another page links to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its address, as the other page writes it.
    pub url: Url,
    /// All addresses of the page.
    pub address: PageAddress,
    /// Where its comments belong.
    pub page: PageLocation,
    /// Whether it takes comments now.
    pub is_open: bool,
}

/// Why a Webmention is refused at once. Displayed, it is a sentence for who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetRefusal {
    /// One of the two addresses is missing.
    Missing,
    /// An address is not one of the web.
    NoAddress,
    /// Both are the same page.
    SamePage,
    /// The target is on another site.
    ForeignTarget,
    /// The source is on this site.
    OwnSource,
    /// There is no such page.
    NoPage,
    /// The page takes no more comments.
    Closed,
    /// The page has no comments.
    Off,
}

impl fmt::Display for TargetRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "a Webmention has a `source` and a `target`",
            Self::NoAddress => "`source` and `target` are whole addresses with http or https",
            Self::SamePage => "`source` and `target` are the same page",
            Self::ForeignTarget => "the target is not a page of this site",
            Self::OwnSource => "the source is a page of this site",
            Self::NoPage => "there is no page at the target",
            Self::Closed => "the target takes no more comments",
            Self::Off => "the target has no comments",
        })
    }
}

impl Target {
    /// Checks the two addresses of a Webmention, and finds the page. A page that is closed is found too: what is on it
    /// already can change.
    ///
    /// # Errors
    /// The site takes no such Webmention.
    pub fn find(site: &Site, source: &str, target: &str, now: Timestamp) -> Result<Self, TargetRefusal> {
        if source.is_empty() || target.is_empty() {
            return Err(TargetRefusal::Missing);
        }
        let (source, url) = (address(source)?, address(target)?);
        let without_fragment = |url: &Url| {
            let mut url = url.clone();
            url.set_fragment(None);
            url
        };
        if without_fragment(&source) == without_fragment(&url) {
            return Err(TargetRefusal::SamePage);
        }
        let own = SiteAddress::new(&site.config.base_url).ok_or(TargetRefusal::ForeignTarget)?;
        let path = own.path_of(&url).ok_or(TargetRefusal::ForeignTarget)?;
        if own.path_of(&source).is_some() {
            return Err(TargetRefusal::OwnSource);
        }
        // Many people write an address without the slash at its end.
        let mut spellings = [path.clone(), format!("{}/", path.trim_end_matches('/'))].into_iter();
        let found = spellings.find_map(|path| find_visible_page(site, &path, now).map(|content| (content, path)));
        let (content, path) = found.ok_or(TargetRefusal::NoPage)?;
        let is_open = match site.content(content).talk_at(now) {
            CommentsState::Open => true,
            CommentsState::Closed => false,
            CommentsState::Off => return Err(TargetRefusal::Off),
        };
        let page = find_moved_page(site, &path).ok_or(TargetRefusal::NoPage)?;
        let earlier = site.aliases(content).iter().map(|alias| &**alias);
        let paths = [path.as_str(), page.page.as_str()].into_iter().chain(earlier);
        let address = PageAddress::new(own, paths);
        Ok(Self { url, address, page, is_open })
    }
}

fn address(text: &str) -> Result<Url, TargetRefusal> {
    let url = Some(text).filter(|text| text.len() <= MAX_ADDRESS && crate::config::is_web_address(text));
    let url = url.and_then(|text| Url::parse(text).ok()).ok_or(TargetRefusal::NoAddress)?;
    // Nobody needs to know a password for what is public.
    if url.username().is_empty() && url.password().is_none() { Ok(url) } else { Err(TargetRefusal::NoAddress) }
}

/// The address of a site, to which others compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteAddress {
    url: Url,
    /// The path that all pages are below, without a slash at its end.
    folder: String,
}

impl SiteAddress {
    /// The address of a site; none if it does not name its host.
    pub fn new(base_url: &str) -> Option<Self> {
        let folder = decoded(split_origin(base_url).1.trim_end_matches('/'))?;
        Some(Self { url: Url::parse(base_url).ok()?, folder })
    }

    /// The path of an address below the site; none if it is elsewhere. Sites with https are still linked to with http.
    pub fn path_of(&self, url: &Url) -> Option<String> {
        let is_usual = |url: &Url| url.port().is_none();
        let own = &self.url;
        let is_same_port = own.port_or_known_default() == url.port_or_known_default() || is_usual(own) && is_usual(url);
        if own.host() != url.host() || !is_same_port {
            return None;
        }
        let path = decoded(url.path())?;
        let rest = path.strip_prefix(self.folder.as_str())?;
        if rest.is_empty() { Some("/".to_owned()) } else { Some(rest.to_owned()).filter(|rest| rest.starts_with('/')) }
    }
}

/// All addresses of a page: with and without a slash at their end, with any query, and those that it had earlier. Who reports
/// a link under one of them must not make another one look as if it were gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAddress {
    site: SiteAddress,
    paths: Vec<String>,
}

impl PageAddress {
    /// The addresses of a page that has these paths.
    pub fn new<'p>(site: SiteAddress, paths: impl IntoIterator<Item = &'p str>) -> Self {
        Self { site, paths: paths.into_iter().map(plain_path).collect() }
    }

    /// Whether an address leads to the page.
    pub fn has(&self, url: &str) -> bool {
        let path = Url::parse(url).ok().and_then(|url| self.site.path_of(&url));
        path.is_some_and(|path| self.paths.contains(&plain_path(&path)))
    }
}

fn decoded(path: &str) -> Option<String> {
    percent_decode_str(path).decode_utf8().ok().map(|path| nfc(&path).into_owned())
}

/// A path without what two addresses of one page can differ in.
fn plain_path(path: &str) -> String {
    let path = path.strip_suffix("index.html").unwrap_or(path);
    path.strip_suffix(".html").unwrap_or(path).trim_matches('/').to_owned()
}
