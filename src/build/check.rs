//! Checking a site: everything that a build would report, without an output folder.

use rayon::prelude::*;

use super::configured_site::{ConfiguredSite, LoadedSite};
use super::dedup::dedup;
use super::menu;
use super::render::render;
use super::{Options, Report};
use crate::config::Mode;
use crate::diagnostic::Diagnostic;
use crate::load::ParseCache;
use crate::parallel::AT_ONCE;
use crate::site::plan::{Output, Recipe};
use crate::templates::link_check::LinkCheck;

/// Reports everything that a build would, and writes nothing.
pub fn check(options: &Options) -> Report {
    let mut report = Report::default();
    let Some(mut site) = ConfiguredSite::new(options, Mode::Check, None, &mut report) else { return report };
    let Some(loaded) = site.load(options, &mut ParseCache::default(), &mut report) else { return report };
    let render = |output: &&Output| render(&loaded.library, &output.recipe).err();
    // Nothing can be wrong with an index, but it takes long.
    let outputs = loaded.outputs.iter().filter(|output| !matches!(output.recipe, Recipe::WholeIndex(_)));
    let problems: Vec<Diagnostic> = pages_first(outputs).par_iter().with_max_len(AT_ONCE).filter_map(render).collect();
    report.diagnostics.extend(dedup(problems));
    report.diagnostics.extend(check_texts(&loaded));
    report
}

/// Finds what is wrong with bodies, and links that lead nowhere, once the outputs are rendered.
pub fn check_texts(LoadedSite { library, outputs }: &LoadedSite) -> Vec<Diagnostic> {
    let paths: Vec<&str> = outputs.iter().map(|output| output.path.as_str()).collect();
    let mut problems = library.stylesheet_warnings();
    problems.extend(library.check_bodies());
    let links = LinkCheck::new(library, &paths);
    problems.extend(links.check_bodies());
    problems.extend(links.check_paths(menu::paths(&library.site, &*library.world)));
    problems
}

/// The outputs with those of one page before lists: what lists show of a page is at hand when its body was rendered. The feed
/// of a page's comments stays beside the page, as both show the same.
pub fn pages_first<'a>(outputs: impl Iterator<Item = &'a Output>) -> Vec<&'a Output> {
    let is_of_one_page = |output: &&Output| matches!(output.recipe, Recipe::Page(_) | Recipe::CommentFeed(_));
    let (mut ordered, lists): (Vec<_>, Vec<_>) = outputs.partition(is_of_one_page);
    ordered.extend(lists);
    ordered
}
