//! How many replies are taken in a second, and how long each takes.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::{ENDPOINT, FORM, Inbox, Site};

/// How many write, or send, at once.
const MANY: usize = 16;

/// For how long.
const TIME: Duration = Duration::from_secs(5);

/// A reply's worth of bytes.
const FORM_BODY: &str =
    "page=%2Fposts%2Ftea%2F&author=Jo&comment=A+reply+of+some+length%2C+as+replies+are%2C+with+a+line+or+two.";

/// How many files a second can be made, synced, named, and their folder synced.
fn by_the_disk(folder: &Path) -> f64 {
    let done = AtomicUsize::new(0);
    let start = Instant::now();
    thread::scope(|scope| {
        for writer in 0..MANY {
            let done = &done;
            scope.spawn(move || {
                for number in 0.. {
                    if start.elapsed() > TIME {
                        break;
                    }
                    let (hidden, named) =
                        (folder.join(format!(".{writer}-{number}")), folder.join(format!("{writer}-{number}.md")));
                    let mut file = File::create_new(&hidden).expect("a new file");
                    file.write_all(&[b'a'; 400]).expect("it is written");
                    file.sync_all().expect("it is synced");
                    fs::rename(&hidden, &named).expect("it is named");
                    File::open(folder).and_then(|folder| folder.sync_all()).expect("its folder is synced");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
}

/// Sends replies for a while, each client one after another, with this much time for each; how long they took.
fn by_the_server(inbox: &Inbox, pace: Duration) -> (f64, Vec<Duration>) {
    let request = format!(
        "POST {ENDPOINT} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n{FORM}Content-Length: {}\r\n\r\n{FORM_BODY}",
        FORM_BODY.len()
    );
    let start = Instant::now();
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let client = |number: u32| {
            let mut stream = TcpStream::connect(inbox.address).expect("it listens");
            stream.set_nodelay(true).expect("it can be set");
            let (mut times, mut part) = (Vec::new(), [0; 8192]);
            // Clients do not all send at the same moment.
            let mut next = Instant::now() + pace * number / u32::try_from(MANY).expect("few");
            while start.elapsed() < TIME {
                thread::sleep(next.saturating_duration_since(Instant::now()));
                let begun = if pace.is_zero() { Instant::now() } else { next };
                stream.write_all(request.as_bytes()).expect("it reads");
                let mut answer = Vec::new();
                while !answer.ends_with(b"\"}") {
                    let read = stream.read(&mut part).expect("it answers");
                    assert!(read > 0, "it has closed");
                    answer.extend_from_slice(&part[..read]);
                }
                assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
                times.push(begun.elapsed());
                next += pace;
            }
            times
        };
        let clients: Vec<_> = (0..MANY).map(|n| scope.spawn(move || client(u32::try_from(n).expect("few")))).collect();
        clients.into_iter().flat_map(|client| client.join().expect("no panic")).collect()
    });
    times.sort();
    (times.len() as f64 / start.elapsed().as_secs_f64(), times)
}

/// `cargo test --release --test inbox -- --ignored --nocapture load`
#[test]
#[ignore = "a measurement"]
fn load_measured() {
    let site = Site::unlimited();
    let folder = site.path("by-the-disk");
    fs::create_dir(&folder).expect("a folder");
    let inbox = Inbox::start(&site);
    let disk = by_the_disk(&folder);
    let (most, _) = by_the_server(&inbox, Duration::ZERO);
    let pace = Duration::from_secs_f64(2.0 * MANY as f64 / most);
    let (half, times) = by_the_server(&inbox, pace);
    println!(
        "{disk:.0} files a second by the disk alone, {most:.0} replies by the server ({:.2}); at {half:.0} a second half of \
         them take {:?}, 99 of 100 {:?}",
        most / disk,
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
    assert!(site.files("inbox").len() >= times.len(), "each is kept");
}
