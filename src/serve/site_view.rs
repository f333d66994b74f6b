//! The interface between the server and the site that it shows.

use std::fs::File;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use crate::diagnostic::Diagnostic;
use crate::replies::{Refusal, Submission};
use crate::source::Fingerprint;

/// The site that the preview shows, as it is at the moment.
///
/// Calls may take long, so the server makes them outside its event loop. Output paths are relative to the output
/// folder, such as `posts/tea/index.html`.
pub trait SiteView: Send + Sync + 'static {
    /// Returns an output, or `None` if the plan has no such output. While the site has errors, this is the last good version.
    ///
    /// # Errors
    /// The output cannot be rendered, and there is no good version.
    fn output(&self, path: &str) -> Option<Result<ServedOutput, Vec<Diagnostic>>>;

    /// Returns the fingerprint of an output. The server needs it at every change, for every file of every open page, so a site
    /// view should know it without reading a large file again.
    fn fingerprint(&self, path: &str) -> Option<Result<Fingerprint, Vec<Diagnostic>>> {
        self.output(path).map(|output| output.map(|shown| shown.fingerprint))
    }

    /// The current problems that the author must see.
    fn problems(&self) -> Arc<[Diagnostic]>;

    /// A number that grows whenever the site or its problems change.
    fn version(&self) -> watch::Receiver<u64>;

    /// The path of the site's base URL, with a slash at both ends: mostly `/`, and `/blog/` for a site below a folder.
    fn base_path(&self) -> String;

    /// The host that requests may name besides this computer, perhaps with a port. `None`: no other host.
    fn trusted_host(&self) -> Option<String> {
        None
    }

    /// The origin of the addresses on its pages, such as `http://127.0.0.1:1111`. `None`: any origin.
    fn origin(&self) -> Option<String> {
        None
    }

    /// The path that the reply form posts to, if it posts to this server.
    fn endpoint(&self) -> Option<String>;

    /// The networks on which the page at a path is discussed.
    fn discussed_on(&self, _path: &str) -> Vec<&'static str> {
        Vec::new()
    }

    /// Brings in the replies from these networks. Returns a line for the author.
    ///
    /// # Errors
    /// Why nothing was brought in, as a line for the author.
    fn gather(&self, _path: &str) -> Result<String, String> {
        Err("This page has no [discussions].".to_owned())
    }

    /// Writes a reply into the site.
    fn reply(&self, submission: &Submission) -> ReplyOutcome;
}

/// An output that can be served.
#[derive(Clone, Debug)]
pub struct ServedOutput {
    /// The file as the build would write it.
    pub contents: Contents,
    /// A fingerprint of the bytes.
    pub fingerprint: Fingerprint,
}

/// The bytes of an output.
#[derive(Clone, Debug)]
pub enum Contents {
    /// Bytes in memory.
    Bytes(Bytes),
    /// A file that is read while it is sent.
    File {
        /// The open file.
        file: Arc<File>,
        /// Its size in bytes.
        size: u64,
    },
}

impl Contents {
    /// The number of bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { size, .. } => *size,
        }
    }
}

impl<B: Into<Bytes>> From<B> for Contents {
    fn from(bytes: B) -> Self {
        Self::Bytes(bytes.into())
    }
}

/// The outcome of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyOutcome {
    /// The reply was written.
    Accepted {
        /// The path of the page on this server, with the comment's anchor: `/posts/tea/#comment-7`.
        location: String,
        /// A message for the writer.
        message: String,
    },
    /// The reply was not written.
    Refused {
        /// The HTTP status, from 400 to 599.
        status: u16,
        /// A message that explains the refusal to the writer.
        message: String,
    },
}

impl From<Refusal> for ReplyOutcome {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { status: refusal.status(), message: refusal.to_string() }
    }
}
