//! A folder as a source: the files of a site of Jekyll or Hugo.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::records::decode;

/// A longer file is no text that somebody wrote.
const MAX_TEXT: u64 = 16 << 20;

/// Folders that hold no sources, wherever they lie.
const SKIPPED: [&str; 10] = [
    "node_modules",
    "bower_components",
    "vendor",
    "_site",
    "_cache",
    "__pycache__",
    "resources",
    "__MACOSX",
    "archetypes",
    "i18n",
];

/// A folder and the files in it.
pub struct Folder {
    root: PathBuf,
    files: Vec<String>,
}

impl Folder {
    /// Lists the files of a folder. Links are not followed, so that nothing outside of it is read.
    pub fn open(root: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        let walk = WalkDir::new(root).follow_links(false).max_depth(32).into_iter().filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let is_skipped = name.starts_with('.') || entry.file_type().is_dir() && SKIPPED.contains(&&*name);
            entry.depth() == 0 || !is_skipped
        });
        for entry in walk {
            let entry = entry.map_err(io::Error::other)?;
            let relative = entry.path().strip_prefix(root).ok().and_then(Path::to_str);
            if let Some(relative) = relative.filter(|_| entry.file_type().is_file()) {
                files.push(relative.replace('\\', "/"));
            }
        }
        files.sort();
        Ok(Self { root: root.to_owned(), files })
    }

    /// The name of the folder.
    pub fn name(&self) -> String {
        let root = self.root.canonicalize().unwrap_or_else(|_| self.root.clone());
        root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// All files, sorted, as paths from the folder.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// The files below a folder, as paths from that folder.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        self.files.iter().filter_map(move |file| {
            let rest = file.strip_prefix(folder)?;
            if folder.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
        })
    }

    /// Whether there is a file.
    pub fn has(&self, path: &str) -> bool {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).is_ok()
    }

    /// Whether there is a folder with files.
    pub fn has_folder(&self, path: &str) -> bool {
        self.below(path).next().is_some()
    }

    /// The place of a file.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The beginning of a file.
    pub fn starts_with(&self, path: &str, start: &[u8]) -> bool {
        let mut bytes = vec![0; start.len()];
        File::open(self.path(path)).and_then(|mut file| file.read_exact(&mut bytes)).is_ok() && bytes == start
    }

    /// The text of a file, with `\n` as line ends and without a byte order mark.
    pub fn text(&self, path: &str, repairs: &mut Vec<(&'static str, u64)>) -> io::Result<String> {
        let mut bytes = Vec::new();
        File::open(self.path(path))?.take(MAX_TEXT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_TEXT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let text = decode(bytes, None, repairs);
        Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n"))
    }
}

/// Whether a file is a picture, a sound, a film or a document that readers download.
pub fn is_media(path: &str) -> bool {
    let end = path.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    mime_guess::from_ext(&end).first().is_some_and(|kind| {
        matches!(kind.type_().as_str(), "image" | "audio" | "video")
            || kind.type_() == "application"
                && !matches!(
                    end.as_str(),
                    "js" | "mjs"
                        | "json"
                        | "xml"
                        | "toml"
                        | "yml"
                        | "yaml"
                        | "rb"
                        | "py"
                        | "sh"
                        | "xsl"
                        | "wasm"
                        | "webmanifest"
                        | "map"
                        | "atom"
                        | "rss"
                        | "woff"
                        | "woff2"
                        | "ttf"
                        | "otf"
                        | "eot"
                        | "exe"
                        | "sql"
                )
    })
}

/// A path without its ending, and the ending in small letters.
pub fn stem_and_end(path: &str) -> (&str, String) {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    match path[name..].rfind('.') {
        Some(at) if at > 0 => (&path[..name + at], path[name + at + 1..].to_ascii_lowercase()),
        _ => (path, String::new()),
    }
}
