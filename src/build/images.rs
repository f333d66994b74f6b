//! The processed images of a site: which have to be there, and their files.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::output_folder::OutputFolder;
use super::state::{BuiltOutput, DependencyTable, OutputFile, PreviousBuild};
use crate::diagnostic::Diagnostic;
use crate::images::GeneratedImage;
use crate::site::plan::Output;
use crate::source::Fingerprint;
use crate::templates::Library;
use crate::templates::dependencies::Dependency;
use crate::templates::images::image_problem;

/// Images of more pixels than this, or made of them, are made one after the other: each takes hundreds of megabytes.
const LARGE: u64 = 24_000_000;

/// The images of a site by the paths of their files.
pub type ProcessedImages = BTreeMap<String, GeneratedImage>;

/// The images that the outputs ask for: those that were rendered, those that stay as they were, and the bodies.
pub fn requested(
    library: &Arc<Library>,
    outputs: &[Output],
    table: &DependencyTable,
    (before, is_rendered): (Option<&PreviousBuild>, impl Fn(&str) -> bool),
) -> ProcessedImages {
    let mut images = in_bodies(library);
    let mut add = |image: GeneratedImage| _ = images.insert(image.path(), image);
    table.images().into_iter().for_each(&mut add);
    if let Some(before) = before {
        let kept = outputs.iter().filter(|output| !is_rendered(&output.path));
        let dependencies = kept.flat_map(|output| before.dependencies_of(&output.path));
        dependencies.filter_map(Dependency::image).cloned().for_each(&mut add);
    }
    // A file that the site brings along stays what it is.
    outputs.iter().for_each(|output| _ = images.remove(&output.path));
    images
}

/// The images that bodies ask for.
pub fn in_bodies(library: &Arc<Library>) -> ProcessedImages {
    let outlines = library.site.contents().filter_map(|id| library.known_outline(id));
    let dependencies = outlines.flat_map(|outline| outline.dependencies.iter());
    let images = dependencies.filter_map(|(dependency, _)| dependency.image());
    images.map(|image| (image.path(), image.clone())).collect()
}

/// How far the images are: how many are made, and how many there are to make.
pub type Progress = fn(usize, usize);

/// Puts the images into the output folder. Those that are there stay; the others are made on all cores.
pub fn put(
    library: &Library,
    images: &ProcessedImages,
    (folder, before): (&OutputFolder, Option<&PreviousBuild>),
    progress: Option<Progress>,
) -> Vec<Result<BuiltOutput<'static>, Diagnostic>> {
    let kept = |path: &str| -> Option<OutputFile> {
        let written = before?.written(path)?;
        // The name is that of the content.
        written.is_in(folder, path).then_some(written)
    };
    let built = |path: &str, written| BuiltOutput {
        recipe: Fingerprint::of(path.as_bytes()),
        path: path.to_owned().into(),
        dependencies: Some(Vec::new()),
        written: Some(written),
    };
    let (mut results, mut missing) = (Vec::with_capacity(images.len()), Vec::new());
    for (path, image) in images {
        match kept(path) {
            Some(written) => results.push(Ok(built(path, written))),
            None => missing.push((path, image)),
        }
    }
    let (done, count) = (AtomicUsize::new(0), missing.len());
    let make = |&(path, image): &(&String, &GeneratedImage)| {
        let bytes = library.image_bytes(image).map_err(|message| image_problem(image, message));
        let written = bytes.and_then(|bytes| folder.put(path, &bytes));
        if let Some(progress) = progress {
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, count);
        }
        written.map(|written| built(path, written))
    };
    let is_large = |(_, image): &(&String, &GeneratedImage)| library.pixels_of(image) > LARGE;
    let (large, small): (Vec<_>, Vec<_>) = missing.into_iter().partition(is_large);
    results.par_extend(small.par_iter().with_max_len(1).map(make));
    results.extend(large.iter().map(make));
    results
}
