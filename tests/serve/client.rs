//! A client that sends exactly the given bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// An answer, as it came.
#[derive(Debug)]
pub struct Answer {
    /// The status; 0 where the connection ended without one.
    pub status: u16,
    head: String,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The value of a header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout can be set");
    stream
}

/// Sends bytes, and reads until the server closes.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = connect(address);
    // A server may answer and close before it has read everything.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// Asks for a target, with more headers if need be, each with a line end.
pub fn ask(address: SocketAddr, method: &str, target: &str, headers: &str) -> Answer {
    let request = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    exchange(address, request.as_bytes())
}

/// Asks for a target and nothing else.
pub fn get(address: SocketAddr, target: &str) -> Answer {
    ask(address, "GET", target, "")
}

/// Posts a form.
pub fn post(address: SocketAddr, target: &str, headers: &str, form: &str) -> Answer {
    let length = form.len();
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Length: {length}\r\n{headers}\r\n{form}"
    );
    exchange(address, request.as_bytes())
}

/// An open event stream.
pub struct Events(BufReader<TcpStream>);

impl Events {
    /// Listens for what happens to these, each a tag and a path.
    pub fn of(address: SocketAddr, watched: &[&str]) -> Self {
        let query: Vec<String> = watched.iter().map(|watched| format!("watch={watched}")).collect();
        let mut stream = connect(address);
        // In HTTP/1.0 a body is not cut into chunks.
        let request = format!("GET /-/live?{} HTTP/1.0\r\nHost: {address}\r\n\r\n", query.join("&"));
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut events = Self(BufReader::new(stream));
        let head: Vec<String> = std::iter::from_fn(|| events.line().filter(|line| !line.is_empty())).collect();
        assert!(head.first().is_some_and(|line| line.ends_with(" 200 OK")), "{head:?}");
        assert!(head.contains(&"content-type: text/event-stream".to_owned()), "{head:?}");
        events
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).expect("the server goes on or ends");
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// The next event: its name and its data. None at the end.
    pub fn next(&mut self) -> Option<(String, Value)> {
        let (mut name, mut data) = (String::new(), Value::Null);
        loop {
            let line = self.line()?;
            match line.split_once(": ") {
                Some(("event", value)) => name = value.to_owned(),
                Some(("data", value)) => data = serde_json::from_str(value).expect("the data is JSON"),
                _ if line.is_empty() && !name.is_empty() => return Some((name, data)),
                _ => {}
            }
        }
    }
}
