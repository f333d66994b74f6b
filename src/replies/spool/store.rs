use std::fmt::Debug;
use std::io;

use crate::source::{FileMetadata, Fingerprint};

/// Where the objects of a spool are. What it says is done is on stable storage.
///
/// Calls wait for a disk or a network: a server makes them off its event loop.
pub trait Store: Debug + Send + Sync {
    /// Makes an object.
    ///
    /// # Errors
    /// `AlreadyExists` if there is one of that name. With any error there may be a new object or none, but no part of one.
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// An object's bytes, and which version that is.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    fn read(&self, name: &str) -> io::Result<(Vec<u8>, Version)>;

    /// Reads many objects, in their order. A store that is far away reads many at once.
    fn read_all(&self, names: &[String]) -> Vec<io::Result<(Vec<u8>, Version)>> {
        names.iter().map(|name| self.read(name)).collect()
    }

    /// What tells whether an object has changed, without reading it; none if the store cannot tell.
    fn metadata(&self, _name: &str) -> Option<FileMetadata> {
        None
    }

    /// Puts other bytes into an object, if it is still this version. None if it is another.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    fn replace(&self, name: &str, bytes: &[u8], version: &Version) -> io::Result<Option<Version>>;

    /// Removes an object. One that is not there is removed already.
    ///
    /// # Errors
    /// The system refused.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// The names of all objects, in any order.
    ///
    /// # Errors
    /// They cannot be listed.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Whether objects can be made at the moment. A store that is asked for the first time shows that it keeps its promises.
    ///
    /// # Errors
    /// Why not.
    fn probe(&self) -> io::Result<()>;
}

/// A version of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// By its bytes.
    Bytes(Fingerprint),
    /// As a bucket calls it: its entity tag and version.
    Bucket(Option<String>, Option<String>),
}
