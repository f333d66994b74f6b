//! The kinds of files, and what of a file is compared.

use std::borrow::Cow;

use crate::{json, page, xml};

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Html,
    Xml,
    Json,
    Style,
    Image,
    Other,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Html, Self::Xml, Self::Json, Self::Style, Self::Image, Self::Other];

    /// The kind of the file at a path.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        match extension.as_str() {
            "html" | "htm" => Self::Html,
            "xml" | "rss" | "atom" => Self::Xml,
            "json" | "webmanifest" => Self::Json,
            "js" if name.starts_with("search_index.") => Self::Json,
            "css" => Self::Style,
            _ if path.starts_with("processed_images/") => Self::Image,
            _ => Self::Other,
        }
    }

    /// The name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "HTML",
            Self::Xml => "XML, feeds",
            Self::Json => "JSON, search",
            Self::Style => "styles",
            Self::Image => "images",
            Self::Other => "other",
        }
    }

    /// What of a file is compared, as lines. None where its bytes are.
    pub fn lines(self, bytes: &[u8]) -> Option<Vec<String>> {
        let text = std::str::from_utf8(bytes).ok()?;
        match self {
            Self::Html => page::lines(text),
            Self::Xml => xml::lines(text),
            Self::Json => json::lines(text),
            Self::Style => Some(text.split_whitespace().map(without_image_hash).map(Cow::into_owned).collect()),
            Self::Image | Self::Other => None,
        }
    }

    /// Whether two files of this kind with different bytes say the same.
    pub fn is_equal(self, first: &[u8], second: &[u8]) -> bool {
        if self == Self::Image {
            // Encoders differ: the format and the size count.
            let size = |bytes| {
                let size = imagesize::blob_size(bytes).ok()?;
                Some((imagesize::image_type(bytes).ok()?, size.width, size.height))
            };
            return size(first).is_some_and(|of_first| Some(of_first) == size(second));
        }
        self.lines(first).is_some_and(|lines| Some(lines) == self.lines(second))
    }
}

/// A text in which the names of processed images have no hash: each program computes another.
pub fn without_image_hash(text: &str) -> Cow<'_, str> {
    const START: &str = "processed_images/";
    if !text.contains(START) {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split(START);
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        result.push_str(START);
        let end = part.find(|c: char| c.is_whitespace() || "\"'()<>,?".contains(c)).unwrap_or(part.len());
        let name = &part[..end];
        let pieces: Vec<&str> = name.split('.').collect();
        match pieces.as_slice() {
            [stem @ .., hash, extension] if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
                result.push_str(&stem.join("."));
                result.push_str(".#.");
                result.push_str(extension);
            }
            _ => result.push_str(name),
        }
        result.push_str(&part[end..]);
    }
    Cow::Owned(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_images_are_left_out_of_names() {
        let text = "a processed_images/le.af.0123456789abcdef.jpg?h=1 b processed_images/x.png";
        assert_eq!(without_image_hash(text), "a processed_images/le.af.#.jpg?h=1 b processed_images/x.png");
        assert_eq!(without_image_hash("processed_images/"), "processed_images/");
    }

    #[test]
    fn kinds_follow_from_paths() {
        assert_eq!(Kind::of("a.b/index.html"), Kind::Html);
        assert_eq!(Kind::of("search_index.en.js"), Kind::Json);
        assert_eq!(Kind::of("script.js"), Kind::Other);
        assert_eq!(Kind::of("processed_images/a.jpg"), Kind::Image);
        assert_eq!(Kind::of("CNAME"), Kind::Other);
    }
}
