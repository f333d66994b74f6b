//! What is known of the images of a site, each looked at once.

use std::io::Read;
use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxHashMap;
use tera::{Error, TeraResult};

use super::Library;
use crate::diagnostic::{Diagnostic, Location};
use crate::images::{self, GeneratedImage, HeaderError, ImageHeader, ImageStore, ProcessedImage};
use crate::locks::lock;
use crate::site::Site;
use crate::source::Fingerprint;

/// The images of one version of a site.
#[derive(Default)]
pub struct Images {
    /// The headers that were read, by the paths of the files.
    headers: Mutex<FxHashMap<String, Result<Arc<ImageHeader>, String>>>,
    /// The fingerprints of the files that were read as a whole.
    contents: Mutex<FxHashMap<String, Fingerprint>>,
    /// The files that are published as they are, by the paths of their addresses.
    published: OnceLock<FxHashMap<String, String>>,
    /// The images that renderings have asked for, by the paths of their files.
    requested: Mutex<FxHashMap<String, GeneratedImage>>,
    /// Where images are kept from build to build.
    store: OnceLock<Arc<dyn ImageStore>>,
}

/// The largest file that is decoded, in bytes.
const LARGEST_FILE: u64 = 512 << 20;

impl Library {
    /// What the header of an image says, by the path of its file in the site.
    ///
    /// # Errors
    /// The file is no image, or it is damaged.
    pub(super) fn image_header(&self, path: &str) -> TeraResult<Arc<ImageHeader>> {
        let known = lock(&self.images.headers).get(path).cloned();
        let header = known.unwrap_or_else(|| {
            let file = self.world.open(path).map_err(HeaderError::Unreadable);
            let header = file.and_then(ImageHeader::read).map(Arc::new);
            let header = header.map_err(|error| format!("`{path}` cannot be used as an image: {error}"));
            lock(&self.images.headers).insert(path.to_owned(), header.clone());
            header
        });
        header.map_err(Error::message)
    }

