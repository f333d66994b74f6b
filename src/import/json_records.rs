//! Cuts JSON into records, as `records.rs` does with XML: one object after the other, so that memory does not grow with the file,
//! and damage in one record stays in it. JSON lines are read too, and several values one after the other.

use std::io::{self, BufRead};

use serde_json::Value;

use super::model::{ItemKind, Omission, Sink};
use super::records::decode;

/// A longer record is damaged, or an attack.
const MAX_RECORD: usize = 64 << 20;

/// Values nest no deeper outside of records.
const MAX_DEPTH: usize = 64;

/// An object or a list that is open.
struct Frame {
    /// The path of what is in it, such as `data.comments[]`.
    path: String,
    /// The last key, in an object.
    key: Option<String>,
}

/// The records of a file.
pub struct JsonRecords<R> {
    reader: R,
    is_record: fn(&str) -> bool,
    frames: Vec<Frame>,
    line: u64,
}

/// An object of the file.
pub struct JsonRecord {
    /// Its path: the keys that lead to it, joined by dots, with `[]` behind each list.
    pub path: String,
    /// The line where it begins.
    pub line: u64,
    /// The object; none: it is damaged.
    pub value: Option<Value>,
    /// What had to be repaired, and how often.
    pub repairs: Vec<(&'static str, u64)>,
}

/// Reads the records of a file, and counts repairs and damage. `is_record` says at which paths they are, and `damaged` what a damaged
/// record is counted as.
pub fn read(
    reader: &mut dyn BufRead,
    is_record: fn(&str) -> bool,
    damaged: ItemKind,
    sink: &mut dyn Sink,
    take: &mut dyn FnMut(&JsonRecord, &Value, &mut dyn Sink) -> io::Result<()>,
) -> io::Result<()> {
    let mut records = JsonRecords { reader, is_record, frames: Vec::new(), line: 1 };
    while let Some(record) = records.next()? {
        for (what, times) in &record.repairs {
            sink.repair(what, *times);
        }
        if let Some(value) = &record.value {
            take(&record, value, sink)?;
        } else {
            let reason = "it is damaged, or its end is missing".to_owned();
            sink.leave_out(Omission { class: damaged, reason, is_loss: true }, format!("line {}", record.line));
        }
    }
    if !records.frames.is_empty() {
        let reason = "the file ends early".to_owned();
        let omission = Omission { class: ItemKind::Others, reason, is_loss: true };
        sink.leave_out(omission, format!("what follows line {}", records.line));
    }
    Ok(())
}

impl<R: BufRead> JsonRecords<R> {
    fn byte(&mut self) -> io::Result<Option<u8>> {
        let Some(&byte) = self.reader.fill_buf()?.first() else { return Ok(None) };
        self.reader.consume(1);
        self.line += u64::from(byte == b'\n');
        Ok(Some(byte))
    }

