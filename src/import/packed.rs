//! Files as they come: in gzip, in zip archives, in UTF-16. What a reader gets is the text in them.
//!
//! Nothing is unpacked to a path that an archive names, and memory does not grow with a file. What unpacks to much more than
//! it can honestly hold is an attack, and ends.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use encoding_rs::{CoderResult, Decoder, Encoding};
use flate2::bufread::MultiGzDecoder;
use zip::ZipArchive;

use super::records::declared_encoding;

/// So much of a file decides what it is.
const HEAD: usize = 1 << 14;

/// Archives in archives go no deeper.
const MAX_DEPTH: u32 = 3;

/// An archive unpacks to no more than this many times its size, and [`SPARE`] on top of that. Text packs ten to one, a bomb a
/// thousand to one.
const MAX_RATIO: u64 = 200;
const SPARE: u64 = 256 << 20;

/// An archive of more files is no export.
const MAX_MEMBERS: usize = 100_000;

/// A file, or one in an archive.
pub struct Input<'a> {
    /// Its name, for messages.
    pub name: String,
    /// How it begins.
    pub head: String,
    /// Its text.
    pub reader: &'a mut dyn BufRead,
}

/// Opens a file, and hands over each file in it. Returns what could not be unpacked.
pub fn open(path: &Path, take: &mut dyn FnMut(Input<'_>) -> io::Result<()>) -> io::Result<Vec<String>> {
    let file = File::open(path)?;
    let budget = file.metadata()?.len().saturating_mul(MAX_RATIO).saturating_add(SPARE);
    let mut unpacker = Unpacker { budget: Rc::new(Cell::new(budget)), damage: Vec::new(), take };
    unpacker.unpack(path.display().to_string(), Packed::File(file), 0)?;
    Ok(unpacker.damage)
}

/// Bytes that may be an archive.
enum Packed<'a> {
    File(File),
    Stream(&'a mut dyn Read),
}

struct Unpacker<'t> {
    budget: Rc<Cell<u64>>,
    damage: Vec<String>,
    take: &'t mut dyn FnMut(Input<'_>) -> io::Result<()>,
}

impl Unpacker<'_> {
    fn unpack(&mut self, name: String, packed: Packed<'_>, depth: u32) -> io::Result<()> {
        let (file, mut stream): (Option<File>, Box<dyn Read + '_>) = match packed {
            Packed::File(file) => (Some(file.try_clone()?), Box::new(file)),
            Packed::Stream(stream) => (None, Box::new(stream)),
        };
        let mut head = Vec::with_capacity(HEAD);
        (&mut stream).take(HEAD as u64).read_to_end(&mut head)?;
        let is_zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
        let is_gzip = head.starts_with(&[0x1f, 0x8b]);
        if (is_zip || is_gzip) && depth >= MAX_DEPTH {
            self.damage.push(format!("{name}: it is packed too often"));
            return Ok(());
        }
        if is_zip {
            let file = match file {
                Some(file) => file,
                // An archive is read from its end, so one in another needs a file of its own.
                None => {
                    let mut file = tempfile::tempfile()?;
                    io::copy(&mut Cursor::new(head).chain(stream), &mut file)?;
                    file
                }
            };
            return self.archive(&name, file, depth);
        }
        let encoding = encoding(&head);
        let mut whole = BufReader::with_capacity(1 << 18, Cursor::new(head).chain(stream));
        if is_gzip {
            let mut unpacked = self.bounded(MultiGzDecoder::new(whole));
            self.unpack(name.clone(), Packed::Stream(&mut unpacked), depth + 1)?;
            self.note(&name, unpacked.problem);
            return Ok(());
        }
        match encoding {
            Some(encoding) => {
                let decoded = Transcoder { input: whole, decoder: encoding.new_decoder(), is_done: false };
                self.hand_over(name, &mut BufReader::with_capacity(1 << 18, decoded))
            }
            None => self.hand_over(name, &mut whole),
        }
    }

    fn hand_over(&mut self, name: String, reader: &mut dyn BufRead) -> io::Result<()> {
        let mut head = Vec::with_capacity(HEAD);
        (&mut *reader).take(HEAD as u64).read_to_end(&mut head)?;
        let text = String::from_utf8_lossy(&head).into_owned();
        let mut whole = Cursor::new(head).chain(reader);
        (self.take)(Input { name, head: text, reader: &mut whole })
    }

    /// The files of a zip archive, each by itself.
    fn archive(&mut self, name: &str, mut file: File, depth: u32) -> io::Result<()> {
        file.seek(SeekFrom::Start(0))?;
        let mut archive = match ZipArchive::new(BufReader::new(file)) {
            Ok(archive) if archive.len() <= MAX_MEMBERS => archive,
            Ok(_) => {
                self.note(name, Some("it holds too many files".to_owned()));
                return Ok(());
            }
            Err(error) => {
                self.note(name, Some(error.to_string()));
                return Ok(());
            }
        };
        // Folders, and what systems put beside the files that somebody packed.
        let is_hidden = |part: &str| part.starts_with(['.', '_']) && part != "..";
        let is_ignored = |name: &str| name.ends_with('/') || name.split('/').any(is_hidden);
        for number in 0..archive.len() {
            let member = match archive.name_for_index(number) {
                Some(Ok(member)) => member.into_owned(),
                _ => format!("file {number}"),
            };
            if is_ignored(&member) {
                continue;
            }
            let shown = format!("{name}: {}", member.escape_default());
            match archive.by_index(number) {
                Ok(entry) => {
                    let mut unpacked = self.bounded(entry);
                    self.unpack(shown.clone(), Packed::Stream(&mut unpacked), depth + 1)?;
                    self.note(&shown, unpacked.problem);
                }
                Err(error) => self.note(&shown, Some(error.to_string())),
            }
        }
        Ok(())
    }

    fn bounded<R: Read>(&self, inner: R) -> LimitedReader<R> {
        LimitedReader { inner, budget: Rc::clone(&self.budget), problem: None }
    }

    /// Remembers what was wrong with an archive. What could be unpacked of it was read.
    fn note(&mut self, name: &str, problem: Option<String>) {
        self.damage.extend(problem.map(|problem| format!("{name}: {problem}")));
    }
}

