//! Responses with an output of the site.

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

/// The size of the chunks in which a file is read, in bytes.
const CHUNK: u64 = 1 << 18;

/// The header in which scripts of pages can read the version of a file.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The method and headers of a request, on which its response depends.
pub struct RequestConditions<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
}

/// Returns the media type of a file, from its name.
pub fn mime(path: &str) -> String {
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    match mime.essence_str() {
        // The old name of the type (RFC 9239).
        "application/javascript" => "text/javascript; charset=utf-8".to_owned(),
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    }
}

/// Makes a response with an output: the whole, the requested part, or the statement that the browser has it already.
pub fn output(request: &RequestConditions, path: &str, output: ServedOutput) -> Response {
    let tag = tag(output.fingerprint);
    let etag = format!("\"{tag}\"");
    let mime = mime(path);
    let contents = match output.contents {
        Contents::Bytes(bytes) if is_html(&mime) => live_script::insert(&bytes, &tag).into(),
        // A large file is served unchanged.
        contents => contents,
    };
    let size = contents.size();
    let header = |name| request.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());

    let mut response = if header(IF_NONE_MATCH).is_some_and(|known| is_among(&etag, known)) {
        with_status(StatusCode::NOT_MODIFIED, Body::empty())
    } else {
        let is_current = header(IF_RANGE).is_none_or(|known| known.trim() == etag);
        let range = header(RANGE).filter(|_| is_current && request.method == Method::GET);
        match range.map_or(RequestedRange::Whole, |range| range::parse(range, size)) {
            RequestedRange::Whole => bytes_response(StatusCode::OK, &mime, contents, 0..size),
            RequestedRange::Part(part) => {
                let content_range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                let mut response = bytes_response(StatusCode::PARTIAL_CONTENT, &mime, contents, part);
                set(&mut response, CONTENT_RANGE, &content_range);
                response
            }
            RequestedRange::Unsatisfiable => {
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

/// Makes a response with some bytes of a file.
fn bytes_response(status: StatusCode, mime: &str, contents: Contents, part: Range<u64>) -> Response {
    let length = part.end - part.start;
    let body = match contents {
        Contents::Bytes(bytes) => {
            let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
            Body::from(bytes.slice(index(part.start)..index(part.end)))
        }
        Contents::File { file, .. } => Body::from_stream(stream::unfold(part, move |rest| read(file.clone(), rest))),
    };
    let mut response = with_status(status, body);
    set(&mut response, CONTENT_TYPE, mime);
    set(&mut response, CONTENT_LENGTH, &length.to_string());
    response
}

/// Reads the next chunk of a part of a file. Returns the chunk and the rest of the part.
async fn read(file: Arc<File>, rest: Range<u64>) -> Option<(io::Result<Bytes>, Range<u64>)> {
    if rest.is_empty() {
        return None;
    }
    let read = move || {
        let mut file = &*file;
        file.seek(SeekFrom::Start(rest.start))?;
        let mut chunk = Vec::new();
        file.take(CHUNK.min(rest.end - rest.start)).read_to_end(&mut chunk)?;
        match chunk.len() as u64 {
            // The file has become shorter.
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok((Bytes::from(chunk), rest.start + count..rest.end)),
        }
    };
    let result: io::Result<_> = spawn_blocking(read).await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
    Some(match result {
        Ok((chunk, rest)) => (Ok(chunk), rest),
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
