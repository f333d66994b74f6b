//! Sass: from the files in `sass/` to style sheets.
//!
//! The compiler is the crate `grass`. It sees the site through a [`World`], so that an import cannot leave the site and no path
//! of the machine can reach a style sheet or a message.

#[cfg(feature = "sass")]
mod compiler;
#[cfg(feature = "sass")]
mod site_files;

use std::collections::BTreeSet;
use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::source::World;

/// What became of one Sass file.
#[derive(Debug)]
pub struct Compilation {
    /// The style sheet, or the first error.
    pub css: Result<String, Diagnostic>,
    /// What the files warn of, with `@warn`, and what they print with `@debug`.
    pub warnings: Vec<Diagnostic>,
    /// Every file that was read or looked for, also those that do not exist.
    pub files: BTreeSet<String>,
}

/// Compiles one file of the site. `is_file` is asked whether a file exists before the file is read.
pub fn compile(world: &dyn World, is_file: &dyn Fn(&str) -> bool, path: &str) -> Compilation {
    #[cfg(feature = "sass")]
    return compiler::compile(world, is_file, path);
    #[cfg(not(feature = "sass"))]
    {
        let _ = (world, is_file);
        Compilation { css: Err(unsupported(path)), warnings: Vec::new(), files: BTreeSet::new() }
    }
}

/// The error for a site that needs a compiler where there is none.
#[cfg(not(feature = "sass"))]
fn unsupported(path: &str) -> Diagnostic {
    Diagnostic::error("this build of Causerie has no Sass compiler")
        .at(crate::diagnostic::Location::file(path))
        .help("install Causerie with its feature `sass`, or put the finished style sheet into `static/`")
}

/// The path of the style sheet that a file becomes, relative to its folder of Sass files. None for a partial, whose name or
/// whose folder's name begins with `_`, and for a file of another kind.
pub fn stylesheet_name(path: &str) -> Option<String> {
    if path.split('/').any(|part| part.starts_with('_')) {
        return None;
    }
    let extension = Path::new(path).extension()?.to_str()?;
    let stem = path.strip_suffix(extension)?;
    matches!(extension, "sass" | "scss").then(|| format!("{stem}css"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_becomes_no_stylesheet() {
        for (path, name) in [
            ("main.scss", Some("main.css")),
            ("a/b.c.sass", Some("a/b.c.css")),
            ("_main.scss", None),
            ("_a/b.scss", None),
            ("a/_b.scss", None),
            ("main.css", None),
            ("scss", None),
            (".scss", None),
            ("read.me", None),
        ] {
            assert_eq!(stylesheet_name(path).as_deref(), name, "{path}");
        }
    }
}