/// Unpacked bytes. Where they are damaged, or too many, they end early.
struct LimitedReader<R> {
    inner: R,
    budget: Rc<Cell<u64>>,
    problem: Option<String>,
}

impl<R: Read> Read for LimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.problem.is_some() {
            return Ok(0);
        }
        let count = match self.inner.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.problem = Some(format!("the archive is damaged: {error}"));
                return Ok(0);
            }
            result => result?,
        };
        if let Some(left) = self.budget.get().checked_sub(count as u64) {
            self.budget.set(left);
            return Ok(count);
        }
        self.problem = Some("it unpacks to far more than its size; unpack it by hand if you trust it".to_owned());
        Ok(0)
    }
}

/// The encoding of a text in which ASCII characters are not single bytes; none for all others, which readers know themselves.
fn encoding(head: &[u8]) -> Option<&'static Encoding> {
    let is_first = |byte: u8| matches!(byte, b'<' | b'{' | b'[' | b' ' | b'\r' | b'\n' | b'\t');
    match head {
        [0xff, 0xfe, ..] => return Some(encoding_rs::UTF_16LE),
        [0xfe, 0xff, ..] => return Some(encoding_rs::UTF_16BE),
        [first, 0, second, 0, ..] if is_first(*first) && *second != 0 => return Some(encoding_rs::UTF_16LE),
        [0, first, 0, second, ..] if is_first(*first) && *second != 0 => return Some(encoding_rs::UTF_16BE),
        _ => {}
    }
    let declaration = String::from_utf8_lossy(&head[..head.len().min(200)]);
    let encoding = Encoding::for_label(declared_encoding(&declaration)?.as_bytes())?;
    // The declaration itself was ASCII, so the file is not UTF-16, whatever it says.
    let is_wide = encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE;
    (!encoding.is_ascii_compatible() && !is_wide).then_some(encoding)
}

/// Text as UTF-8.
struct Transcoder<R> {
    input: R,
    decoder: Decoder,
    is_done: bool,
}

impl<R: BufRead> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A character needs up to four bytes. The buffered reader around this one has more.
        while !self.is_done && buffer.len() >= 4 {
            let chunk = self.input.fill_buf()?;
            let is_last = chunk.is_empty();
            let (result, read, written, _) = self.decoder.decode_to_utf8(chunk, buffer, is_last);
            self.input.consume(read);
            self.is_done = is_last && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}
