//! Tests against small servers that answer as the networks document it. All people are invented.

mod accounts;
mod deletions;
mod hostile;
mod networks;
mod restarts;
mod scale;
mod story;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::{GatherReport, Options, gather};
use crate::config::Config;
use crate::fetch::testing::{Server, answer};
use crate::replies::{Decision, Moderation, ReplyObject, Spool};
use crate::source::DiskWorld;

/// What a server has at each path: the status with more headers, and the body.
type Pages = Arc<Mutex<BTreeMap<String, (String, String)>>>;

/// A network on the loopback interface, and a site with a post that is discussed there.
struct Scene {
    server: Server,
    pages: Pages,
    site: TempDir,
}

impl Scene {
    /// A site whose post has these lines under `[discussions]`, in which HOST is the server. All networks are there.
    fn new(discussions: &str, settings: &str) -> Self {
        let pages = Pages::default();
        let served = Arc::clone(&pages);
        let server = Server::start(move |request, stream| {
            let path = request.split(' ').nth(1).unwrap_or_default();
            let pages = served.lock().unwrap();
            let text = match pages.get(path) {
                None => answer("404 Not Found", "", ""),
                Some((status, body)) => {
                    let etag = format!("\"{:x}\"", crate::source::Fingerprint::of(body.as_bytes()).0);
                    if request.contains(&format!("if-none-match: {etag}")) && status.starts_with("200") {
                        answer("304 Not Modified", &format!("etag: {etag}\r\n"), "")
                    } else {
                        let (status, headers) = status.split_once('\n').unwrap_or((status, ""));
                        answer(status, &format!("{headers}etag: {etag}\r\n"), body)
                    }
                }
            };
            let _ = stream.write_all(text.as_bytes());
        });
        let (host, site) = (server.host(), tempfile::tempdir().unwrap());
        let networks = ["mastodon", "bluesky", "hackernews", "lobsters", "github", "lemmy"];
        let servers: String = networks.iter().map(|network| format!("{network} = \"http://{host}\"\n")).collect();
        let config = format!(
            "base_url = \"https://blog.example\"\n[comments]\nendpoint = \"/-/comments\"\n[fetch]\nprivate_hosts = [\"{host}\"]\n\
             [gather]\ndelay = 0\n{settings}\n[gather.servers]\n{servers}"
        );
        write(site.path(), "site.toml", &config);
        let post = format!(
            "+++\ntitle = \"Tea\"\ndate = 2026-01-01\n[discussions]\n{}\n+++\nOn tea.\n",
            discussions.replace("HOST", &host)
        );
        write(site.path(), "content/tea.md", &post);
        Self { server, pages, site }
    }

    fn serve(&self, path: &str, body: &str) {
        self.serve_with(path, "200 OK\ncontent-type: application/json\r\n", body);
    }

    fn serve_with(&self, path: &str, status: &str, body: &str) {
        self.pages.lock().unwrap().insert(path.to_owned(), (status.to_owned(), body.to_owned()));
    }

    fn options(&self) -> Options {
        let root = self.site.path().to_owned();
        let cache = root.join(".causerie");
        Options { root, cache, posts: Vec::new(), since: None, all: true, dry_run: false }
    }

    fn gather(&self) -> GatherReport {
        gather(&self.options(), &|_, _| {}).unwrap()
    }

    /// The paths that were requested since the last call, with a star for those that said which version they know.
    fn requested(&self, before: usize) -> Vec<String> {
        let path = |request: &String| {
            let star = if request.contains("if-none-match: ") { "*" } else { "" };
            format!("{}{star}", request.split(' ').nth(1).unwrap_or_default())
        };
        self.server.requests()[before..].iter().map(path).collect()
    }

    fn spool(&self) -> Spool {
        Spool::open(self.site.path(), "inbox").unwrap()
    }

    /// The replies in the spool, oldest first.
    fn replies(&self) -> Vec<ReplyObject> {
        self.spool().all().unwrap().0.iter().map(|stored| stored.reply.clone()).collect()
    }

    /// Decides about the reply of a writer.
    fn decide(&self, author: &str, decision: Decision) {
        let replies = self.replies();
        let reply = replies.iter().find(|reply| reply.form.author() == Some(author)).expect(author);
        let (config, _) = Config::load(&DiskWorld::new(self.site.path()));
        let spool = self.spool();
        let moderation = Moderation::new(self.site.path(), &spool, &config.unwrap().comments);
        moderation.decide(&reply.handle(), decision, jiff::Timestamp::now()).unwrap();
    }

    /// The published replies: their files' texts, by the order of their names.
    fn published(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.site.path().join("content/tea.comments")) else { return Vec::new() };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
    }

    /// Changes a setting of the site.
    fn set(&self, before: &str, after: &str) {
        let config = self.read("site.toml");
        assert!(config.contains(before), "{config}");
        write(self.site.path(), "site.toml", &config.replace(before, after));
    }

    /// Copies the site with its inbox, its ledger and its cache.
    fn copy_site(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(self.site.path(), copy.path());
        copy
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.site.path().join(path)).unwrap_or_default()
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A status as Mastodon's interface shows it.
fn status(id: u64, parent: u64, name: &str, content: &str) -> serde_json::Value {
    serde_json::json!({
        "id": id.to_string(),
        "uri": format!("https://m.example/users/{name}/statuses/{id}"),
        "url": format!("https://m.example/@{name}/{id}"),
        "created_at": format!("2026-01-02T10:{:02}:00.000Z", id % 60),
        "in_reply_to_id": parent.to_string(),
        "visibility": "public",
        "spoiler_text": "",
        "content": content,
        "media_attachments": [],
        "account": {
            "acct": name, "display_name": name, "url": format!("https://m.example/@{name}"), "note": "",
        },
        "favourites_count": 0, "reblogs_count": 0, "replies_count": 0,
    })
}

/// Serves a post with some answers.
fn serve_mastodon(scene: &Scene, answers: &[serde_json::Value]) {
    let mut post = status(1, 0, "ada", "<p>New: tea</p>");
    post["favourites_count"] = 12.into();
    post["reblogs_count"] = 3.into();
    scene.serve("/api/v1/statuses/1", &post.to_string());
    let context = serde_json::json!({ "ancestors": [], "descendants": answers });
    scene.serve("/api/v1/statuses/1/context", &context.to_string());
}
