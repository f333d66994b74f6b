//! Uploaded files from the blog's own server, when the author requests them. They go to where the site has them, so that a run
//! that was interrupted goes on where it was.

use std::collections::BTreeMap;
use std::io;
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use regex::Regex;

use super::Options;
use super::addresses::{host, split};
use super::files::Files;
use super::ledger::Ledger;
use super::media::Media;
use super::model::{ItemKind, Media as UploadedFile};
use super::store::Store;
use crate::fetch::{Client, ErrorKind, FetchError, Limits, Request};

/// A server that sends many files to one reader is a friend: this long it rests between two of them.
const PAUSE: Duration = Duration::from_millis(150);

/// A server that wants a longer pause gets no more requests.
const MAX_PAUSE: Duration = Duration::from_secs(120);

/// So often one file is tried.
const TRIES: u32 = 3;

/// After so many failures one after the other, the server is not there.
const MAX_FAILURES: u32 = 10;

/// No file is larger. It is in memory while it arrives.
const MAX_SIZE: usize = 64 << 20;

/// An address in the text of a post that can be that of an uploaded file.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)https?://[^\s"'<>()\[\]\\]{1,500}?\.(?:avif|gif|jpe?g|jxl|m4a|mov|mp3|mp4|ogg|pdf|png|svg|wav|webm|webp|zip)\b"#)
        .expect("a pattern")
});

/// Fetches the files that the source lists, and those that posts show. Those that came are in the store with their place.
pub fn fetch(
    client: &Client,
    options: &Options,
    site: &str,
    store: &mut Store,
    files: &Files<'_>,
    ledger: &Ledger,
) -> io::Result<()> {
    let local = Media::new(options.media.as_deref(), &store.blog.url, site, &store.media);
    let wanted = wanted(store)?;
    let mut connection = Connection { client, failures: 0, is_first: true };
    let total = wanted.len() as u64;
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for (number, (path, urls)) in (0..).zip(&wanted) {
        let target = format!("static/{}", local.below_site(path));
        let is_deleted = ledger.0.get(&format!("media:{path}")).is_some_and(|entry| !entry.hash.is_empty());
        if local.address(path).is_some() || is_deleted && !files.root.join(&target).exists() {
            continue;
        }
        if !files.root.join(&target).exists() {
            if files.dry_run {
                store.report.plan.push(format!("fetched: {target}"));
            } else {
                match connection.load(urls) {
                    Ok(bytes) => files.put(&target, &bytes)?,
                    Err(why) => {
                        store.failed_media.insert(path.clone(), why);
                        continue;
                    }
                }
            }
        }
        places.insert(path.clone(), target);
        if let Some(progress) = options.progress {
            progress(number + 1, total);
        }
    }
    if let Some(progress) = options.progress.filter(|_| total > 0) {
        progress(total, total);
    }
    let path = |media: &UploadedFile| split(&media.url).map(|address| address.path).unwrap_or_default();
    for media in &mut store.media {
        if let Some(target) = places.remove(&path(media)) {
            media.file = Some(files.root.join(target));
        }
    }
    // What posts show and the source does not list is counted, too.
    let listed: std::collections::BTreeSet<String> = store.media.iter().map(path).collect();
    for (path, urls) in wanted.into_iter().filter(|(path, _)| !listed.contains(path)) {
        let place = places.remove(&path).map(|target| files.root.join(target));
        if place.is_some() || store.failed_media.contains_key(&path) {
            let url = urls.into_iter().next().unwrap_or_default();
            store.report.read(ItemKind::Media);
            store.media.push(UploadedFile { key: url.clone(), url, file: place });
        }
    }
    Ok(())
}

/// The files on the blog's own hosts, each with the addresses at which it can be: that of the original, and then a smaller copy.
fn wanted(store: &mut Store) -> io::Result<BTreeMap<String, Vec<String>>> {
    let own = host(&store.blog.url).unwrap_or_default();
    // WordPress.com has the files of a blog on a host of their own.
    let files = own.strip_suffix(".wordpress.com").map(|name| format!("{name}.files.wordpress.com"));
    let is_own =
        |url: &str| host(url).is_some_and(|host| host == own || Some(&host) == files.as_ref()) && !own.is_empty();
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut add = |url: &str, original: &str| {
        let Some(path) = split(original).map(|address| address.path) else { return };
        if is_own(url) && crate::site::is_plain(&path) && is_file(&path) {
            let urls = wanted.entry(path).or_default();
            for url in [original, url] {
                if !urls.iter().any(|known| known == url) && urls.len() < 4 {
                    urls.push(url.to_owned());
                }
            }
        }
    };
    for media in store.media.iter().filter(|media| media.file.is_none()) {
        add(&media.url, &media.url);
    }
    let mut texts = store.texts()?;
    for entry in &store.posts {
        let post = texts.post(entry)?;
        for url in ADDRESS.find_iter(&post.body.text) {
            add(url.as_str(), &Media::original(url.as_str()));
        }
    }
    Ok(wanted)
}

/// Whether a path is that of a file which a blog serves as it is, not of a page or a program.
fn is_file(path: &str) -> bool {
    let end = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
    end.is_some_and(|end| !matches!(end.as_str(), "asp" | "aspx" | "cgi" | "htm" | "html" | "js" | "php" | "xhtml"))
}

