//! A site, and an inbox that takes replies for it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::client::{self, Answer, exchange};

/// Where the reply form posts.
pub const ENDPOINT: &str = "/-/comments";

/// What a form says of itself.
pub const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// What a script says of itself.
pub const SCRIPT: &str = "Content-Type: application/json\r\nAccept: application/json\r\n";

/// A site with a post that takes replies, one that takes no more, and one with a comment.
pub struct Site {
    root: TempDir,
    /// What its commands find in their environment besides.
    pub environment: Vec<(String, String)>,
}

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
        let site = Self { root: tempfile::tempdir().expect("a folder"), environment: Vec::new() };
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

    /// The path of a file of the site.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Writes a file of the site.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Reads a file of the site.
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
        let output = self.command(arguments).output().expect("the program can be started");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// A command, as it is before it runs.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
        command
            .args(arguments)
            .current_dir(self.root.path())
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// All replies, as a program that moderates sees them.
    pub fn replies(&self) -> Vec<Value> {
        let listed = self.causerie(&["comments", "list", "--state", "all", "--json"]);
        let listed: Value = serde_json::from_str(&listed).expect("JSON");
        listed["replies"].as_array().expect("a list").clone()
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
        read(self.root.path(), &mut all);
        all
    }
}

/// A number that looks random, and is the same in every run.
pub fn scatter(number: usize) -> u64 {
    (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40
}

/// Posts as a script does to a server that may vanish. Nothing, unless it is answered with success.
pub fn try_post(address: SocketAddr, form: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(address) else { return String::new() };
    let length = form.len();
    let request = format!(
        "POST {ENDPOINT} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{SCRIPT}Content-Length: {length}\r\n\r\n{form}"
    );
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer
        .split_once("\r\n\r\n")
        .filter(|(head, _)| head.starts_with("HTTP/1.1 200"))
        .map_or_else(String::new, |(_, body)| body.to_owned())
}

/// A running inbox, which is killed when dropped.
pub struct Inbox {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Inbox {
    /// Starts an inbox for a site.
    pub fn start(site: &Site) -> Self {
        Self::with(site, &[])
    }

    /// Starts an inbox with more arguments.
    pub fn with(site: &Site, arguments: &[&str]) -> Self {
        let mut process = site
            .command(&["inbox", "--port", "0", "--root"])
            .arg(site.root.path())
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

    /// The id of the process.
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
        thread::sleep(Duration::from_millis(150));
        self.log.lock().expect("nobody panics with it").clone()
    }

    /// Kills it at once, whatever it does.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Asks it to end, and waits until it has; whether it says that all went well.
    #[cfg(unix)]
    #[expect(unsafe_code, reason = "a system call")]
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
