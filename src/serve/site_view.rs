//! The seam between the server and the site that it shows.

use std::fs::File;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use crate::diagnostic::Diagnostic;
use crate::replies::{Refusal, Submission};
use crate::source::Fingerprint;

/// What the preview shows: the site as it is at the moment.
///
/// Calls may take long, so that the server makes them off its event loop. Output paths are relative to the output
/// folder, such as `posts/tea/index.html`.
pub trait SiteView: Send + Sync + 'static {
    /// An output's bytes; none where the plan has no such output. While the site is broken it is the last good version.
    ///
    /// # Errors
    /// What keeps the output from being made, where there is no good version either.
    fn output(&self, path: &str) -> Option<Result<ServedOutput, Vec<Diagnostic>>>;

    /// The fingerprint that [`SiteView::output`] would give. Open pages ask for it at every change, for every file that
    /// they use, so that a site view should know it without reading a large file again.
    fn fingerprint(&self, path: &str) -> Option<Result<Fingerprint, Vec<Diagnostic>>> {
        self.output(path).map(|output| output.map(|shown| shown.fingerprint))
    }

    /// The problems that the author must see now; empty when all is well.
    fn problems(&self) -> Arc<[Diagnostic]>;

    /// Counts up whenever the site or its problems changed.
    fn version(&self) -> watch::Receiver<u64>;

    /// The path of the site's base URL, with a slash at both ends: mostly `/`, and `/blog/` for a site below a folder.
    fn base_path(&self) -> String;

    /// The origin that the addresses on its pages have, such as `http://127.0.0.1:1111`; none: any.
    fn origin(&self) -> Option<String> {
        None
    }

    /// The path that the reply form posts to, if it posts to this server.
    fn endpoint(&self) -> Option<String>;

    /// Takes a reply.
    fn reply(&self, sent: &Submission) -> ReplyAnswer;
}

/// An output, ready to be shown.
#[derive(Clone, Debug)]
pub struct ServedOutput {
    /// The file as the build would write it.
    pub contents: Contents,
    /// Changes whenever the bytes do.
    pub fingerprint: Fingerprint,
}

/// The bytes of an output.
#[derive(Clone, Debug)]
pub enum Contents {
    /// They are in memory.
    Bytes(Bytes),
    /// They are read when they are sent.
    File {
        /// The open file.
        file: Arc<File>,
        /// Its size in bytes.
        size: u64,
    },
}

impl Contents {
    /// How many bytes there are.
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

/// What became of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyAnswer {
    /// It was written.
    Accepted {
        /// The path of the page on this server, with the comment's anchor: `/posts/tea/#comment-7`.
        location: String,
        /// What its writer is told.
        message: String,
    },
    /// Nothing was written.
    Refused {
        /// The HTTP status, from 400 to 599.
        status: u16,
        /// What is wrong with it, in words for whoever wrote it.
        message: String,
    },
}

impl From<Refusal> for ReplyAnswer {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { status: refusal.status(), message: refusal.to_string() }
    }
}
