//! What every part of the inbox server shares.

use std::sync::{Arc, Mutex, OnceLock};
use std::thread::Thread;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::app_state::AppState;
use super::log;
use super::mention_queue::MentionQueue;
use super::origins::Origins;
use crate::http::body::BodyQuota;
use crate::locks::lock;
use crate::replies::{DecisionOutcome, Refusal};

/// How many requests may use the disk at once. Each needs a few open files.
const MAX_DISK_REQUESTS: usize = 6;

/// How many threads use the disk: those of requests, and two for health checks, tidying and publishing. Each thread keeps
/// some memory.
pub const THREADS: usize = MAX_DISK_REQUESTS + 2;

/// The state of the inbox server.
pub struct ServerState {
    /// The site, its replies and the key.
    pub app: AppState,
    /// The pages that may send requests, and the hosts of this server.
    pub origins: Origins,
    /// The address that the reply form posts to, as the site states it.
    pub endpoint: String,
    /// The memory for bodies whose requests are still in progress.
    pub(super) body_quota: BodyQuota,
    /// The Webmentions whose sources are to be looked at.
    pub(super) mentions: MentionQueue,
    disk_requests: Semaphore,
    /// Approvals of trusted writers that another thread, which is publishing now, publishes next. `None`: no thread is.
    unpublished: Mutex<Option<Vec<DecisionOutcome>>>,
    /// The thread that notifies the author of new replies, if there is one.
    notifier: OnceLock<Thread>,
}

impl ServerState {
    /// The state of a server for a form that posts to `endpoint`.
    pub fn new(app: AppState, origins: Origins, endpoint: String) -> Self {
        Self {
            app,
            origins,
            endpoint,
            body_quota: BodyQuota::default(),
            mentions: MentionQueue::default(),
            disk_requests: Semaphore::new(MAX_DISK_REQUESTS),
            unpublished: Mutex::default(),
            notifier: OnceLock::new(),
        }
    }

    /// Publishes the approval of a trusted writer's reply. If another thread is publishing, that thread publishes it next.
    pub(super) fn publish(&self, approval: DecisionOutcome) {
        let mut next = match &mut *lock(&self.unpublished) {
            Some(unpublished) => return unpublished.push(approval),
            idle => {
                *idle = Some(Vec::new());
                vec![approval]
            }
        };
        while !next.is_empty() {
            for problem in self.app.publish(&next) {
                log::error("publish", problem.message);
            }
            let mut unpublished = lock(&self.unpublished);
            next = unpublished.take().unwrap_or_default();
            if !next.is_empty() {
                *unpublished = Some(Vec::new());
            }
        }
    }

    /// Sets the thread that notifies the author.
    pub(super) fn set_notifier(&self, thread: Thread) {
        // The thread is started once.
        let _ = self.notifier.set(thread);
    }

    /// Wakes the thread that notifies the author.
    pub(super) fn wake_notifier(&self) {
        self.notifier.get().inspect(|notifier| notifier.unpark());
    }

    /// The path of the endpoint, which may be on another host than the site.
    pub(super) fn endpoint_path(&self) -> &str {
        match self.endpoint.split_once("://") {
            Some((_, rest)) => {
                rest.find('/').map_or("/", |start| &rest[start..]).split(['?', '#']).next().unwrap_or("/")
            }
            None => &self.endpoint,
        }
    }

    /// The address of a resource below the endpoint.
    pub(super) fn below_endpoint(&self, name: &str) -> String {
        let base = self.endpoint.split(['?', '#']).next().unwrap_or_default();
        format!("{}/{name}", base.trim_end_matches('/'))
    }

    /// Runs work that may wait for the disk, on a thread where it delays no other request.
    pub(super) async fn run_blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        // The semaphore is never closed.
        let _permit = self.disk_requests.acquire().await;
        let state = Arc::clone(self);
        spawn_blocking(move || work(&state)).await.unwrap_or(Err(Refusal::StorageFailed))
    }
}
