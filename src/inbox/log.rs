//! The log of the inbox: lines of JSON on the standard error. They hold nothing that a reader wrote, and nothing that identifies a
//! reader.

use std::io::Write as _;
use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use jiff::Timestamp;
use serde::Serialize;

/// The number of lines in the queue. If the log is read too slowly, more lines are dropped, so that no request waits for it.
const MAX_QUEUED: usize = 1024;

/// A line of the log.
#[derive(Debug, Serialize)]
pub struct LogLine<'a> {
    /// When the event happened.
    pub time: Timestamp,
    /// The event, in one word.
    pub event: &'static str,
    /// The HTTP status of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The outcome, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// The duration in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// The id of the reply, which the inbox made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<&'a str>,
    /// The error message of the system or of Causerie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl LogLine<'_> {
    /// Creates a line for an event that happens now.
    pub fn new(event: &'static str) -> Self {
        Self { time: Timestamp::now(), event, status: None, outcome: None, ms: None, reply: None, error: None }
    }

    /// Queues the line for the log.
    pub fn write(&self) {
        // JSON escapes the line ends in texts.
        if let Ok(mut line) = serde_json::to_string(self) {
            line.push('\n');
            let _ = writer().try_send(line);
        }
    }
}

/// Logs an error.
pub fn error(event: &'static str, error: impl ToString) {
    LogLine { error: Some(error.to_string()), ..LogLine::new(event) }.write();
}

/// Returns the queue of the thread that writes the log. The program that reads the log may be slow or stopped.
fn writer() -> &'static SyncSender<String> {
    static WRITER: OnceLock<SyncSender<String>> = OnceLock::new();
    WRITER.get_or_init(|| {
        let (send, receive) = sync_channel::<String>(MAX_QUEUED);
        thread::spawn(move || {
            for line in receive {
                let _ = std::io::stderr().write_all(line.as_bytes());
            }
        });
        send
    })
}
