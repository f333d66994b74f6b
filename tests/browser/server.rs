//! A static file server on the loopback, which remembers every form that was posted to it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The file in a served folder with the content security policy of its pages.
pub const POLICY: &str = ".policy";

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: String,
    /// The path with its query.
    pub target: String,
    /// The body: empty but for a posted form.
    pub body: String,
}

/// Where the server listens, before there is a folder to serve: a site must know its address while it is built.
pub struct Address(TcpListener);

impl Address {
    /// Takes a free port of the loopback.
    pub fn take() -> Self {
        Self(TcpListener::bind(("127.0.0.1", 0)).expect("a free port"))
    }

    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("a bound socket has an address"))
    }

    /// Serves `folder` from now on.
    pub fn serve(self, folder: PathBuf) -> Server {
        let url = self.url();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (seen, stopped) = (Arc::clone(&requests), Arc::clone(&stop));
        let accept = thread::spawn(move || {
            for stream in self.0.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (folder, seen) = (folder.clone(), Arc::clone(&seen));
                // A browser that goes away in the middle of an answer is no fault of the site.
                thread::spawn(move || stream.and_then(|stream| answer(&stream, &folder, &seen)));
            }
        });
        Server { url, requests, stop, accept: Some(accept) }
    }
}

/// A running server; it ends when dropped.
pub struct Server {
    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    accept: Option<JoinHandle<()>>,
}

impl Server {
    /// Every request so far, in the order of their arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
        if let Some(accept) = self.accept.take() {
            let _ = accept.join();
        }
    }
}

fn answer(stream: &TcpStream, folder: &Path, seen: &Mutex<Vec<Request>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(()) };
    let (mut length, mut takes_gzip) = (0, false);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or(0);
            }
            Some((name, value)) if name.eq_ignore_ascii_case("accept-encoding") => takes_gzip = value.contains("gzip"),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(Request {
        method: method.clone(),
        target: target.clone(),
        body,
    });

    let (status, mime, bytes) = if method == "POST" {
        ("200 OK", "text/html; charset=utf-8", b"<!doctype html><title>Received</title><p>Received".to_vec())
    } else {
        find(folder, &target)
    };
    // What is named by its content may be kept, as any host would tell browsers; the root of an index must be asked for.
    let keep = match target.split_once("/search-index/") {
        Some((_, name)) if name.contains('/') || name.ends_with(".js") => "max-age=31536000, immutable",
        Some(_) => "no-cache",
        None => "no-store",
    };
    let tag = bytes.iter().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    // A site can have a policy, which tests write into its folder.
    let policy = fs::read_to_string(folder.join(POLICY))
        .map_or_else(|_| String::new(), |policy| format!("Content-Security-Policy: {policy}\r\n"));
    // Texts are compressed, as by any host.
    let (bytes, encoding) = match mime.split(';').next() {
        Some("text/html" | "text/css" | "text/javascript") if takes_gzip => {
            (gzip(&bytes)?, "Content-Encoding: gzip\r\n")
        }
        _ => (bytes, ""),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\n{policy}{encoding}Content-Type: {mime}\r\nContent-Length: {}\r\nCache-Control: {keep}\r\nETag: \"{tag:x}\"\r\nConnection: close\r\n\r\n",
        bytes.len()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes())?;
    if method != "HEAD" {
        stream.write_all(&bytes)?;
    }
    stream.flush()
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The status, the type and the bytes of what lies at a target, as any static host would answer.
fn find(folder: &Path, target: &str) -> (&'static str, &'static str, Vec<u8>) {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let mut place = folder.to_owned();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != "." && *part != "..") {
        place.push(part);
    }
    if path.ends_with('/') {
        place.push("index.html");
    }
    match fs::read(&place) {
        Ok(bytes) => ("200 OK", mime(&place), bytes),
        Err(_) => {
            let bytes = fs::read(folder.join("404.html")).unwrap_or_default();
            ("404 Not Found", "text/html; charset=utf-8", bytes)
        }
    }
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