    /// The next record; none at the end of the file.
    fn next(&mut self) -> io::Result<Option<JsonRecord>> {
        let mut text = None;
        while let Some(byte) = self.byte()? {
            match byte {
                b'"' => text = Some(self.key()?),
                b':' => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.key = text.take();
                    }
                }
                b'{' => {
                    let path = self.path();
                    if (self.is_record)(&path) {
                        return self.record(path).map(Some);
                    }
                    self.open(path)?;
                }
                b'[' => {
                    let path = self.path() + "[]";
                    self.open(path)?;
                }
                b'}' | b']' => drop(self.frames.pop()),
                _ => {}
            }
        }
        Ok(None)
    }

    fn open(&mut self, path: String) -> io::Result<()> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its values nest too deep"));
        }
        self.frames.push(Frame { path, key: None });
        Ok(())
    }

    /// The path of a value that begins here.
    fn path(&self) -> String {
        let Some(frame) = self.frames.last() else { return String::new() };
        match &frame.key {
            Some(key) if !frame.path.is_empty() => format!("{}.{key}", frame.path),
            Some(key) => key.clone(),
            None => frame.path.clone(),
        }
    }

    /// A string outside of records, whose first quotation mark was read. Only its start is kept: keys are short.
    fn key(&mut self) -> io::Result<String> {
        let mut key = Vec::new();
        while let Some(byte) = self.byte()? {
            match byte {
                b'"' => break,
                b'\\' => drop(self.byte()?),
                _ if key.len() < 100 => key.push(byte),
                _ => {}
            }
        }
        Ok(String::from_utf8_lossy(&key).into_owned())
    }

    /// A record, whose first brace was read.
    fn record(&mut self, path: String) -> io::Result<JsonRecord> {
        let mut line = self.line;
        let mut bytes = vec![b'{'];
        let (mut depth, mut in_string, mut is_escaped, mut is_broken) = (1_usize, false, false, false);
        // Whether a line began inside of a string, which is damage.
        let mut begins_line = false;
        while depth > 0 {
            let Some(byte) = self.byte()? else { break };
            if begins_line && byte == b'{' && self.reader.fill_buf()?.first() == Some(&b'"') {
                // The string was never closed, and the next record begins: it is read as if it stood alone.
                is_broken = true;
                (line, bytes) = (self.line, vec![b'{']);
                (depth, in_string, is_escaped, begins_line) = (1, false, false, false);
                continue;
            }
            if bytes.len() < MAX_RECORD {
                bytes.push(byte);
            }
            begins_line = in_string && (byte == b'\n' || begins_line && byte.is_ascii_whitespace());
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if in_string => is_escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth -= 1,
                _ => {}
            }
        }
        let mut repairs = Vec::new();
        if is_broken {
            repairs.push(("records that were never closed", 1));
        }
        let value = if depth > 0 || bytes.len() >= MAX_RECORD { None } else { parse(bytes, &mut repairs) };
        Ok(JsonRecord { path, line, value, repairs })
    }
}

/// Parses an object. Line breaks and halves of characters in strings, which JSON forbids, are repaired.
fn parse(bytes: Vec<u8>, repairs: &mut Vec<(&'static str, u64)>) -> Option<Value> {
    let text = decode(bytes, None, repairs);
    if let Ok(value) = serde_json::from_str(&text) {
        return Some(value);
    }
    let mut repaired = String::with_capacity(text.len() + 16);
    let (mut in_string, mut rest, mut count) = (false, text.as_str(), 0);
    while let Some(at) = rest.find(['"', '\\', '\n', '\r', '\t']) {
        repaired.push_str(&rest[..at]);
        let found = &rest[at..];
        let mut length = 1;
        match found.as_bytes()[0] {
            b'"' => {
                in_string = !in_string;
                repaired.push('"');
            }
            b'\\' => {
                length = 1 + found[1..].chars().next().map_or(0, char::len_utf8);
                let code =
                    |text: &str| text.strip_prefix("\\u").and_then(|hex| u16::from_str_radix(hex.get(..4)?, 16).ok());
                match (code(found), found.get(6..).and_then(code)) {
                    (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => {
                        length = 12;
                        repaired.push_str(&found[..length]);
                    }
                    (Some(0xD800..=0xDFFF), _) => {
                        length = 6;
                        count += 1;
                        repaired.push('\u{FFFD}');
                    }
                    _ if found[1..].starts_with(['"', '\\', '/', 'b', 'f', 'n', 'r', 't', 'u']) => {
                        repaired.push_str(&found[..length]);
                    }
                    _ => {
                        count += 1;
                        repaired.push_str("\\\\");
                        length = 1;
                    }
                }
            }
            control if in_string => {
                count += 1;
                repaired.push_str(match control {
                    b'\n' => "\\n",
                    b'\r' => "\\r",
                    _ => "\\t",
                });
            }
            control => repaired.push(char::from(control)),
        }
        rest = &found[length..];
    }
    repaired.push_str(rest);
    let value = serde_json::from_str(&repaired).ok()?;
    repairs.push(("characters that JSON does not allow in a text", count));
    Some(value)
}

/// The value that some keys lead to: `author.name`.
pub fn value<'v>(value: &'v Value, keys: &str) -> &'v Value {
    keys.split('.').fold(value, |value, key| &value[key])
}

