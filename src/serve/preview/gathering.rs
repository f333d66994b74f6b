//! Brings in the replies from other networks to the page that the author looks at.

use std::sync::TryLockError;

use super::Preview;
use crate::build::CACHE_FOLDER;
use crate::config::split_origin;
use crate::diagnostic::Diagnostic;
use crate::gather::{self, GatherReport};
use crate::site::{Page, Site};

/// The page at a path of the server, if it is discussed on a network.
pub fn discussed_page<'s>(site: &'s Site, path: &str) -> Option<&'s Page> {
    let mut discussed = site.pages.iter().filter(|page| !page.meta.discussions.is_empty());
    discussed.find(|page| split_origin(&page.content.permalink).1 == path)
}

impl Preview {
    /// Gathers the replies to the page at a path. Returns a line for the author.
    ///
    /// # Errors
    /// Why nothing was gathered, for the author.
    pub(super) fn gather_for(&self, path: &str) -> Result<String, String> {
        if self.options.offline {
            return Err("The preview was started with --offline.".to_owned());
        }
        let document = {
            let snapshot = self.snapshot();
            let site = snapshot.site.as_ref().ok_or("The site has mistakes.")?;
            let page = discussed_page(&site.library.site, path).ok_or("This page has no [discussions].")?;
            page.content.source.file().to_string()
        };
        // A second one would ask the same servers for the same.
        let _running = match self.gathering.try_lock() {
            Ok(running) => running,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err("Replies are being gathered already.".to_owned()),
        };
        let options = gather::Options {
            root: self.options.root.clone(),
            cache: self.options.root.join(CACHE_FOLDER),
            posts: vec![document],
            since: None,
            all: true,
            dry_run: false,
        };
        let report = gather::gather(&options, &|_, _| {}).map_err(|problem| sentence(&problem))?;
        Ok(message(&report))
    }
}

fn message(report: &GatherReport) -> String {
    let mut message = format!("{}.", report.summary());
    if report.waiting > 0 {
        message.push_str(" Decide with: causerie comments list");
    }
    if let Some(problem) = report.problems.first() {
        message.push(' ');
        message.push_str(&sentence(problem));
    }
    message
}

fn sentence(problem: &Diagnostic) -> String {
    match &problem.help {
        Some(help) => format!("{}: {help}.", problem.message),
        None => format!("{}.", problem.message),
    }
}