    /// The fingerprint of a file of the site.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn content_fingerprint_of_file(&self, path: &str) -> TeraResult<Fingerprint> {
        if let Some(known) = lock(&self.images.contents).get(path) {
            return Ok(*known);
        }
        let content = self
            .world
            .open(path)
            .and_then(Fingerprint::of_stream)
            .map_err(|error| Error::message(format!("`{path}` cannot be read: {error}")))?;
        lock(&self.images.contents).insert(path.to_owned(), content);
        Ok(content)
    }

    /// The file that is published as it is at a path of the site, such as `posts/tea/cup.jpg`.
    pub(super) fn published_file(&self, path: &str) -> Option<&str> {
        let published = self.images.published.get_or_init(|| published_files(&self.site));
        published.get(path).map(String::as_str)
    }

    /// Remembers that a rendering has asked for an image.
    pub(super) fn expect_image(&self, path: &str, image: &GeneratedImage) {
        lock(&self.images.requested).insert(path.to_owned(), image.clone());
    }

    /// An image that a rendering of this or an earlier version of the site has asked for, by the path of its file. None if its
    /// source has changed since.
    pub fn requested_image(&self, path: &str) -> Option<GeneratedImage> {
        let image = lock(&self.images.requested).get(path).cloned()?;
        let is_current = match &image {
            GeneratedImage::Card(_) => true,
            GeneratedImage::Processed(image) => {
                self.content_fingerprint_of_file(&image.source).is_ok_and(|content| content == image.content)
            }
        };
        is_current.then_some(image)
    }

    /// Supplies the images that renderings of an earlier version of the site have asked for: the outputs that are still up to
    /// date are not rendered again.
    pub fn set_earlier_images(&self, before: &Self) {
        lock(&self.images.requested).clone_from(&lock(&before.images.requested));
    }

    /// Says where images are kept from build to build.
    pub fn keep_images_in(&self, store: Arc<dyn ImageStore>) {
        let _ = self.images.store.set(store);
    }

    /// The bytes of an image that the build makes.
    ///
    /// # Errors
    /// Its source cannot be read or decoded.
    pub fn image_bytes(&self, image: &GeneratedImage) -> Result<Vec<u8>, String> {
        match image {
            GeneratedImage::Processed(image) => self.processed_bytes(image),
            GeneratedImage::Card(card) => card.draw(),
        }
    }

    /// The bytes of a processed image, made now unless they were kept.
    fn processed_bytes(&self, image: &ProcessedImage) -> Result<Vec<u8>, String> {
        let (store, fingerprint) = (self.images.store.get(), image.fingerprint());
        if let Some(bytes) = store.and_then(|store| store.get(fingerprint)) {
            return Ok(bytes);
        }
        let source = self.image_source(image)?;
        let bytes = images::process(&source, image).map_err(|problem| damaged(image, &problem))?;
        if let Some(store) = store {
            store.put(fingerprint, &bytes);
        }
        Ok(bytes)
    }

    /// What is wrong with an image, found without making it.
    pub fn check_image(&self, image: &GeneratedImage) -> Option<Diagnostic> {
        let GeneratedImage::Processed(image) = image else { return None };
        let is_kept = self.images.store.get().is_some_and(|store| store.get(image.fingerprint()).is_some());
        if is_kept {
            return None;
        }
        let source = self.image_source(image);
        let checked = source.and_then(|source| images::check(&source).map_err(|problem| damaged(image, &problem)));
        checked.err().map(|message| image_problem(&image.clone().into(), message))
    }

    /// How many pixels the larger has of an image and its source, as far as that is known.
    pub fn pixels_of(&self, image: &GeneratedImage) -> u64 {
        let GeneratedImage::Processed(image) = image else { return 0 };
        let pixels = |width: u32, height: u32| u64::from(width) * u64::from(height);
        let source = self.image_header(&image.source).map_or(0, |header| pixels(header.width, header.height));
        source.max(pixels(image.width, image.height))
    }

    fn image_source(&self, image: &ProcessedImage) -> Result<Vec<u8>, String> {
        let path = &image.source;
        let unreadable = |error: std::io::Error| format!("`{path}` cannot be read: {error}");
        let mut source = Vec::new();
        let file = self.world.open(path).map_err(unreadable)?;
        file.take(LARGEST_FILE + 1).read_to_end(&mut source).map_err(unreadable)?;
        if source.len() as u64 > LARGEST_FILE {
            return Err(format!(
                "`{path}` is larger than {} MiB, which is too large to be resized",
                LARGEST_FILE >> 20
            ));
        }
        if Fingerprint::of(&source) != image.content {
            return Err(format!("`{path}` changed while the site was built; build it again"));
        }
        Ok(source)
    }
}

fn damaged(image: &ProcessedImage, problem: &str) -> String {
    format!("`{}` cannot be resized: {problem}", image.source)
}

/// The error for an image that cannot be made.
pub fn image_problem(image: &GeneratedImage, message: String) -> Diagnostic {
    let Some(source) = image.source() else { return Diagnostic::error(message) };
    Diagnostic::error(message)
        .at(Location::file(source))
        .help("see whether an image viewer shows it whole; if it does not, put a whole copy in its place")
}

fn published_files(site: &Site) -> FxHashMap<String, String> {
    // As they are planned: a page or section without an output of its own has no files either.
    let pages = site.pages.iter().filter(|page| page.is_rendered).map(|page| &page.content);
    let sections = site.sections.iter().filter(|section| section.meta.render && section.meta.redirect_to.is_none());
    let of_contents = pages.chain(sections.map(|section| &section.content)).flat_map(|content| {
        let folder = content.folder.trim_start_matches('/');
        content.assets.iter().map(move |asset| (format!("{folder}{}", asset.name), asset.source.clone()))
    });
    let of_site = site.static_files.iter().map(|file| (file.name.clone(), file.source.clone()));
    of_contents.chain(of_site).collect()
}
