//! Data on other servers, each loaded once in a build.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Library;
use crate::fetch::{CacheMode, CachedClient, ErrorKind, FetchError, Method, Request, Response, printable};
use crate::source::Fingerprint;

/// A request that a template makes, as a build remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RemoteData {
    /// The address.
    pub url: String,
    /// The headers in their order.
    pub headers: Vec<(String, String)>,
    /// What is sent, if something is.
    pub post: Option<String>,
}

impl RemoteData {
    /// The URL as it may be printed.
    pub fn printable_url(&self) -> String {
        printable(&self.url)
    }

    /// The request.
    ///
    /// # Errors
    /// The URL or a header is wrong.
    pub fn request(&self) -> Result<Request, FetchError> {
        let method = if self.post.is_some() { Method::Post } else { Method::Get };
        let request = self
            .headers
            .iter()
            .try_fold(Request::new(method, &self.url)?, |request, (name, value)| request.header(name, value))?;
        Ok(request.body(self.post.clone().unwrap_or_default().into_bytes()))
    }
}

impl Library {
    /// Says how data is loaded from other servers. Without it nothing is kept, and only public hosts are requested.
    pub fn load_remote_data_with(&self, client: Arc<CachedClient>) {
        let _ = self.remote.set(client);
    }

    fn remote_client(&self) -> &CachedClient {
        self.remote.get_or_init(|| {
            let config = &self.site.config.fetch;
            Arc::new(CachedClient::new(&config.private_hosts, None, CacheMode::default()))
        })
    }

    /// Loads data from another server, unless this build already has.
    ///
    /// # Errors
    /// The request is wrong or failed.
    pub(super) fn remote_data(&self, data: &RemoteData) -> Result<Arc<Response>, FetchError> {
        self.remote_client().load(&data.request()?.limits(self.site.config.fetch.limits))
    }

    /// The fingerprint of data on another server. It is loaded for that.
    pub(super) fn remote_fingerprint(&self, data: &RemoteData) -> Fingerprint {
        fingerprint_of(&self.remote_data(data))
    }

    /// The fingerprint of the response to a request that is not remembered: of what this build has loaded. Before that nothing is
    /// equal to it.
    pub(super) fn private_fingerprint(&self, request: Fingerprint) -> Fingerprint {
        self.remote_client().outcome(request).map_or(Fingerprint(0), |outcome| fingerprint_of(&outcome))
    }
}

fn fingerprint_of(outcome: &Result<Arc<Response>, FetchError>) -> Fingerprint {
    match outcome {
        Ok(response) => {
            // The media type says in which encoding the text is.
            let content_type = response.header("content-type");
            Fingerprint::of(format!("{content_type:?} {}", Fingerprint::of(&response.body)).as_bytes())
        }
        Err(error) => Fingerprint::of(format!("{:?}", error.kind).as_bytes()),
    }
}

/// Whether a failure means that the data is missing, and not that the request is wrong.
pub fn is_missing(error: &FetchError) -> bool {
    !matches!(error.kind, ErrorKind::Request | ErrorKind::Refused)
}
