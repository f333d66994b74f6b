//! The files of a site, as the compiler sees them.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};

use grass::Fs;

use super::compiler::Outcome;
use crate::diagnostic::Diagnostic;
use crate::source::{World, plain_path, read_text};

/// What the thread of the compiler sends to the one that waits for it.
pub(super) enum Message {
    /// The compiler asks whether there is a file.
    IsFile(String, Sender<bool>),
    /// The compiler reads a file.
    Read(String, Sender<Vec<u8>>),
    /// The compiler has finished.
    Done(Outcome),
    /// The compiler calls itself without end.
    TooDeep,
}

/// What a compilation read, and what came of it.
#[derive(Default)]
pub(super) struct ServedFiles {
    /// Every file that was looked for.
    pub files: BTreeSet<String>,
    /// Why the first file could not be read that could not.
    pub unreadable: Option<Diagnostic>,
}

impl ServedFiles {
    /// Answers the compiler until it ends. None if it ends with a panic.
    pub fn serve(
        &mut self,
        messages: &Receiver<Message>,
        world: &dyn World,
        is_file: &dyn Fn(&str) -> bool,
    ) -> Option<Message> {
        loop {
            // A compiler that asks waits for the answer.
            match messages.recv().ok()? {
                Message::IsFile(path, answer) => {
                    let _ = answer.send(is_file(&path));
                    self.files.insert(path);
                }
                Message::Read(path, answer) => {
                    let _ = answer.send(self.read(world, &path));
                    self.files.insert(path);
                }
                end => return Some(end),
            }
        }
    }

    /// An error here would be a panic of the compiler if the file is an import. So an unreadable file is an empty one for the
    /// compiler, and the error is kept.
    fn read(&mut self, world: &dyn World, path: &str) -> Vec<u8> {
        match read_text(world, path) {
            Ok(source) => source.text.as_bytes().to_vec(),
            Err(problem) => {
                self.unreadable.get_or_insert(problem);
                Vec::new()
            }
        }
    }
}

/// A file system that holds the site and nothing else. Another thread reads the files.
#[derive(Debug)]
pub(super) struct SiteFiles(pub Sender<Message>);

impl SiteFiles {
    fn ask<T>(&self, message: impl FnOnce(Sender<T>) -> Message) -> Option<T> {
        let (answer, received) = mpsc::channel();
        self.0.send(message(answer)).ok()?;
        received.recv().ok()
    }
}

/// A path from the root of the site; none if it leads elsewhere.
fn site_path(path: &Path) -> Option<String> {
    let path = path.to_str()?.replace(std::path::MAIN_SEPARATOR, "/");
    if path.starts_with('/') || Path::new(&path).is_absolute() {
        return None;
    }
    plain_path(&path)
}

impl Fs for SiteFiles {
    /// Any place may be a folder. The compiler then looks for index files there, so that those become dependencies.
    fn is_dir(&self, path: &Path) -> bool {
        site_path(path).is_some()
    }

    fn is_file(&self, path: &Path) -> bool {
        let Some(path) = site_path(path) else { return false };
        self.ask(|answer| Message::IsFile(path, answer)).unwrap_or(false)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let Some(path) = site_path(path) else { return Ok(Vec::new()) };
        Ok(self.ask(|answer| Message::Read(path, answer)).unwrap_or_default())
    }

    /// One file has one path, so that the compiler recognizes an import circle.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        site_path(path).map(PathBuf::from).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
