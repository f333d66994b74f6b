//! Where source bytes come from: the [`World`], walking it, and decoding text.

pub mod git;
mod leftover;
mod metadata;
mod survey;
mod syntax;
mod table;
mod value;
mod world;
mod yaml;

use std::fmt;
use std::io::{self, Read};
use std::string::FromUtf8Error;
use std::sync::Arc;

use memchr::memmem;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::diagnostic::{Diagnostic, Location, SourceText};

pub use leftover::is_left_by_editor;
pub use metadata::FileMetadata;
pub use survey::Survey;
pub use syntax::parse_toml;
pub use table::{FromValue, Infinity, KeyContext, Table, TableReader, TableRules};
pub use value::{Node, Notation, ParsedTable, TableEntry, Value, parse_table, places};
pub use world::{DiskWorld, LARGEST_TEXT, MemoryWorld, Stream, WalkEntry, WalkResult, World, open_own};
pub use yaml::{ScalarValue, YamlKey, YamlNode, YamlScalar, YamlValue, parse_yaml};

/// A path without `.`, `..` and needless slashes; none if it leads out of the folder that it is seen from.
pub fn plain_path(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A 128-bit hash of content, for "is it the same as before". Not for security.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint(pub u128);

impl Fingerprint {
    /// The fingerprint of some bytes (XXH3, 128 bits).
    pub fn of(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes))
    }

    /// The fingerprint of all bytes of a stream.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn of_stream(mut stream: impl Read) -> io::Result<Self> {
        let (mut sum, mut buffer) = (Xxh3::new(), vec![0; 1 << 16]);
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => return Ok(Self(sum.digest128())),
                Ok(count) => sum.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Thirty-two hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Decodes a source file: UTF-8, a byte order mark dropped, line ends made `\n`.
pub fn decode(path: &str, bytes: Vec<u8>) -> Result<SourceText, Diagnostic> {
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text: Arc<str> =
        if memmem::find(text.as_bytes(), b"\r\n").is_some() { text.replace("\r\n", "\n").into() } else { text.into() };
    Ok(SourceText { path: path.into(), text })
}

/// Shows the place where a file stops being UTF-8, as well as its bytes can be shown.
fn not_utf8(path: &str, error: &FromUtf8Error) -> Diagnostic {
    let valid = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(error.as_bytes());
    let source = SourceText { path: path.into(), text: text.into() };
    Diagnostic::error("this file is not UTF-8: here is a byte that no character starts with")
        .at(Location::span(&source, valid..valid + char::REPLACEMENT_CHARACTER.len_utf8()))
        .help("save it as UTF-8 (in most editors: “Save with encoding”)")
}

/// Reads and decodes one source file.
pub fn read_text(world: &dyn World, path: &str) -> Result<SourceText, Diagnostic> {
    let bytes = world.read(path).map_err(|error| unreadable(path, &error))?;
    decode(path, bytes)
}

/// The diagnostic for a file that cannot be read.
pub fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    let problem = Diagnostic::error(format!("this file cannot be read: {error}")).at(Location::file(path));
    match error.kind() {
        std::io::ErrorKind::FileTooLarge => {
            problem.help("part it, or put it into `static/` if it is to be published as it is")
        }
        _ => problem,
    }
}
