//! Many connections, slow ones and broken ones.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::{ENDPOINT, FORM, Inbox, Site};

const GOOD: &str = "page=%2Fposts%2Ftea%2F&comment=a";

/// A connection over which something has come, and no more does.
fn half(inbox: &Inbox, sent: &str) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(inbox.address).ok()?;
    stream.write_all(sent.as_bytes()).ok()?;
    Some(stream)
}

/// Whether a connection was ended by the server.
fn is_ended(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout can be set");
    !matches!(stream.read(&mut [0; 64]), Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut))
}

fn crowd(inbox: &Inbox, number: usize) -> Vec<TcpStream> {
    let head = format!("POST {ENDPOINT} HTTP/1.1\r\nHost: localhost\r\n{FORM}");
    let body = format!("{head}Content-Length: 1000\r\n\r\npage=");
    (0..number).filter_map(|n| half(inbox, ["", "P", head.as_str(), body.as_str()][n % 4])).collect()
}

#[test]
fn slow_connections_shut_nobody_out() {
    let site = Site::unlimited();
    let inbox = Inbox::with(&site, &["--connections", "32"]);
    let mut slow = crowd(&inbox, 200);
    for _ in 0..20 {
        let start = Instant::now();
        assert_eq!(inbox.reply(GOOD).status, 200);
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        slow.extend(crowd(&inbox, 5));
    }
    let ended = slow.iter_mut().map(|stream| usize::from(is_ended(stream))).sum::<usize>();
    assert!(ended >= slow.len() - 32, "{ended} of {} were ended", slow.len());
    assert_eq!(site.waiting().len(), 20);
}

#[test]
fn who_says_nothing_is_not_waited_for() {
    let site = Site::unlimited();
    let inbox = Inbox::start(&site);
    let mut silent: Vec<TcpStream> = crowd(&inbox, 3);
    let start = Instant::now();
    while !silent.iter_mut().all(is_ended) {
        assert!(start.elapsed() < Duration::from_secs(15), "somebody is still waited for");
        std::thread::sleep(Duration::from_millis(200));
    }
    // A client that sends a header and then nothing gets an error response.
    let mut stream = crowd(&inbox, 4).pop().expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(25))).expect("a timeout can be set");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("took too long"), "{answer}");
    assert!(site.waiting().is_empty());
}

#[test]
fn what_breaks_off_is_not_taken() {
    let site = Site::unlimited();
    let inbox = Inbox::start(&site);
    for _ in 0..20 {
        drop(crowd(&inbox, 8));
    }
    assert_eq!(inbox.reply(GOOD).status, 200);
    assert_eq!(site.waiting().len(), 1);
}

#[test]
fn one_connection_may_be_used_again() {
    let site = Site::unlimited();
    let inbox = Inbox::start(&site);
    let mut stream = TcpStream::connect(inbox.address).expect("it listens");
    for _ in 0..3 {
        let length = GOOD.len();
        let request = format!(
            "POST {ENDPOINT} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n{FORM}Content-Length: {length}\r\n\r\n{GOOD}"
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        let mut part = [0; 4096];
        while !answer.ends_with(b"\"}") {
            let read = stream.read(&mut part).expect("it answers");
            assert!(read > 0, "it has closed: {}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&part[..read]);
        }
    }
    assert_eq!(site.waiting().len(), 3);
}

/// With 10,000 slow connections a reader is served, and memory stays as it is over a million refused posts.
/// `cargo test --release --test inbox -- --ignored --nocapture measured`
#[cfg(target_os = "linux")]
#[test]
#[ignore = "a measurement, which takes minutes"]
#[expect(unsafe_code, reason = "a system call")]
fn crowds_measured() {
    let site = Site::unlimited();
    let inbox = Inbox::start(&site);
    let memory = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", inbox.id())).expect("a process");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("its memory");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<usize>().ok()).expect("a number") / 1024
    };
    let before = memory();
    // SAFETY: plain numbers in, plain numbers out.
    unsafe {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
    }
    let slow = crowd(&inbox, 10_000);
    let mut times: Vec<Duration> = (0..100)
        .map(|_| {
            let start = Instant::now();
            assert_eq!(inbox.reply(GOOD).status, 200);
            start.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "{} slow connections: a reply takes {:?}, at most {:?}; {} MiB",
        slow.len(),
        times[50],
        times[99],
        memory()
    );
    drop(slow);
    let posts = std::env::var("POSTS").ok().and_then(|posts| posts.parse().ok()).unwrap_or(1_000_000);
    let form = "page=%2Fposts%2Ftea%2F&comment=&author=a";
    let request = format!(
        "POST {ENDPOINT} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n{FORM}Content-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut figures = vec![memory()];
    for _ in 0..10 {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut stream = TcpStream::connect(inbox.address).expect("it listens");
                    let mut part = [0; 4096];
                    for _ in 0..posts / 40 {
                        stream.write_all(request.as_bytes()).expect("it reads");
                        let mut answer = Vec::new();
                        while !answer.ends_with(b"\"}") {
                            let read = stream.read(&mut part).expect("it answers");
                            assert!(read > 0, "it has closed");
                            answer.extend_from_slice(&part[..read]);
                        }
                        assert!(answer.starts_with(b"HTTP/1.1 422"));
                    }
                });
            }
        });
        figures.push(memory());
    }
    println!("memory before {before} MiB, after each tenth of {posts} refused posts: {figures:?} MiB");
    assert!(figures[10] <= figures[1] + 8, "it grows");
}
