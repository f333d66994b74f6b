//! `causerie gather`, killed at any moment.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// So many posts are discussed.
const POSTS: usize = 6;

/// A server with Mastodon's interface, which says when a request arrives.
struct Network {
    host: String,
    requests: Receiver<()>,
}

impl Network {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (arrived, requests) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = arrived.send(());
                thread::spawn(move || answer(stream));
            }
        });
        Self { host, requests }
    }

    /// Waits until so many requests have arrived, or there are no more.
    fn wait_for(&self, requests: usize) {
        for _ in 0..requests {
            let _ = self.requests.recv_timeout(Duration::from_secs(5));
        }
    }

    fn forget(&self) {
        self.requests.try_iter().count();
    }
}

fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let _ = lines.take_while(|line| !line.is_empty()).count();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let post: usize = path.split('/').nth(4).and_then(|id| id.parse().ok()).unwrap_or_default();
    let body = if path.ends_with("/context") {
        let replies: Vec<String> =
            (0..3).map(|reply| status(post * 10 + reply, if reply == 2 { post * 10 } else { post })).collect();
        format!("{{\"descendants\":[{}]}}", replies.join(","))
    } else {
        status(post, 0)
    };
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
}

fn status(id: usize, parent: usize) -> String {
    format!(
        "{{\"id\":\"{id}\",\"url\":\"https://m.example/@jo/{id}\",\"created_at\":\"2026-01-02T10:00:{:02}Z\",\
         \"in_reply_to_id\":\"{parent}\",\"visibility\":\"public\",\"content\":\"<p>Tea, number {id}.</p>\",\
         \"account\":{{\"acct\":\"jo\",\"display_name\":\"Jo\",\"url\":\"https://m.example/@jo\"}},\"favourites_count\":3}}",
        id % 10
    )
}

fn site(network: &Network) -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    let host = &network.host;
    let config = format!(
        "base_url = \"https://blog.example\"\n[fetch]\nprivate_hosts = [\"{host}\"]\n[gather]\napprove = \"all\"\ndelay = 0\n\
         [gather.servers]\nmastodon = \"http://{host}\"\n"
    );
    fs::write(site.path().join("site.toml"), config).unwrap();
    fs::create_dir(site.path().join("content")).unwrap();
    for post in 1..=POSTS {
        let text = format!(
            "+++\ntitle = \"Tea\"\ndate = 2026-01-01\n[discussions]\nmastodon = \"http://{host}/@ada/{post}\"\n+++\n"
        );
        fs::write(site.path().join(format!("content/tea-{post}.md")), text).unwrap();
    }
    site
}

fn program(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
    command.arg("gather").arg("--root").arg(root).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(root: &Path) -> Output {
    let output = program(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What readers and later runs see: the site, and the ledger. Hidden files are what was not finished.
fn files(root: &Path) -> BTreeMap<String, String> {
    let entries = ["content", "imports"].map(|folder| walkdir::WalkDir::new(root.join(folder)));
    let entries = entries.into_iter().flatten().flatten().filter(|entry| entry.file_type().is_file());
    let named = entries.map(|entry| {
        let path = entry.path().strip_prefix(root).unwrap().to_string_lossy().into_owned();
        (path, fs::read_to_string(entry.path()).unwrap())
    });
    named.filter(|(path, _)| !path.rsplit('/').next().unwrap().starts_with('.')).collect()
}

/// A file without the line that names its parent, which may not be published yet.
fn without_parent(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("reply_to = ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_run_that_is_killed_leaves_whole_files_and_the_next_one_is_right() {
    let network = Network::start();
    let whole = site(&network);
    run(whole.path());
    let expected = files(whole.path());
    assert_eq!(expected.keys().filter(|path| path.contains(".comments/")).count(), 3 * POSTS);
    // At each request, and then at moments of the time in which it publishes and saves.
    let last = 2 * POSTS;
    let moments = (1..=last).map(|request| (request, 0)).chain((0..10).map(|step| (last, 7 * step)));
    let mut stopped = 0;
    for (request, delay) in moments {
        let site = site(&network);
        network.forget();
        let mut child = program(site.path()).spawn().unwrap();
        network.wait_for(request);
        thread::sleep(Duration::from_millis(delay));
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        stopped += usize::from(!output.status.success());
        for (path, text) in files(site.path()) {
            let is_whole = expected.get(&path).is_some_and(|whole| without_parent(whole) == without_parent(&text));
            assert!(is_whole || path.starts_with("imports/"), "{path} after request {request} and {delay} ms: {text}");
        }
        run(site.path());
        assert_eq!(files(site.path()), expected, "after request {request} and {delay} ms");
        run(site.path());
        assert_eq!(files(site.path()), expected, "nothing changes any more");
    }
    assert!(stopped >= last - 1, "only {stopped} runs were stopped");
}
