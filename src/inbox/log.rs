//! What the inbox tells of its work: lines of JSON on the standard error, without anything that a reader wrote or is known by.

use std::io::Write as _;
use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use jiff::Timestamp;
use serde::Serialize;

/// So many lines wait for a slow reader of them. What comes then is not told: readers of the site are not to wait for it.
const WAITING: usize = 1024;

/// A line.
#[derive(Debug, Serialize)]
pub struct LogLine<'a> {
    /// When.
    pub time: Timestamp,
    /// What happened, a word.
    pub event: &'static str,
    /// How it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What became of it, a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// The id of the reply that it is about, which is ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<&'a str>,
    /// What went wrong, in the system's words or ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl LogLine<'_> {
    /// A line about something that happened.
    pub fn new(event: &'static str) -> Self {
        Self { time: Timestamp::now(), event, status: None, outcome: None, ms: None, reply: None, error: None }
    }

    /// Tells it.
    pub fn tell(&self) {
        // JSON has no line ends in it, whatever is in its texts.
        if let Ok(mut line) = serde_json::to_string(self) {
            line.push('\n');
            let _ = teller().try_send(line);
        }
    }
}

/// Tells an error.
pub fn error(event: &'static str, error: impl ToString) {
    LogLine { error: Some(error.to_string()), ..LogLine::new(event) }.tell();
}

/// A thread that writes: whoever reads the lines may be slow, or stand still.
fn teller() -> &'static SyncSender<String> {
    static TELLER: OnceLock<SyncSender<String>> = OnceLock::new();
    TELLER.get_or_init(|| {
        let (send, receive) = sync_channel::<String>(WAITING);
        thread::spawn(move || {
            for line in receive {
                let _ = std::io::stderr().write_all(line.as_bytes());
            }
        });
        send
    })
}
