//! Previews: Causerie's and Hugo's servers, from their start to the first page and from an edit to its page.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::builds::Corpus;
use crate::edits::{address, append, posts_with_code};
use crate::shared::cost::{Cost, causerie_build, forget, hugo_program, measure, median, wait};

/// When waiting is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// Figures of a preview; times in seconds.
pub struct Preview {
    /// From the start of the program to the first page, with nothing cached.
    pub cold_start: f64,
    /// The same, with what a build has cached.
    pub start: f64,
    /// From the write of a post to its new page; for Hugo what it says itself of its rebuild.
    pub edit: f64,
    /// The most memory that it held, in MiB.
    pub memory: f64,
}

/// Causerie's preview: the time of an edit ends when the new page has arrived.
pub fn causerie(corpus: &Corpus, runs: usize) -> Result<Preview, String> {
    let site = &corpus.site();
    let port = free_port()?;
    let posts = posts_with_code(site)?;
    let post = posts.get(posts.len() / 2).ok_or("the corpus has no posts")?;
    let path = format!("/{}/", address(site, post));
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
        command.args(["serve", "--port", &port.to_string(), "--root"]).arg(site).stderr(Stdio::null());
        Server::start(&mut command)
    };
    forget(site).map_err(|error| error.to_string())?;
    let mut server = start()?;
    let cold_start = server.first_page(port)?;
    let mut memory = vec![server.stop()?.memory];
    measure(&mut causerie_build(site, &corpus.folder.join("out-preview")))?;
    let (mut starts, mut edits) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let mut server = start()?;
        starts.push(server.first_page(port)?);
        // The first edits come when the site has been looked through.
        thread::sleep(Duration::from_secs(1));
        let marker = format!("Preview edit {run} of {}.", std::process::id());
        let page = get(port, &path)?;
        let tag = page.split("data-live=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let mut events = BufReader::new(open(port, &format!("/-/live?watch={tag}{path}"), true)?);
        wait_for(&mut events, "event: problems")?;
        let start = Instant::now();
        append(post, &marker)?;
        wait_for(&mut events, "event: reload")?;
        let page = get(port, &path)?;
        edits.push(start.elapsed().as_secs_f64());
        if !page.contains(&marker) {
            return Err("the preview showed an old page".to_owned());
        }
        memory.push(server.stop()?.memory);
    }
    Ok(Preview { cold_start, start: median(starts), edit: median(edits), memory: median(memory) })
}

/// Hugo's server: the time of an edit is what it says of its own rebuild. It caches nothing.
pub fn hugo(corpus: &Corpus, runs: usize) -> Result<Preview, String> {
    let site = &corpus.hugo();
    let port = free_port()?;
    let posts = posts_with_code(site)?;
    let post = posts.get(posts.len() / 2).ok_or("the corpus has no posts")?;
    let (mut starts, mut edits, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..runs {
        let mut command = Command::new(hugo_program());
        command.args(["server", "--bind", "127.0.0.1", "--noBuildLock", "--port", &port.to_string(), "--source"]);
        command.arg(site).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = Server::start(&mut command)?;
        let lines = server.lines();
        starts.push(server.first_page(port)?);
        thread::sleep(Duration::from_secs(1));
        append(post, &format!("Preview edit {run}."))?;
        edits.push(rebuilt(&lines)?);
        memory.push(server.stop()?.memory);
    }
    let start = median(starts);
    Ok(Preview { cold_start: start, start, edit: median(edits), memory: median(memory) })
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

/// A server, until it is stopped or dropped.
struct Server {
    /// None once it has ended.
    process: Option<Child>,
    started: Instant,
}

impl Server {
    fn start(command: &mut Command) -> Result<Self, String> {
        let started = Instant::now();
        let process = command.stdin(Stdio::null()).spawn().map_err(|error| format!("{command:?}: {error}"))?;
        Ok(Self { process: Some(process), started })
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
        if let Some(output) = self.process.as_mut().and_then(|process| process.stdout.take()) {
            thread::spawn(move || {
                let lines = BufReader::new(output).lines().map_while(Result::ok);
                lines.take_while(|line| send.send(line.clone()).is_ok()).count()
            });
        }
        receive
    }

    /// Ends it, and returns what it took.
    fn stop(&mut self) -> Result<Cost, String> {
        let mut process = self.process.take().ok_or("the server has ended already")?;
        process.kill().map_err(|error| format!("cannot end a server: {error}"))?;
        Ok(wait(&process, self.started)?.1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop();
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