/// Why a file did not come.
struct Failure {
    is_temporary: bool,
    why: String,
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self { is_temporary: error.is_temporary(), why: error.to_string() }
    }
}

/// Requests to one server, one after the other.
struct Connection<'c> {
    client: &'c Client,
    failures: u32,
    is_first: bool,
}

impl Connection<'_> {
    /// Loads a file from the first address that has it.
    fn load(&mut self, urls: &[String]) -> Result<Vec<u8>, String> {
        if self.failures >= MAX_FAILURES {
            return Err("the server did not answer for the files before it".to_owned());
        }
        let mut last = String::new();
        for url in urls {
            match self.load_with_patience(url) {
                Ok(bytes) => {
                    self.failures = 0;
                    return Ok(bytes);
                }
                Err(failure) => {
                    self.failures = if failure.is_temporary { self.failures + 1 } else { 0 };
                    last = failure.why;
                }
            }
        }
        Err(last)
    }

    fn load_with_patience(&mut self, url: &str) -> Result<Vec<u8>, Failure> {
        let mut tries = 0;
        let mut url = url.to_owned();
        loop {
            if !std::mem::take(&mut self.is_first) {
                sleep(PAUSE);
            }
            tries += 1;
            let mut request = Request::get(&url)?;
            // The only redirect that is followed is the one to the same address with encryption.
            request.limits =
                Limits { time: Duration::from_secs(120), size: MAX_SIZE, redirects: 0, ..Limits::default() };
            let response = match self.client.send(&request) {
                Ok(response) => response,
                Err(error) if error.kind == ErrorKind::Redirect && url.starts_with("http://") => {
                    url = url.replacen("http://", "https://", 1);
                    continue;
                }
                Err(error) if error.is_temporary() && tries < TRIES => continue,
                Err(error) => return Err(error.into()),
            };
            let pause = response.retry_after(SystemTime::now()).unwrap_or(PAUSE * 10);
            match response.check_status() {
                Ok(()) if response.media_type().as_deref() == Some("text/html") => {
                    let why = format!("`{url}`: the server sent a page instead of the file");
                    return Err(Failure { is_temporary: false, why });
                }
                Ok(()) => return Ok(response.body),
                Err(error) if error.is_temporary() && tries < TRIES && pause <= MAX_PAUSE => sleep(pause),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::fetch::testing::{Server, answer};
    use crate::import::model::{Blog, Item, Sink as _};

    fn fetched(server: &Server, urls: &[String], root: &std::path::Path, allowed: bool) -> Store {
        let mut store = Store::new().expect("a store");
        store.item(Item::Blog(Blog { url: server.url("/") })).expect("a blog");
        for url in urls {
            let media = UploadedFile { key: String::new(), url: url.clone(), file: None };
            store.item(Item::Media(media)).expect("a file");
        }
        let client = Client::new(&if allowed { vec![server.allowed()] } else { Vec::new() });
        let files = Files { root, dry_run: false };
        let options = Options { root: root.to_owned(), ..Options::default() };
        fetch(&client, &options, "https://new.example", &mut store, &files, &Ledger::default()).expect("a folder");
        store
    }

    #[test]
    fn files_come_from_the_blog_only_and_once() {
        let server = Server::start(|request, stream| {
            let response = match request.split(' ').nth(1).unwrap_or_default() {
                "/uploads/a.png" => answer("200 OK", "content-type: image/png\r\n", "picture"),
                "/uploads/away.png" => answer("302 Found", "location: http://169.254.169.254/secret.png\r\n", ""),
                "/uploads/page.png" => answer("200 OK", "content-type: text/html\r\n", "<p>Log in</p>"),
                _ => answer("404 Not Found", "", ""),
            };
            let _ = stream.write_all(response.as_bytes());
        });
        let root = tempfile::tempdir().expect("a folder");
        let names = ["a.png", "away.png", "page.png", "gone.png", "run.php", "../../a.png"];
        let mut urls: Vec<String> = names.iter().map(|name| server.url(&format!("/uploads/{name}"))).collect();
        urls.push("https://other.example/uploads/b.png".to_owned());
        let store = fetched(&server, &urls, root.path(), true);
        assert_eq!(std::fs::read_to_string(root.path().join("static/uploads/a.png")).expect("a file"), "picture");
        assert_eq!(walkdir::WalkDir::new(root.path()).into_iter().flatten().filter(|e| e.path().is_file()).count(), 1);
        let failed: Vec<&str> = store.failed_media.keys().map(String::as_str).collect();
        assert_eq!(failed.len(), 3, "{failed:?}");
        assert_eq!(store.media.iter().filter(|media| media.file.is_some()).count(), 1);
        let requests = server.requests().len();
        fetched(&server, &urls[..1], root.path(), true);
        assert_eq!(server.requests().len(), requests);
    }

    #[test]
    fn private_hosts_are_refused() {
        let server = Server::answering(answer("200 OK", "", "secret"));
        let root = tempfile::tempdir().expect("a folder");
        let store = fetched(&server, &[server.url("/uploads/a.png")], root.path(), false);
        assert_eq!((store.failed_media.len(), server.requests().len()), (1, 0));
    }
}
