//! A site in memory, and a server that shows it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bytes::Bytes;
use causerie::Fingerprint;
use causerie::diagnostic::Diagnostic;
use causerie::serve::{self, ReplyOutcome, ServedOutput, SiteView};
use causerie::{Field, Submission};
use tokio::sync::{oneshot, watch};

/// Where the reply form posts.
pub const ENDPOINT: &str = "/-/comments";

/// A site whose outputs are put into it by hand.
pub struct Fake {
    site: Mutex<Site>,
    version: watch::Sender<u64>,
    base: String,
}

#[derive(Default)]
struct Site {
    outputs: BTreeMap<String, Option<Bytes>>,
    problems: Vec<Diagnostic>,
    asked: Vec<String>,
    replies: Vec<String>,
}

impl Fake {
    /// A site of these outputs.
    pub fn of(outputs: &[(&str, &str)]) -> Arc<Self> {
        Self::below("/", outputs)
    }

    /// A site of these outputs, below a path.
    pub fn below(base: &str, outputs: &[(&str, &str)]) -> Arc<Self> {
        let fake = Self { site: Mutex::default(), version: watch::Sender::new(0), base: base.to_owned() };
        for (path, text) in outputs {
            fake.put(path, text);
        }
        Arc::new(fake)
    }

    fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Site)) {
        change(&mut self.site());
        self.version.send_modify(|version| *version += 1);
    }

    /// Makes or changes an output.
    pub fn put(&self, path: &str, text: &str) {
        self.change(|site| drop(site.outputs.insert(path.to_owned(), Some(Bytes::copy_from_slice(text.as_bytes())))));
    }

    /// Takes an output out of the plan.
    pub fn remove(&self, path: &str) {
        self.change(|site| drop(site.outputs.remove(path)));
    }

    /// Makes an output one that cannot be rendered, and says so.
    pub fn spoil(&self, path: &str) {
        self.change(|site| {
            site.outputs.insert(path.to_owned(), None);
            site.problems = vec![problem(path)];
        });
    }

    /// Sets what is wrong with the site.
    pub fn complain(&self, problems: Vec<Diagnostic>) {
        self.change(|site| site.problems = problems);
    }

    /// Waits until as many pages listen.
    pub fn wait_for_listeners(&self, number: usize) {
        let start = Instant::now();
        while self.version.receiver_count() != number {
            assert!(start.elapsed() < Duration::from_secs(10), "{} pages listen", self.version.receiver_count());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Every output that the server asked for.
    pub fn asked(&self) -> Vec<String> {
        self.site().asked.clone()
    }

    /// The text of every reply that was let through.
    pub fn replies(&self) -> Vec<String> {
        self.site().replies.clone()
    }
}

/// What is wrong with a spoilt output.
pub fn problem(path: &str) -> Diagnostic {
    Diagnostic::error(format!("<b>{path}</b> is spoilt")).help("mend it")
}

impl SiteView for Fake {
    fn output(&self, path: &str) -> Option<Result<ServedOutput, Vec<Diagnostic>>> {
        assert!(path != "panic/index.html", "this output makes the stage panic, on purpose");
        let mut site = self.site();
        site.asked.push(path.to_owned());
        let output = site.outputs.get(path)?.clone();
        Some(match output {
            Some(bytes) => Ok(ServedOutput { fingerprint: Fingerprint::of(&bytes), contents: bytes.into() }),
            None => Err(vec![problem(path)]),
        })
    }

    fn problems(&self) -> Arc<[Diagnostic]> {
        self.site().problems.clone().into()
    }

    fn version(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    fn base_path(&self) -> String {
        self.base.clone()
    }

    fn endpoint(&self) -> Option<String> {
        Some(ENDPOINT.to_owned())
    }

    fn reply(&self, sent: &Submission) -> ReplyOutcome {
        if sent.get(Field::Comment).is_empty() {
            return ReplyOutcome::Refused { status: 422, message: "There is no <text> in it".to_owned() };
        }
        self.site().replies.push(sent.get(Field::Comment).to_owned());
        // As soon as it is written it is shown.
        self.put("posts/thé/index.html", "<p id=comment-7>A reply");
        let message = "It is written beside the post.".to_owned();
        ReplyOutcome::Accepted { location: "/posts/thé/#comment-7".to_owned(), message }
    }
}

/// A server that ends when dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: mpsc::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Shows a site on a free port.
    pub fn start(stage: &Arc<Fake>) -> Self {
        Self::on(stage, 0)
    }

    /// Shows a site on a port.
    pub fn on(stage: &Arc<Fake>, port: u16) -> Self {
        let stage: Arc<dyn SiteView> = Arc::clone(stage) as Arc<dyn SiteView>;
        let (stop, stopped) = oneshot::channel();
        let (told, address) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let interface = IpAddr::V4(Ipv4Addr::LOCALHOST);
                let listener = serve::bind(interface, Some(port)).await.expect("a free port");
                told.send(listener.local_addr().expect("an address")).expect("somebody waits for it");
                serve::serve(listener, stage, interface, async { drop(stopped.await) }).await.expect("it serves");
            });
            runtime.shutdown_background();
            let _ = end.send(());
        });
        let address = address.recv().expect("the server says where it listens");
        Self { address, stop: Some(stop), ended, thread: Some(thread) }
    }

    /// Ends it; whether it ended within ten seconds.
    pub fn stop(&mut self) -> bool {
        drop(self.stop.take());
        let has_ended = self.ended.recv_timeout(Duration::from_secs(10)).is_ok();
        if has_ended && let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        has_ended
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.stop();
        }
    }
}
