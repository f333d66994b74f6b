use std::sync::Arc;

use tokio::sync::watch;

use crate::diagnostic::Diagnostic;
use crate::source::Fingerprint;

/// What the preview shows: the site as it is at the moment. Calls may take long: the server makes them off its event
/// loop.
pub trait Stage: Send + Sync + 'static {
    /// An output's bytes, by its path relative to the output folder, such as `posts/tea/index.html`. None: there is no
    /// such output. When the site is broken, it is the last good version.
    fn output(&self, path: &str) -> Option<Result<Shown, Vec<Diagnostic>>>;

    /// The problems that the author must see now; empty when all is well.
    fn problems(&self) -> Arc<[Diagnostic]>;

    /// Counts up whenever the site or its problems changed.
    fn version(&self) -> watch::Receiver<u64>;

    /// The path part of the site's address, with a slash at its end: `/` mostly, `/blog/` for a site below a folder.
    fn base_path(&self) -> String;

    /// Where the reply form posts, if to this server.
    fn endpoint(&self) -> Option<String>;

    /// Takes a reply: the body of a form post (`application/x-www-form-urlencoded`).
    fn reply(&self, form: &[u8]) -> ReplyAnswer;
}

/// An output as it is shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its bytes.
    pub bytes: bytes::Bytes,
    /// Their fingerprint.
    pub fingerprint: Fingerprint,
}

/// What became of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyAnswer {
    /// It was written. The place where it is shown: the path of the page, with `#comment-ID`.
    Accepted {
        /// The place.
        location: String,
    },
    /// It was not, and nothing was written.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why, in a sentence for the reader.
        message: String,
    },
}
