//! A flood of what is refused: memory stays small, and readers are served meanwhile.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::{ENDPOINT, FORM, Inbox, Site};

/// So many connections send at once.
const MANY: usize = 100;

/// The most memory that the inbox may ever have had, in MiB. A program that is not optimised is larger itself.
const MOST: usize = if cfg!(debug_assertions) { 200 } else { 150 };

/// The most memory that a process ever had, in MiB.
fn peak(inbox: &Inbox) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", inbox.id())).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("its memory");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<usize>().ok()).expect("a number") / 1024
}

/// Posts forms of an allowed size to a page that is not there, over many connections, for a while. Gives back how many were
/// answered.
fn flood(inbox: &Inbox, time: Duration) -> usize {
    let body = format!("page=%2Fnowhere%2F&author=Jo&comment={}", "%F0%9F%8D%B5".repeat(20_000));
    let request = format!(
        "POST {ENDPOINT} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{FORM}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (start, answered) = (Instant::now(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..MANY {
            scope.spawn(|| {
                while start.elapsed() < time {
                    let Ok(mut stream) = TcpStream::connect(inbox.address) else { continue };
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
                    let mut answer = Vec::new();
                    if stream.write_all(request.as_bytes()).is_ok() && stream.read_to_end(&mut answer).is_ok() {
                        let head = String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned();
                        assert!(matches!(&*head, "" | "HTTP/1.1 404" | "HTTP/1.1 503"), "{head}");
                        answered.fetch_add(usize::from(!answer.is_empty()), Ordering::Relaxed);
                    }
                }
            });
        }
        // Who writes a reply of some lines is not kept out.
        while start.elapsed() < time {
            let answer = inbox.reply("page=%2Fposts%2Ftea%2F&author=Jo&comment=A+reply+of+some+length.");
            assert_eq!(answer.status, 200, "{}", answer.body);
            thread::sleep(Duration::from_millis(200));
        }
    });
    answered.into_inner()
}

#[test]
fn a_flood_of_long_forms_takes_little_memory() {
    let site = Site::unlimited();
    let inbox = Inbox::start(&site);
    let answered = flood(&inbox, Duration::from_secs(8));
    let peak = peak(&inbox);
    println!("{answered} answers, {peak} MiB");
    assert!(answered > MANY && peak < MOST, "{answered} answers, {peak} MiB");
}

#[test]
fn who_asks_without_end_is_refused_before_anybody_looks() {
    let site = Site::with("[comments.guard]\nper_address = 1\n");
    let inbox = Inbox::start(&site);
    for _ in 0..25 {
        assert_eq!(inbox.reply("page=%2Fnowhere%2F&comment=a").status, 404);
    }
    let refused = inbox.reply("page=%2Fnowhere%2F&comment=a");
    assert_eq!((refused.status, refused.header("retry-after")), (429, "600"));
    assert_eq!(crate::client::get(inbox.address, "/-/comments/change?token=a").status, 429);
}

/// `cargo test --release --test inbox -- --ignored --nocapture flood_measured`
#[test]
#[ignore = "a measurement, which takes ten minutes"]
fn flood_measured() {
    let site = Site::unlimited();
    let inbox = Inbox::start(&site);
    let answered = flood(&inbox, Duration::from_secs(600));
    println!("{answered} answers, {} MiB", peak(&inbox));
    assert!(peak(&inbox) < MOST);
}
