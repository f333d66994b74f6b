//! What a build is asked to do.

use std::path::PathBuf;

use jiff::Timestamp;

use super::images::Progress;
use crate::clock;
use crate::diagnostic::{Diagnostic, Severity};

/// What to build, and where.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The site's folder.
    pub root: PathBuf,
    /// The configuration's file below the site's folder, in the place of the usual ones.
    pub config: Option<String>,
    /// The output folder, in the place of the configuration's.
    pub output: Option<PathBuf>,
    /// The address that the site will have, in the place of the configuration's; in the preview only its host, as the path stays.
    pub base_url: Option<String>,
    /// Whether drafts are part of the site.
    pub drafts: bool,
    /// Whether HTML is minified, whatever the configuration says.
    pub minify: bool,
    /// Whether posts that are held back until their date are part of the site.
    pub future: bool,
    /// The moment of the build; none: what the clock shows.
    pub now: Option<Timestamp>,
    /// Whether to render every output again.
    pub force: bool,
    /// Whether the build may remove most of what earlier ones wrote.
    pub shrink: bool,
    /// Whether no request is sent, so that data of other servers is what an earlier run kept.
    pub offline: bool,
    /// Whether a check requests the links to other sites.
    pub external_links: bool,
    /// The severity of a broken link to another site, in the place of the configuration's.
    pub external_level: Option<Severity>,
    /// Shows the author how many of the pages of other sites are checked.
    pub link_progress: Option<Progress>,
    /// Whether to report why outputs were rendered again.
    pub explain: bool,
    /// Whether to report what gives way to something else of the site with the same address.
    pub verbose: bool,
    /// Prints a message for the author while the build runs.
    pub say: Option<fn(&str)>,
    /// Shows the author how many of the images that have to be made are made.
    pub image_progress: Option<Progress>,
}

impl Options {
    /// The same with the moment of the build, so that the clock is read once whatever the build does again.
    ///
    /// # Errors
    /// `SOURCE_DATE_EPOCH` is no moment.
    pub fn at_a_moment(&self) -> Result<Self, Diagnostic> {
        let now = self.now.map_or_else(clock::read, Ok)?;
        Ok(Self { now: Some(now), ..self.clone() })
    }
}
