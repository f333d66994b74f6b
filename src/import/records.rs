//! Cuts an XML file into records, with little memory and without trust in its structure.
//!
//! A record is an element with one of a few names, such as `item`. Damage in one record stays in it. Document type
//! declarations lie outside of all records, so no entity of theirs is ever expanded or fetched.

use std::io::{self, BufRead};

use encoding_rs::Encoding;
use memchr::memmem;

/// A longer record is damaged, or an attack.
const MAX_RECORD: usize = 64 << 20;

/// An element of the file, as text.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// The line where it begins.
    pub line: u64,
    /// The element.
    pub text: String,
    /// Whether its end was found.
    pub is_whole: bool,
    /// Whether another record began where its end should have been.
    pub is_followed: bool,
    /// What had to be repaired, and how often.
    pub repairs: Vec<(&'static str, u64)>,
}

/// The records of a file.
pub struct Records<R> {
    reader: R,
    names: &'static [&'static str],
    encoding: Option<&'static Encoding>,
    line: u64,
    /// What was read of the present record, or of the markup outside of one.
    buffer: Vec<u8>,
    is_too_long: bool,
    /// The start tag of the next record, where it ended the one before it.
    next_start: Option<Vec<u8>>,
}

impl<R: BufRead> Records<R> {
    /// Begins to read a file.
    pub fn new(mut reader: R, names: &'static [&'static str]) -> io::Result<Self> {
        let head = reader.fill_buf()?;
        let declaration = String::from_utf8_lossy(&head[..head.len().min(200)]).into_owned();
        let label = declared_encoding(&declaration);
        let encoding = label.and_then(|label| Encoding::for_label(label.as_bytes()));
        let encoding = encoding.filter(|encoding| *encoding != encoding_rs::UTF_8 && encoding.is_ascii_compatible());
        Ok(Self { reader, names, encoding, line: 1, buffer: Vec::new(), is_too_long: false, next_start: None })
    }

    /// Reads the next record; none at the end of the file.
    pub fn read(&mut self) -> io::Result<Option<Record>> {
        let mut open: Option<(&'static str, u64)> = None;
        self.buffer.clear();
        self.is_too_long = false;
        if let Some(start) = self.next_start.take() {
            open = self.start(&start).map(|name| (name, self.line));
            self.buffer = start;
        }
        loop {
            if open.is_none() {
                self.buffer.clear();
            }
            if !self.copy_to(b'<', open.is_some())? {
                return Ok(open.map(|(_, line)| self.record(line, false)));
            }
            let begin = self.buffer.len() - 1;
            let line = self.line;
            self.copy_to(b'>', true)?;
            if self.buffer[begin..].starts_with(b"<![CDATA[") {
                if let Some(record) = self.copy_cdata(begin, open)? {
                    return Ok(Some(record));
                }
            } else if self.buffer[begin..].starts_with(b"<!--") {
                while !self.buffer.ends_with(b"-->") && self.copy_to(b'>', true)? {}
            } else if let Some((name, line)) = open {
                let tag = &self.buffer[begin..];
                if tag.strip_prefix(b"</").is_some_and(|rest| {
                    rest.trim_ascii_end().strip_suffix(b">").is_some_and(|end| end.trim_ascii() == name.as_bytes())
                }) {
                    return Ok(Some(self.record(line, true)));
                }
                if self.start(tag) == Some(name) {
                    self.next_start = Some(self.buffer.split_off(begin));
                    return Ok(Some(self.record(line, false)));
                }
            } else if let Some(name) = self.start(&self.buffer[begin..]) {
                self.buffer.drain(..begin);
                open = Some((name, line));
            }
        }
    }

    /// The name of the record that a start tag begins.
    fn start(&self, tag: &[u8]) -> Option<&'static str> {
        let inner = tag.strip_prefix(b"<")?.strip_suffix(b">")?;
        let name = inner.split(u8::is_ascii_whitespace).next()?;
        (!inner.ends_with(b"/")).then(|| self.names.iter().copied().find(|known| known.as_bytes() == name))?
    }

    /// Copies a CDATA section. If it never ends, and the next record begins instead, the present one is returned.
    fn copy_cdata(&mut self, begin: usize, open: Option<(&'static str, u64)>) -> io::Result<Option<Record>> {
        let ends = open.map(|(name, line)| (format!("</{name}>"), format!("<{name}>"), line));
        let mut end_of_record = None;
        while !self.buffer.ends_with(b"]]>") && self.copy_to(b'>', true)? {
            let Some((close, start, line)) = &ends else {
                // Outside of records nothing is kept but what the end needs.
                let keep = self.buffer.len().saturating_sub(2);
                self.buffer.drain(..keep.min(self.buffer.len()));
                continue;
            };
            if self.buffer.ends_with(close.as_bytes()) {
                end_of_record = Some(self.buffer.len());
            } else if let Some(end) = end_of_record.filter(|_| self.buffer.ends_with(start.as_bytes())) {
                let between = &self.buffer[end..self.buffer.len() - start.len()];
                // A post about feeds has such lines too, but not WordPress's own elements before them.
                let is_real = memmem::find(&self.buffer[begin..end], b"</wp:").is_some();
                if between.trim_ascii().is_empty() && is_real {
                    self.buffer.truncate(end);
                    self.next_start = Some(start.clone().into_bytes());
                    return Ok(Some(self.record(*line, true)));
                }
            }
        }
        Ok(None)
    }

    /// Reads up to a byte, and keeps it. False at the end of the file.
    fn copy_to(&mut self, byte: u8, keep: bool) -> io::Result<bool> {
        loop {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                return Ok(false);
            }
            let found = memchr::memchr(byte, chunk);
            let length = found.map_or(chunk.len(), |at| at + 1);
            self.line += memchr::memchr_iter(b'\n', &chunk[..length]).count() as u64;
            if self.buffer.len() > MAX_RECORD {
                self.is_too_long = true;
                self.buffer.drain(..self.buffer.len() - 64);
            }
            if keep {
                self.buffer.extend_from_slice(&chunk[..length]);
            } else if found.is_some() {
                self.buffer.push(byte);
            }
            self.reader.consume(length);
            if found.is_some() {
                return Ok(true);
            }
        }
    }

    fn record(&mut self, line: u64, is_whole: bool) -> Record {
        let bytes = std::mem::take(&mut self.buffer);
        let mut repairs = Vec::new();
        let text = decode(bytes, self.encoding, &mut repairs);
        let is_followed = self.next_start.is_some() && !self.is_too_long;
        Record { line, text, is_whole: is_whole && !self.is_too_long, is_followed, repairs }
    }
}

/// The encoding that an XML declaration names.
pub fn declared_encoding(head: &str) -> Option<&str> {
    let (before, rest) = head.split_once("encoding=")?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let is_declaration = before.trim_start_matches('\u{feff}').trim_start().starts_with("<?xml");
    is_declaration.then(|| rest[1..].split(quote).next())?
}

/// Decodes text: bytes that are not UTF-8 are taken for Windows's Western encoding, and control characters vanish.
pub fn decode(bytes: Vec<u8>, encoding: Option<&'static Encoding>, repairs: &mut Vec<(&'static str, u64)>) -> String {
    let mut text = match encoding {
        Some(encoding) => encoding.decode_without_bom_handling(&bytes).0.into_owned(),
        None => String::from_utf8(bytes).unwrap_or_else(|error| {
            let bytes = error.into_bytes();
            let mut text = String::with_capacity(bytes.len() + 16);
            let mut wrong = 0;
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    wrong += 1;
                    text.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
                }
            }
            repairs.push(("characters in another encoding", wrong));
            text
        }),
    };
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    let controls = text.chars().filter(|c| is_control(*c)).count() as u64;
    if controls > 0 {
        text.retain(|c| !is_control(c));
        repairs.push(("control characters", controls));
    }
    text
}
