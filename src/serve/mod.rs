//! The preview: an HTTP server that shows a [`SiteView`], and keeps open pages up to date with it.
//!
//! [`Preview`] is the stage that the author's own site is on, and [`watch()`] tells it when to look again.
//!
//! The server reads no file: whatever it serves is an output that the stage knows. Besides these there are two addresses of its
//! own, `/-/live.js` and `/-/live`, through which open pages hear of changes and problems.

mod host;
mod live;
mod live_script;
mod pages;
mod path;
mod preview;
mod range;
mod reply;
mod response;
mod router;
mod site_view;
mod state;
mod watch;

use std::future::{Future, IntoFuture};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch as signal;

use self::state::ServerState;
pub use preview::Preview;
pub use site_view::{Contents, ReplyAnswer, ServedOutput, SiteView};
pub use watch::{Watcher, watch};

/// The port where the preview is looked for first.
pub const PORT: u16 = 1111;

/// How many ports after [`PORT`] are tried.
const MORE_PORTS: u16 = 100;

/// How long answers on their way may take once the server is to end. Browsers hold connections open that they have not
/// used yet, and nobody wants to wait for these.
const GRACE: Duration = Duration::from_millis(500);

/// Takes a port of an interface: the one that was asked for, or the first free one from [`PORT`].
///
/// # Errors
/// The port that was asked for is taken, every port that was tried is, or the interface is not one of this machine.
pub async fn bind(interface: IpAddr, port: Option<u16>) -> io::Result<TcpListener> {
    if let Some(port) = port {
        return TcpListener::bind((interface, port)).await;
    }
    for port in PORT..PORT + MORE_PORTS {
        match TcpListener::bind((interface, port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            result => return result,
        }
    }
    TcpListener::bind((interface, PORT + MORE_PORTS)).await
}

/// Shows a stage until `shutdown` is done. Then open event streams end, answers on their way get half a second, and it
/// returns. Calls to the stage that take longer go on in the runtime's blocking threads; a runtime waits for these when
/// it is dropped, unless it is ended with `shutdown_background`.
///
/// `interface` is what was given to [`bind`]: the only address, besides the loopback's, by which the server lets itself
/// be called.
///
/// # Errors
/// The listener fails for good. Connections that fail are no error.
pub async fn serve(
    listener: TcpListener,
    view: Arc<dyn SiteView>,
    interface: IpAddr,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopping) = signal::channel(false);
    let mut late = stopping.clone();
    let state = Arc::new(ServerState { view, interface, stopping });
    // Events are small and should not wait for more.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let served = axum::serve(listener, router::router(state)).with_graceful_shutdown(async move {
        shutdown.await;
        stop.send_replace(true);
    });
    tokio::select! {
        result = served.into_future() => result,
        () = async {
            let _ = late.wait_for(|stop| *stop).await;
            tokio::time::sleep(GRACE).await;
        } => Ok(()),
    }
}
