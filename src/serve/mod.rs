//! The preview: an HTTP server that shows a [`SiteView`] and keeps open pages up to date.
//!
//! [`Preview`] implements this view for the author's site. [`watch()`] reports when to load the site again.
//!
//! The server reads no file: everything that it serves is an output of the view. It has three addresses of its own: `/-/live.js` and
//! `/-/live`, through which open pages learn of changes and problems, and `/-/gather`, which brings in replies from elsewhere.

mod gather;
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
pub use site_view::{Contents, ReplyOutcome, ServedOutput, SiteView};
pub use watch::{WatchOptions, Watcher, watch, watch_more};

/// The default port of the preview.
pub const PORT: u16 = 1111;

/// How many ports after [`PORT`] the preview tries if it is taken.
const MORE_PORTS: u16 = 100;

/// How long the remaining responses may take when the server stops. Browsers keep unused connections open, and the server
/// does not wait for these.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(500);

/// Binds a port of a network interface: the given port, or the first free port from [`PORT`].
///
/// # Errors
/// The given port is taken, all tried ports are taken, or this machine does not have the interface.
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

/// Serves a view until `shutdown` completes. Then open event streams end, and responses in progress get half a second. Calls of
/// the view that take longer continue in the blocking threads of the runtime. A runtime waits for these when it is dropped,
/// unless it is ended with `shutdown_background`.
///
/// `interface` is the interface of [`bind`]. Requests must name its address, or the loopback.
///
/// # Errors
/// The listener fails for good. A connection that fails is not an error.
pub async fn serve(
    listener: TcpListener,
    view: Arc<dyn SiteView>,
    interface: IpAddr,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopping) = signal::channel(false);
    let mut stopped = stopping.clone();
    let state = Arc::new(ServerState { view, interface, stopping });
    // Events are small and must not wait for more data.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let server = axum::serve(listener, router::router(state)).with_graceful_shutdown(async move {
        shutdown.await;
        stop.send_replace(true);
    });
    tokio::select! {
        result = server.into_future() => result,
        () = async {
            let _ = stopped.wait_for(|stop| *stop).await;
            tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
        } => Ok(()),
    }
}
