//! What the guard has learned. It lies beside the replies, so that whoever shares these shares it too.

use std::io;

use super::Spool;
use crate::replies::guard::{Model, ModelError};

/// The name of its object.
const OBJECT_NAME: &str = "learned";

/// So often a change is tried while others make theirs.
const MAX_ATTEMPTS: usize = 16;

impl Spool {
    /// What the guard has learned so far, and what is wrong with it if it had to be left aside.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn guard_model(&self) -> io::Result<(Model, Option<ModelError>)> {
        match self.store.read(OBJECT_NAME) {
            Ok((bytes, _)) => Ok(Model::from_bytes(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Model::default(), None)),
            Err(error) => Err(error),
        }
    }

    /// Changes what the guard has learned. Of two who do it at the same time, one does it after the other.
    ///
    /// # Errors
    /// It is as it was.
    pub fn update_guard_model(&self, update: impl Fn(&mut Model)) -> io::Result<Option<ModelError>> {
        for _ in 0..MAX_ATTEMPTS {
            let stored = match self.store.read(OBJECT_NAME) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                result => Some(result?),
            };
            let (mut model, unreadable) =
                stored.as_ref().map_or_else(Default::default, |(bytes, _)| Model::from_bytes(bytes));
            update(&mut model);
            let bytes = model.to_bytes();
            let is_written = match &stored {
                Some((_, version)) => self.store.replace(OBJECT_NAME, &bytes, version)?.is_some(),
                None => match self.store.create(OBJECT_NAME, &bytes) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
                    result => result.map(|()| true)?,
                },
            };
            if is_written {
                return Ok(unreadable);
            }
        }
        Err(io::Error::other("others change it again and again"))
    }
}
