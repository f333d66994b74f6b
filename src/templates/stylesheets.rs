//! Style sheets that are compiled from the site's Sass files, each once for a version of the site.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::dependencies::Dependency;
use super::{Library, Reader};
use crate::diagnostic::Diagnostic;
use crate::sass::{Compilation, compile};
use crate::site::Site;

/// The style sheets of a site by their names.
pub(super) struct Stylesheets(FxHashMap<String, Stylesheet>);

struct Stylesheet {
    source: String,
    compilation: OnceLock<Compilation>,
}

impl Stylesheets {
    pub(super) fn new(site: &Site) -> Self {
        let stylesheet = |source: &String| Stylesheet { source: source.clone(), compilation: OnceLock::new() };
        Self(site.stylesheets.iter().map(|file| (file.name.clone(), stylesheet(&file.source))).collect())
    }
}

impl Library {
    /// What the Sass file of a style sheet becomes; none if the site compiles no style sheet of that name.
    pub(super) fn compilation(&self, name: &str) -> Option<&Compilation> {
        let stylesheet = self.stylesheets.0.get(name)?;
        let is_file = |path: &str| self.file_metadata(path).is_some();
        Some(stylesheet.compilation.get_or_init(|| compile(&*self.world, &is_file, &stylesheet.source)))
    }

    /// What the Sass files warn of that were compiled so far.
    pub fn stylesheet_warnings(&self) -> Vec<Diagnostic> {
        let compiled = self.stylesheets.0.values().filter_map(|stylesheet| stylesheet.compilation.get());
        compiled.flat_map(|compilation| compilation.warnings.iter().cloned()).collect()
    }
}

impl Reader {
    /// A style sheet that the site compiles, for its own output; none if there is none of that name.
    ///
    /// # Errors
    /// A Sass file has an error.
    pub fn stylesheet(&self, name: &str) -> Result<Option<String>, Diagnostic> {
        let Some(compilation) = self.library.compilation(name) else { return Ok(None) };
        compilation.files.iter().for_each(|file| self.record(Dependency::File(file.clone())));
        compilation.css.clone().map(Some)
    }
}
