//! A mail server that delivers nothing, and keeps what it is given.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A running server. It ends with the tests.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    mails: Mutex<Vec<Received>>,
    /// What it says to the next commands that begin so, in this order.
    answers: Mutex<Vec<(&'static str, &'static str)>>,
    /// Everything that was said to it.
    said: Mutex<String>,
}

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Whom the envelope says that it comes from.
    pub from: String,
    /// And whom it is to.
    pub to: Vec<String>,
    /// Who has said that they are allowed to send it: user and password.
    pub login: Option<(String, String)>,
    /// The mail itself, with `\n` between its lines.
    pub raw: String,
}

impl Sink {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::<Shared>::default();
        let kept = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || talk(&stream, &kept));
            }
        });
        Self { address, shared }
    }

    /// What a site says to send its mail here.
    pub fn settings(&self) -> String {
        let port = self.address.port();
        format!(
            "[comments.mail]\nserver = \"127.0.0.1\"\nport = {port}\ntls = \"never\"\nfrom = \"blog@tea.example\"\n"
        )
    }

    /// The same for a site whose author is told of replies.
    pub fn settings_of_author(&self) -> String {
        format!("{}to = \"ada@tea.example\"\n", self.settings())
    }

    /// Lets it give this answer to the next command that begins so.
    pub fn answer(&self, command: &'static str, answer: &'static str) {
        self.shared.answers.lock().expect("no panic").push((command, answer));
    }

    /// Waits until so many mails have come, and gives them back.
    pub fn wait(&self, number: usize) -> Vec<Received> {
        let start = Instant::now();
        loop {
            let mails = self.mails();
            if mails.len() >= number {
                return mails;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "{} of {number} mails came", mails.len());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The mails that came so far.
    pub fn mails(&self) -> Vec<Received> {
        self.shared.mails.lock().expect("no panic").clone()
    }

    /// Everything that was said to it.
    pub fn said(&self) -> String {
        self.shared.said.lock().expect("no panic").clone()
    }
}

/// The other half of SMTP (RFC 5321, 4.1), as far as mail comes in by it.
fn talk(stream: &TcpStream, shared: &Shared) {
    let mut writer = stream;
    let mut lines = BufReader::new(stream).lines();
    let mut say = |answer: &str| writer.write_all(format!("{answer}\r\n").as_bytes()).is_ok();
    let mut mail = Received { from: String::new(), to: Vec::new(), login: None, raw: String::new() };
    say("220 sink");
    while let Some(Ok(line)) = lines.next() {
        shared.said.lock().expect("no panic").push_str(&format!("{line}\n"));
        let command = line.to_ascii_uppercase();
        let planned = {
            let mut answers = shared.answers.lock().expect("no panic");
            answers.iter().position(|(start, _)| command.starts_with(start)).map(|at| answers.remove(at).1)
        };
        if let Some(answer) = planned {
            say(answer);
            continue;
        }
        let angled = |line: &str| {
            let inner =
                line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inner, _)| inner.to_owned());
            inner.unwrap_or_default()
        };
        if command.starts_with("EHLO") {
            say("250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN");
        } else if let Some(login) = line.strip_prefix("AUTH PLAIN ") {
            let bytes = STANDARD.decode(login).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let mut parts = text.split('\0').skip(1).map(str::to_owned);
            mail.login = parts.next().zip(parts.next());
            say("235 welcome");
        } else if command.starts_with("MAIL FROM:") {
            mail.from = angled(&line);
            say("250 yes");
        } else if command.starts_with("RCPT TO:") {
            mail.to.push(angled(&line));
            say("250 yes");
        } else if command == "DATA" {
            say("354 go on");
            for line in lines.by_ref().map_while(Result::ok) {
                if line == "." {
                    break;
                }
                mail.raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                mail.raw.push('\n');
            }
            shared.mails.lock().expect("no panic").push(mail.clone());
            (mail.to, mail.raw) = (Vec::new(), String::new());
            say("250 kept");
        } else if command == "QUIT" {
            say("221 bye");
            return;
        } else {
            say("250 yes");
        }
    }
}

impl Received {
    /// The value of a header, in one line; empty if there is none.
    pub fn header(&self, name: &str) -> String {
        header(self.raw.split_once("\n\n").map_or("", |(head, _)| head), name)
    }

    /// The names of its headers.
    pub fn names(&self) -> Vec<String> {
        let head = self.raw.split_once("\n\n").map_or("", |(head, _)| head);
        let names = head.lines().filter(|line| !line.starts_with([' ', '\t'])).filter_map(|line| line.split_once(':'));
        names.map(|(name, _)| name.to_owned()).collect()
    }

    /// Its text, decoded; of a mail with parts, all of them.
    pub fn text(&self) -> String {
        let kind = self.header("content-type");
        let (head, body) = self.raw.split_once("\n\n").unwrap_or_default();
        match kind.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()) {
            None => decode(head, body),
            Some(boundary) => {
                let boundary = format!("--{boundary}");
                let parts = body.split(&boundary);
                let parts = parts.filter_map(|part| part.trim_start().split_once("\n\n"));
                parts.map(|(head, body)| decode(head, body)).collect()
            }
        }
    }

    /// The first address in its text that has this in it.
    pub fn link(&self, part: &str) -> String {
        let text = self.text();
        let link = text.split_whitespace().find(|word| word.starts_with("http") && word.contains(part));
        link.unwrap_or_else(|| panic!("no link with {part}: {text}")).to_owned()
    }
}

fn header(head: &str, name: &str) -> String {
    let mut found = String::new();
    let mut is_it = false;
    for line in head.lines() {
        match line.strip_prefix([' ', '\t']) {
            Some(rest) if is_it => found.extend([" ", rest]),
            Some(_) => {}
            None => {
                let (start, value) = line.split_once(": ").unwrap_or((line, ""));
                is_it = start.eq_ignore_ascii_case(name);
                if is_it {
                    found.push_str(value);
                }
            }
        }
    }
    found
}

/// A body without its encoding (RFC 2045, 6).
fn decode(head: &str, body: &str) -> String {
    let bytes = match header(head, "content-transfer-encoding").as_str() {
        "base64" => STANDARD.decode(body.replace('\n', "")).expect("Base64"),
        "quoted-printable" => {
            let joined = body.replace("=\n", "");
            let mut bytes = Vec::new();
            let mut rest = joined.as_bytes();
            while let [first, others @ ..] = rest {
                let code = others.get(..2).and_then(|code| std::str::from_utf8(code).ok());
                match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'=') {
                    Some(byte) => (bytes.push(byte), rest = &others[2..]).1,
                    None => (bytes.push(*first), rest = others).1,
                }
            }
            bytes
        }
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8_lossy(&bytes).into_owned()
}
