//! Answers that show an output.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use tokio::task::spawn_blocking;

use super::live_script::{self, tag};
use super::range::{self, RequestedRange};
use super::site_view::{Contents, ServedOutput};
use crate::http::response::{set, with_status};

/// A file is read in pieces of so many bytes.
const PIECE: u64 = 1 << 18;

/// Where pages can read which version of a file they got.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The part of a request that its answer depends on.
pub struct RequestConditions<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
}

/// The type of a file, by its name.
pub fn mime(path: &str) -> String {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    match mime.essence_str() {
        // Its name until RFC 9239.
        "application/javascript" => "text/javascript; charset=utf-8".to_owned(),
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    }
}

/// Shows an output: all of it, the part that is asked for, or that it is still what the browser has.
pub fn output(asked: &RequestConditions, path: &str, shown: ServedOutput) -> Response {
    let tag = tag(shown.fingerprint);
    let etag = format!("\"{tag}\"");
    let mime = mime(path);
    let contents = match shown.contents {
        Contents::Bytes(bytes) if is_html(&mime) => live_script::insert(&bytes, &tag).into(),
        // A large file is shown as it is.
        contents => contents,
    };
    let size = contents.size();
    let header = |name| asked.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());

    let mut response = if header(IF_NONE_MATCH).is_some_and(|known| is_among(&etag, known)) {
        with_status(StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        let is_current = header(IF_RANGE).is_none_or(|known| known.trim() == etag);
        let range = header(RANGE).filter(|_| is_current && asked.method == Method::GET);
        match range.map_or(RequestedRange::Whole, |range| range::wanted(range, size)) {
            RequestedRange::Whole => part(StatusCode::OK, &mime, contents, 0..size),
            RequestedRange::Part(wanted) => {
                let place = format!("bytes {}-{}/{size}", wanted.start, wanted.end - 1);
                let mut response = part(StatusCode::PARTIAL_CONTENT, &mime, contents, wanted);
                set(&mut response, CONTENT_RANGE, &place);
                response
            }
            RequestedRange::Beyond => {
                let mut response = with_status(StatusCode::RANGE_NOT_SATISFIABLE, Body::empty());
                set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
                response
            }
        }
    };
    set(&mut response, ETAG, &etag);
    set(&mut response, ACCEPT_RANGES, "bytes");
    set(&mut response, SERVER_TIMING, &format!("live;desc=\"{tag}\""));
    response
}

/// Answers with some bytes of a file.
fn part(status: StatusCode, mime: &str, contents: Contents, part: Range<u64>) -> Response {
    let length = part.end - part.start;
    let body = match contents {
        Contents::Bytes(bytes) => {
            let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
            Body::from(bytes.slice(place(part.start)..place(part.end)))
        }
        Contents::File { file, .. } => Body::from_stream(stream::unfold(part, move |left| read(file.clone(), left))),
    };
    let mut response = with_status(status, body);
    set(&mut response, CONTENT_TYPE, mime);
    set(&mut response, CONTENT_LENGTH, &length.to_string());
    response
}

/// Reads the next piece of a part of a file. Gives it with what is left of the part.
async fn read(file: Arc<File>, left: Range<u64>) -> Option<(io::Result<Bytes>, Range<u64>)> {
    if left.is_empty() {
        return None;
    }
    let read = move || {
        let mut file = &*file;
        file.seek(SeekFrom::Start(left.start))?;
        let mut piece = Vec::new();
        file.take(PIECE.min(left.end - left.start)).read_to_end(&mut piece)?;
        match piece.len() as u64 {
            // It has become shorter than it was said to be.
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok((Bytes::from(piece), left.start + count..left.end)),
        }
    };
    let result: io::Result<_> = spawn_blocking(read).await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
    Some(match result {
        Ok((piece, left)) => (Ok(piece), left),
        Err(error) => (Err(error), 0..0),
    })
}

fn is_html(mime: &str) -> bool {
    mime.starts_with("text/html")
}

/// Whether an `If-None-Match` header names an entity tag (RFC 9110, section 13.1.2).
fn is_among(etag: &str, known: &str) -> bool {
    let mut known = known.split(',').map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_come_from_names() {
        for (path, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("a/INDEX.HTML", "text/html; charset=utf-8"),
            ("salon.css", "text/css; charset=utf-8"),
            ("salon.js", "text/javascript; charset=utf-8"),
            ("module.mjs", "text/javascript; charset=utf-8"),
            ("robots.txt", "text/plain; charset=utf-8"),
            ("atom.xml", "text/xml; charset=utf-8"),
            ("search.json", "application/json"),
            ("site.webmanifest", "application/manifest+json"),
            ("favicon.svg", "image/svg+xml"),
            ("favicon.ico", "image/x-icon"),
            ("tea.jpeg", "image/jpeg"),
            ("tea.png", "image/png"),
            ("tea.webp", "image/webp"),
            ("tea.avif", "image/avif"),
            ("tea.mp4", "video/mp4"),
            ("tea.webm", "video/webm"),
            ("tea.mp3", "audio/mpeg"),
            ("tea.ogg", "audio/ogg"),
            ("tea.opus", "audio/ogg"),
            ("tea.vtt", "text/vtt; charset=utf-8"),
            ("tea.woff2", "font/woff2"),
            ("tea.wasm", "application/wasm"),
            ("tea.pdf", "application/pdf"),
            ("CNAME", "application/octet-stream"),
            ("tea.unheard", "application/octet-stream"),
        ] {
            assert_eq!(mime(path), expected, "{path}");
        }
    }

    #[test]
    fn entity_tags_are_compared_weakly() {
        assert!(is_among("\"a\"", "\"a\""));
        assert!(is_among("\"a\"", "W/\"a\""));
        assert!(is_among("\"a\"", "\"b\", W/\"a\""));
        assert!(is_among("\"a\"", "*"));
        assert!(!is_among("\"a\"", "\"b\""));
        assert!(!is_among("\"a\"", "a"));
        assert!(!is_among("\"a\"", ""));
    }
}
