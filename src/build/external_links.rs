//! Checks of links to other sites: which there are, and what is reported of them.

mod checker;
mod memory;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::configured_site::LoadedSite;
use super::images::Progress;
use super::{Options, Report};
use crate::config::LinkChecker;
use crate::diagnostic::Diagnostic;
use crate::fetch::{Client, FetchError};
use crate::templates::external_links::ExternalLink;
use checker::{Checker, Politeness};
pub use memory::KnownLinks;

/// The pages of other sites that are linked to, by their URLs without an anchor, with the anchors.
type Targets = BTreeMap<Url, BTreeSet<String>>;

/// What is wrong with a link.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The page cannot be loaded.
    Page(FetchError),
    /// The page has no such anchor.
    Anchor,
    /// Nothing is known of it, and the run sends no requests.
    Unknown,
}

/// What is wrong with the links to a page: with all, or with some by their anchors.
#[derive(Clone, Debug)]
pub enum Faults {
    /// With all links to the page.
    Page(Fault),
    /// With those to an anchor that is not there.
    Anchors(BTreeSet<String>),
}

/// Checks the links of a site to other sites, and reports those that are broken.
pub fn check(loaded: &LoadedSite, options: &Options, report: &mut Report) {
    let library = &loaded.library;
    let config = &library.site.config;
    let rules = &config.link_checker;
    let links = library.external_links();
    let mut targets = Targets::new();
    let mut reports: Vec<(&ExternalLink, String, String)> = Vec::new();
    for link in &links {
        match target(&link.url, rules) {
            Ok((page, anchor)) => targets.entry(page).or_default().extend(anchor),
            Err(reason) => {
                let help = "write the whole address, such as `https://example.org/page/`";
                reports.push((link, format!("`{}` is not an address ({reason})", link.written), help.to_owned()));
            }
        }
    }
    let mut known = KnownLinks::read(&options.root);
    let faults = match options.offline {
        true => known.unknown_of(&targets),
        false => {
            let missing = known.missing_of(&targets);
            let checker = Checker {
                client: Client::new(&config.fetch.private_hosts),
                limits: config.fetch.limits,
                politeness: Politeness::default(),
                progress: options.link_progress,
            };
            let faults = checker.check(&missing);
            known.add(&missing, &faults);
            known.write(&options.root);
            faults
        }
    };
    let mut unknown = 0;
    for link in &links {
        let Ok((page, anchor)) = target(&link.url, rules) else { continue };
        match fault(faults.get(&page), anchor.as_deref()) {
            None => {}
            Some(Fault::Unknown) => unknown += 1,
            Some(Fault::Page(error)) => reports.push((
                link,
                format!("the link to `{}` is broken: {}", link.written, error.reason),
                format!("{}; or leave it out of checks: {}", error.help, skip("skip_prefixes", page.as_str())),
            )),
            Some(Fault::Anchor) => reports.push((
                link,
                format!("the page `{page}` has no anchor `#{}`", anchor.unwrap_or_default()),
                format!(
                    "link to an id of the page, or to the page as a whole; if scripts make the anchor, {}",
                    skip("skip_anchor_prefixes", page.as_str())
                ),
            )),
        }
    }
    let severity = options.external_level.unwrap_or(rules.external_level);
    report.diagnostics.extend(reports.into_iter().map(|(link, message, help)| Diagnostic {
        severity,
        ..Diagnostic::error(message).at(link.at.clone()).help(help)
    }));
    if unknown > 0 {
        let links = if unknown == 1 { "link to another site is" } else { "links to other sites are" };
        let message = format!("{unknown} {links} not checked, because `--offline` sends no requests");
        report.diagnostics.push(Diagnostic::warning(message).help("run once without `--offline`"));
    }
    report.external_links = Some(links.len());
}

/// The line of the configuration that leaves out an address.
fn skip(key: &str, url: &str) -> String {
    format!("{key} = [{}] in [link_checker]", toml::Value::from(url))
}

/// The page that a URL names, and the anchor that has to be on it. Anchors that are for scripts are none.
fn target(url: &str, rules: &LinkChecker) -> Result<(Url, Option<String>), url::ParseError> {
    let whole = if url.starts_with("//") { format!("https:{url}") } else { url.to_owned() };
    let mut page = Url::parse(&whole)?;
    let anchor = page.fragment().map(str::to_owned);
    page.set_fragment(None);
    let is_for_scripts = |anchor: &str| ["/", "!", ":~:"].iter().any(|start| anchor.starts_with(start));
    let is_skipped = rules.skip_anchor_prefixes.iter().any(|prefix| url.starts_with(prefix.as_str()));
    let anchor = anchor.filter(|anchor| {
        !is_skipped && !anchor.is_empty() && !anchor.eq_ignore_ascii_case("top") && !is_for_scripts(anchor)
    });
    Ok((page, anchor))
}

fn fault(faults: Option<&Faults>, anchor: Option<&str>) -> Option<Fault> {
    match faults? {
        Faults::Page(fault) => Some(fault.clone()),
        Faults::Anchors(missing) => anchor.filter(|anchor| missing.contains(*anchor)).map(|_| Fault::Anchor),
    }
}
