//! `causerie inbox` as it runs: real processes, real sockets, and what is on the disk in the end.

mod circle;
mod crowds;
mod guard;
mod hostile;
mod kills;
mod letters;
mod load;
mod mail;
mod moderate;
mod moderate_hostile;
mod moderator;
mod notices;
mod sink;
mod trust;
// The same client as that of the preview's tests.
#[allow(dead_code)]
#[path = "../serve/client.rs"]
mod client;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

pub use client::Answer;
use client::exchange;
use serde_json::Value;
use tempfile::TempDir;

/// Where the reply form posts.
pub const ENDPOINT: &str = "/-/comments";

/// What a form says of itself.
pub const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// What a script says of itself.
pub const SCRIPT: &str = "Content-Type: application/json\r\nAccept: application/json\r\n";

/// A site with a post that takes replies, one that takes no more, and one with a comment.
pub struct Site(TempDir);

impl Site {
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// A site that takes any number of replies, however many come from here.
    pub fn unlimited() -> Self {
        Self::with("[comments.guard]\nper_address = 0\nper_page = 0\nin_all = 0\n")
    }

    /// A site with more settings in `[comments]`.
    pub fn with(settings: &str) -> Self {
        let site = Self(tempfile::tempdir().expect("a folder"));
        let config = format!(
            "base_url = \"https://tea.example\"\ntitle = \"Tea\"\ntheme = \"salon\"\nauthor = \"Ada\"\n\
             [comments]\nendpoint = \"{ENDPOINT}\"\n{settings}"
        );
        for (path, text) in [
            ("site.toml", config.as_str()),
            ("content/posts/_index.md", "+++\n+++\n"),
            ("content/posts/tea.md", "+++\ntitle = \"Tea & <milk>\"\ndate = 2024-01-01\n+++\nText.\n"),
            ("content/posts/tea.comments.md", "+++\nid = \"jo-1\"\nauthor = \"Jo\"\ndate = 2024-01-02\n+++\nWhy?\n"),
            ("content/posts/closed.md", "+++\ndate = 2024-01-01\ncomments = \"closed\"\n+++\nText.\n"),
        ] {
            site.write(path, text);
        }
        site
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The files of a folder, hidden ones left out.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.') && name.ends_with(".md")).collect();
        names.sort();
        names
    }

    /// The replies that wait, as they lie there.
    pub fn waiting(&self) -> Vec<String> {
        self.files("inbox").iter().map(|name| self.read(&format!("inbox/{name}"))).collect()
    }

    /// Runs a command.
    pub fn causerie(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_causerie"))
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .expect("the program can be started");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Everything in its folder, for who looks for a word.
    pub fn everything(&self) -> String {
        fn read(folder: &Path, all: &mut String) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                match path.is_dir() {
                    true => read(&path, all),
                    false => all.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap_or_default())),
                }
            }
        }
        let mut all = String::new();
        read(self.0.path(), &mut all);
        all
    }
}

/// A running inbox, which is killed when dropped.
pub struct Inbox {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Inbox {
    pub fn start(site: &Site) -> Self {
        Self::with(site, &[])
    }

    pub fn with(site: &Site, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_causerie"))
            .args(["inbox", "--port", "0", "--root"])
            .arg(site.0.path())
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut lines = BufReader::new(process.stderr.take().expect("its messages are piped")).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {said}")).expect("text");
            let place = line.split_once(" at http://").and_then(|(_, rest)| rest.split(';').next());
            if let Some(place) = place {
                break place.parse().expect("an address");
            }
            said.push_str(&line);
        };
        let log = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = kept.lock().expect("nobody panics with it");
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self { process, address, log }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Posts to a target, with more headers, each with a line end.
    pub fn post(&self, target: &str, headers: &str, body: &str) -> Answer {
        client::post(self.address, target, headers, body)
    }

    /// Posts a reply as a form does.
    pub fn reply(&self, form: &str) -> Answer {
        self.post(ENDPOINT, FORM, form)
    }

    /// Posts as a script does; the answer with its status.
    pub fn script(&self, target: &str, fields: &Value) -> (u16, Value) {
        let answer = self.post(target, SCRIPT, &fields.to_string());
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }

    /// Sends bytes as they are.
    pub fn send(&self, request: &str) -> Answer {
        exchange(self.address, request.as_bytes())
    }

    /// What it has told so far. A line may need a moment to come.
    pub fn log(&self) -> String {
        thread::sleep(std::time::Duration::from_millis(150));
        self.log.lock().expect("nobody panics with it").clone()
    }

    /// Kills it at once, whatever it does.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Asks it to end, and waits until it has; whether it says that all went well.
    #[cfg(unix)]
    pub fn end(mut self) -> bool {
        // SAFETY: a signal to a process that we started and have not waited for.
        unsafe { libc::kill(i32::try_from(self.id()).expect("a process id"), libc::SIGTERM) };
        self.process.wait().expect("it ends").success()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.kill();
    }
}
