//! The inbox: the server that accepts readers' replies, and what runs after a decision about a reply.
//!
//! It serves no file of the site. [`AppState`] holds the site and its replies; [`serve`] runs the server.

mod admission;
mod app_state;
mod connections;
mod log;
pub mod mail;
mod mention_queue;
mod mentions;
mod moderate;
mod origins;
mod publish;
mod response;
mod router;
mod sender;
mod state;
mod writer;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

pub use app_state::{AppState, find_moved};
pub use moderate::sign_in_link;
pub use origins::Origins;
pub use publish::Publisher;
pub use state::{ServerState, THREADS};

/// The default port of the inbox.
pub const PORT: u16 = 8377;

/// The default number of connections that may wait with a request. Each needs a file, and most systems allow a process 1,024.
pub const CONNECTIONS: usize = 512;

/// How often old decisions are removed.
const TIDY_INTERVAL: Duration = Duration::from_secs(3600);

/// Serves until `shutdown` completes, and then finishes the responses in progress.
///
/// # Errors
/// The listener fails for good, or the system starts no thread. A connection that fails is not an error.
pub async fn serve(
    listener: TcpListener,
    state: Arc<ServerState>,
    connections: usize,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    moderate::notifier::start(&state)?;
    mention_queue::start(&state)?;
    let (stop, stopping) = watch::channel(false);
    let shared = Arc::clone(&state);
    let tidy_task = tokio::spawn(async move {
        loop {
            tokio::time::sleep(TIDY_INTERVAL).await;
            let state = Arc::clone(&shared);
            let work = move || {
                // It looks at decisions, which the other forgets in the end.
                mention_queue::tidy(&state);
                state.app.tidy();
            };
            let _ = spawn_blocking(work).await;
        }
    });
    let shared = Arc::clone(&state);
    let reload_task = tokio::spawn(async move {
        let mut delay = Duration::ZERO;
        loop {
            tokio::time::sleep(delay).await;
            let state = Arc::clone(&shared);
            delay = spawn_blocking(move || state.app.reload_if_outdated()).await.unwrap_or(TIDY_INTERVAL);
        }
    });
    tokio::spawn(async move {
        shutdown.await;
        stop.send_replace(true);
    });
    let result = connections::serve(listener, router::router(state), connections, stopping).await;
    tidy_task.abort();
    reload_task.abort();
    result
}
