//! The inbox: the server that takes readers' replies, and what runs after a decision about one.
//!
//! It serves no file of the site. [`AppState`] is what it works with, [`serve`] how it is reached.

mod admission;
mod app_state;
mod connections;
mod log;
pub mod mail;
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

/// The port where the inbox listens if nobody says another one.
pub const PORT: u16 = 8377;

/// So many connections wait for a request of theirs to come. With them goes a file each, of which a process mostly has 1,024.
pub const CONNECTIONS: usize = 512;

/// How often old decisions are forgotten.
const TIDY: Duration = Duration::from_secs(3600);

/// Serves until `shutdown` is done; then answers on their way are still given.
///
/// # Errors
/// The listener fails for good, or the system gives no thread. Connections that fail are no error.
pub async fn serve(
    listener: TcpListener,
    state: Arc<ServerState>,
    connections: usize,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    moderate::notifier::start(&state)?;
    let (stop, stopping) = watch::channel(false);
    let tidied = Arc::clone(&state);
    let tidying = tokio::spawn(async move {
        loop {
            tokio::time::sleep(TIDY).await;
            let state = Arc::clone(&tidied);
            let _ = spawn_blocking(move || state.app.tidy()).await;
        }
    });
    let aging = Arc::clone(&state);
    let following = tokio::spawn(async move {
        let mut rest = Duration::ZERO;
        loop {
            tokio::time::sleep(rest).await;
            let state = Arc::clone(&aging);
            rest = spawn_blocking(move || state.app.reload_if_outdated()).await.unwrap_or(TIDY);
        }
    });
    tokio::spawn(async move {
        shutdown.await;
        stop.send_replace(true);
    });
    let served = connections::serve(listener, router::router(state), connections, stopping).await;
    tidying.abort();
    following.abort();
    served
}