/// A text; empty if there is none. Control characters are no text.
pub fn text(from: &Value, keys: &str) -> String {
    let is_text = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    match value(from, keys) {
        Value::String(text) => text.replace("\r\n", "\n").chars().filter(is_text).collect(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A key of another record: a number or a text. None and zero lead nowhere.
pub fn key(from: &Value, keys: &str) -> Option<String> {
    Some(text(from, keys)).filter(|key| !key.is_empty() && key != "0")
}

/// Whether something is so, as JSON and databases write it.
pub fn is_true(from: &Value, keys: &str) -> bool {
    match value(from, keys) {
        Value::Bool(is_so) => *is_so,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => matches!(text.as_str(), "t" | "true" | "1"),
        _ => false,
    }
}

/// Whether the beginning of a JSON file has a key.
pub fn has_key(head: &str, key: &str) -> bool {
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with(['{', '['])
        && head.split(&format!("\"{key}\"")).skip(1).any(|rest| rest.trim_start().starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::store::Store;

    fn records(json: &[u8], is_record: fn(&str) -> bool) -> (Vec<String>, Store) {
        let mut store = Store::new().expect("a store");
        let mut found = Vec::new();
        let mut reader = io::BufReader::with_capacity(7, json);
        read(&mut reader, is_record, ItemKind::Comments, &mut store, &mut |record, value, _| {
            found.push(format!("{}:{}:{}", record.line, record.path, text(value, "a")));
            Ok(())
        })
        .expect("JSON");
        (found, store)
    }

    #[test]
    fn records_are_found_at_their_paths() {
        let list = |path: &str| path == "[]";
        assert_eq!(
            records(b"[{\"a\":1},\n{\"a\":\"}\\\"{\"}]\n[{\"a\":[{}]}]", list).0,
            ["1:[]:1", "2:[]:}\"{", "3:[]:"]
        );
        assert_eq!(records(b"{\"a\":1}\n{\"a\":2}\n", str::is_empty).0, ["1::1", "2::2"]);
        let deep = b"{\"data\": {\"x\": [1, {\"a\": 1}], \"comments\": [{\"a\": \"y\"}]}}";
        assert_eq!(records(deep, |path| path == "data.comments[]").0, ["1:data.comments[]:y"]);
    }

    #[test]
    fn damage_stays_in_its_record() {
        let list = |path: &str| path == "[]";
        // An open string, a half character, bytes of another encoding, a raw line break, a wrong escape.
        let json =
            b"[{\"a\":\"x},\n{\"a\":\"b\\ud83d\"},\n{\"a\":\"caf\xe9\"},\n{\"a\":\"one\ntwo\"},\n{\"a\":\"c:\\x\"}]";
        let (found, store) = records(json, list);
        assert_eq!(found, ["2:[]:b\u{FFFD}", "3:[]:caf\u{e9}", "4:[]:one\ntwo", "6:[]:c:\\x"]);
        assert!(store.report.repairs.len() >= 3, "{:?}", store.report.repairs);
        for cut in [&b"[{\"a\":1},{\"a\":"[..], b"[{\"a\":1},", b"{\"x\":[{\"a\":1}"] {
            let (_, store) = records(cut, |path| path.ends_with("[]"));
            assert!(store.report.has_losses(), "{}", String::from_utf8_lossy(cut));
        }
        let deep = "[".repeat(1_000_000);
        let mut store = Store::new().expect("a store");
        let read = read(&mut deep.as_bytes(), list, ItemKind::Comments, &mut store, &mut |_, _, _| Ok(()));
        assert!(read.is_err());
        let nested = format!("[{}{}, {{\"a\":2}}]", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        assert_eq!(records(nested.as_bytes(), list).0, ["1:[]:2"]);
    }
}
