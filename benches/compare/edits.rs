//! What happens between two edits: builds with little to do, and previews.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::shared::cost::{causerie_build, hugo_program, measure, median};

/// Longer than any file system's clock needs to tell two edits apart.
const REST: Duration = Duration::from_millis(100);
/// When waiting is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// Figures of builds after a clean one, in seconds: with nothing to do, and with one post edited.
pub fn builds(site: &Path, output: &Path, runs: usize) -> Result<[f64; 2], String> {
    let build = || measure(&mut causerie_build(site, output)).map(|cost| cost.wall);
    thread::sleep(REST);
    build()?;
    let nothing = (0..runs).map(|_| build()).collect::<Result<Vec<f64>, String>>()?;
    let post = post(site)?;
    let mut one = Vec::new();
    for run in 0..runs {
        append(&post, &format!("Edit {run}."))?;
        thread::sleep(REST);
        one.push(build()?);
    }
    Ok([median(nothing), median(one)])
}

/// Figures of a preview, in seconds.
pub struct Previewed {
    /// From the start of the program to the first page, with a warm cache.
    pub start: f64,
    /// From the write of a post to its new page; for Hugo what it says itself of its rebuild.
    pub edit: f64,
}

/// Causerie's preview: the time of an edit ends when the new page has arrived.
pub fn causerie(site: &Path, runs: usize) -> Result<Previewed, String> {
    let port = free_port()?;
    let mut starts = Vec::new();
    let mut edits = Vec::new();
    let post = post(site)?;
    let path = format!("/{}/", address(site, &post));
    for run in 0..runs {
        let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
        command.args(["serve", "--port", &port.to_string(), "--root"]).arg(site).stderr(Stdio::null());
        let server = Server::start(&mut command)?;
        starts.push(server.first_page(port)?);
        // The first edits come when the site has been looked through.
        thread::sleep(Duration::from_secs(1));
        let marker = format!("Preview edit {run} of {}.", std::process::id());
        let page = get(port, &path)?;
        let tag = page.split("data-live=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let mut events = BufReader::new(open(port, &format!("/-/live?watch={tag}{path}"), true)?);
        wait_for(&mut events, "event: problems")?;
        let start = Instant::now();
        append(&post, &marker)?;
        wait_for(&mut events, "event: reload")?;
        let page = get(port, &path)?;
        edits.push(start.elapsed().as_secs_f64());
        if !page.contains(&marker) {
            return Err("the preview showed an old page".to_owned());
        }
    }
    Ok(Previewed { start: median(starts), edit: median(edits) })
}

/// Hugo's server: the time of an edit is what it says of its own rebuild.
pub fn hugo(site: &Path, runs: usize) -> Result<Previewed, String> {
    let port = free_port()?;
    let mut starts = Vec::new();
    let mut edits = Vec::new();
    let post = post(site)?;
    for run in 0..runs {
        let mut command = Command::new(hugo_program());
        command.args(["server", "--bind", "127.0.0.1", "--noBuildLock", "--port", &port.to_string(), "--source"]);
        command.arg(site).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = Server::start(&mut command)?;
        let lines = server.lines();
        starts.push(server.first_page(port)?);
        thread::sleep(Duration::from_secs(1));
        append(&post, &format!("Preview edit {run}."))?;
        edits.push(rebuilt(&lines)?);
    }
    Ok(Previewed { start: median(starts), edit: median(edits) })
}

/// What Hugo says of a rebuild: `Total in 650 ms`.
fn rebuilt(lines: &mpsc::Receiver<String>) -> Result<f64, String> {
    loop {
        let line = lines.recv_timeout(PATIENCE).map_err(|_| "Hugo's server does not rebuild")?;
        let number = line.trim().strip_prefix("Total in ").and_then(|rest| rest.strip_suffix(" ms"));
        if let Some(milliseconds) = number.and_then(|number| number.parse::<f64>().ok()) {
            return Ok(milliseconds / 1000.0);
        }
    }
}

/// A server, until it is dropped.
struct Server {
    process: Child,
    started: Instant,
}

impl Server {
    fn start(command: &mut Command) -> Result<Self, String> {
        let started = Instant::now();
        let process = command.stdin(Stdio::null()).spawn().map_err(|error| format!("{command:?}: {error}"))?;
        Ok(Self { process, started })
    }

    /// How long it took to the first page.
    fn first_page(&self, port: u16) -> Result<f64, String> {
        while self.started.elapsed() < PATIENCE {
            if get(port, "/").is_ok_and(|page| page.starts_with("HTTP/1.1 200")) {
                return Ok(self.started.elapsed().as_secs_f64());
            }
            thread::sleep(Duration::from_millis(2));
        }
        Err("the server shows no page".to_owned())
    }

    /// The lines that it says.
    fn lines(&mut self) -> mpsc::Receiver<String> {
        let (send, receive) = mpsc::channel();
        if let Some(output) = self.process.stdout.take() {
            thread::spawn(move || {
                let lines = BufReader::new(output).lines().map_while(Result::ok);
                lines.take_while(|line| send.send(line.clone()).is_ok()).count()
            });
        }
        receive
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn open(port: u16, path: &str, stays: bool) -> Result<TcpStream, String> {
    let problem = |error: std::io::Error| error.to_string();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut stream = TcpStream::connect(address).map_err(problem)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(problem)?;
    let connection = if stays { "keep-alive" } else { "close" };
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: {connection}\r\n\r\n")
        .map_err(problem)?;
    Ok(stream)
}

fn get(port: u16, path: &str) -> Result<String, String> {
    let mut answer = Vec::new();
    open(port, path, false)?.read_to_end(&mut answer).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn wait_for(stream: &mut impl BufRead, wanted: &str) -> Result<(), String> {
    let mut line = String::new();
    while !line.contains(wanted) {
        line.clear();
        if stream.read_line(&mut line).map_err(|error| error.to_string())? == 0 {
            return Err(format!("the stream ended before `{wanted}`"));
        }
    }
    Ok(())
}

fn free_port() -> Result<u16, String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}

/// A post in the middle of the corpus.
fn post(site: &Path) -> Result<PathBuf, String> {
    let folder = site.join("content/2015");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut posts: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    posts.retain(|path| path.extension().is_some_and(|it| it == "md") && !path.ends_with("_index.md"));
    posts.sort();
    posts.get(posts.len() / 2).cloned().ok_or("the corpus has no posts".to_owned())
}

/// The path of a post's address.
fn address(site: &Path, post: &Path) -> String {
    let inside = post.strip_prefix(site.join("content")).unwrap_or(post).with_extension("");
    inside.to_string_lossy().replace('\\', "/")
}

fn append(post: &Path, text: &str) -> Result<(), String> {
    let write = || -> std::io::Result<()> { writeln!(fs::File::options().append(true).open(post)?, "\n{text}") };
    write().map_err(|error| format!("{}: {error}", post.display()))
}
