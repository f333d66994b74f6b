//! Checking a site: everything that a build would report, without an output folder.

use rayon::prelude::*;

use super::configured_site::{ConfiguredSite, LoadedSite};
use super::dedup::dedup;
use super::external_links;
use super::images::{self, ProcessedImages};
use super::menu;
use super::render::render;
use super::{Options, Report};
use crate::config::{Mode, picture_paths};
use crate::diagnostic::Diagnostic;
use crate::images::GeneratedImage;
use crate::load::ParseCache;
use crate::parallel::AT_ONCE;
use crate::site::plan::{Output, Recipe};
use crate::templates::dependencies::Dependency;
use crate::templates::link_check::LinkCheck;

/// Reports everything that a build would, and writes nothing.
pub fn check(options: &Options) -> Report {
    let mut report = Report::default();
    let Some(mut site) = ConfiguredSite::new(options, Mode::Check, None, &mut report) else { return report };
    let Some(loaded) = site.load(options, &mut ParseCache::default(), &mut report) else { return report };
    let render = |output: &&Output| -> Result<Vec<GeneratedImage>, Diagnostic> {
        let rendered = render(&loaded.library, &output.recipe)?;
        Ok(rendered.dependencies.iter().filter_map(Dependency::image).cloned().collect())
    };
    // Nothing can be wrong with an index, but it takes long.
    let outputs = loaded.outputs.iter().filter(|output| !matches!(output.recipe, Recipe::WholeIndex(_)));
    let rendered: Vec<_> = pages_first(outputs).par_iter().with_max_len(AT_ONCE).map(render).collect();
    let (shown, problems) = split_results(rendered);
    report.diagnostics.extend(dedup(problems));
    report.diagnostics.extend(check_bodies(&loaded));
    let mut images: ProcessedImages = shown.into_iter().flatten().map(|image| (image.path(), image)).collect();
    images.extend(images::in_bodies(&loaded.library));
    let problems = images.par_iter().filter_map(|(_, image)| loaded.library.check_image(image)).collect();
    report.diagnostics.extend(dedup(problems));
    let image_paths: Vec<&str> = images.keys().map(String::as_str).collect();
    report.diagnostics.extend(check_links(&loaded, &image_paths));
    if options.external_links {
        external_links::check(&loaded, options, &mut report);
    }
    report
}

/// Finds what is wrong with style sheets and bodies, once the outputs are rendered.
pub fn check_bodies(LoadedSite { library, .. }: &LoadedSite) -> Vec<Diagnostic> {
    let mut problems = library.stylesheet_warnings();
    problems.extend(library.check_bodies());
    problems
}

/// Finds links that lead nowhere, once the bodies are checked. `images` are the paths of the processed images.
pub fn check_links(LoadedSite { library, outputs }: &LoadedSite, images: &[&str]) -> Vec<Diagnostic> {
    let paths: Vec<&str> = outputs.iter().map(|output| output.path.as_str()).chain(images.iter().copied()).collect();
    let links = LinkCheck::new(library, &paths);
    let mut problems = links.check_bodies();
    let (config, world) = (&library.site.config, &*library.world);
    let help = "write the path of a page, or the whole address of another site";
    problems.extend(links.check_paths(menu::paths(&library.site, world), help));
    let help = "put the picture into `static`, or leave the line out";
    problems.extend(links.check_paths(picture_paths(config, world), help));
    problems
}

/// The values and the problems of some results.
pub fn split_results<T>(results: Vec<Result<T, Diagnostic>>) -> (Vec<T>, Vec<Diagnostic>) {
    let (mut values, mut problems) = (Vec::with_capacity(results.len()), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(problem) => problems.push(problem),
        }
    }
    (values, problems)
}

/// The outputs with those of one page before lists: what lists show of a page is at hand when its body was rendered. The feed
/// of a page's comments stays beside the page, as both show the same.
pub fn pages_first<'a>(outputs: impl Iterator<Item = &'a Output>) -> Vec<&'a Output> {
    let is_of_one_page = |output: &&Output| matches!(output.recipe, Recipe::Page(_) | Recipe::CommentFeed(_));
    let (mut ordered, lists): (Vec<_>, Vec<_>) = outputs.partition(is_of_one_page);
    ordered.extend(lists);
    ordered
}
