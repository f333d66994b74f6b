//! What the guard has learned. It lies beside the replies, so that whoever shares these shares it too.

use std::io;

use super::Spool;
use crate::replies::guard::{Model, ModelError};

/// The name of its object.
const NAME: &str = "learned";

/// So often a change is tried while others make theirs.
const TRIES: usize = 16;

impl Spool {
    /// What the guard has learned so far, and what is wrong with it if it had to be left aside.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn learned(&self) -> io::Result<(Model, Option<ModelError>)> {
        match self.store.read(NAME) {
            Ok((bytes, _)) => Ok(Model::from_bytes(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Model::default(), None)),
            Err(error) => Err(error),
        }
    }

    /// Changes what the guard has learned. Of two who do it at the same time, one does it after the other.
    ///
    /// # Errors
    /// It is as it was.
    pub fn teach(&self, lesson: impl Fn(&mut Model)) -> io::Result<Option<ModelError>> {
        for _ in 0..TRIES {
            let read = match self.store.read(NAME) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                read => Some(read?),
            };
            let (mut model, unreadable) = read.as_ref().map_or_else(Default::default, |(it, _)| Model::from_bytes(it));
            lesson(&mut model);
            let bytes = model.to_bytes();
            let is_kept = match &read {
                Some((_, version)) => self.store.replace(NAME, &bytes, version)?.is_some(),
                None => match self.store.create(NAME, &bytes) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
                    created => created.map(|()| true)?,
                },
            };
            if is_kept {
                return Ok(unreadable);
            }
        }
        Err(io::Error::other("others change it again and again"))
    }
}
