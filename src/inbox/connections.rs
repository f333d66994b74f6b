//! The open connections, and a limit on them.
//!
//! A client could open many connections, send little, and shut out everybody else. So a connection does not keep its slot:
//! when all slots are taken, the server closes the connection that it has waited for longest. A client that sends its request
//! at once needs a slot for a moment only.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tower_service::Service;

use super::log;
use crate::locks::lock;

/// How long the head of a request may take, and how long a connection may stay open without a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum size of the head of a request, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// The maximum number of headers.
const MAX_HEADERS: usize = 64;

/// How long the server waits if the system has no resources for another connection.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// How long the remaining responses may take when the server stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// The connections of the server.
#[derive(Debug)]
struct Connections {
    limit: usize,
    waiting: Mutex<WaitingConnections>,
}

/// The connections that the server waits for.
#[derive(Debug, Default)]
struct WaitingConnections {
    /// The number of the next slot. Numbers grow, so the first slot has waited longest.
    next_number: u64,
    slots: BTreeMap<u64, Arc<ConnectionSlot>>,
}

/// The slot of one connection.
#[derive(Debug)]
pub struct ConnectionSlot {
    /// The number of the slot. `None` while the server does not wait for the connection.
    number: Mutex<Option<u64>>,
    /// Tells the connection to close.
    close: Notify,
    connections: Arc<Connections>,
}

impl Connections {
    fn waiting(&self) -> MutexGuard<'_, WaitingConnections> {
        lock(&self.waiting)
    }
}

impl ConnectionSlot {
    fn new(connections: &Arc<Connections>) -> Arc<Self> {
        let slot =
            Arc::new(Self { number: Mutex::new(None), close: Notify::new(), connections: Arc::clone(connections) });
        slot.wait();
        slot
    }

    fn number(&self) -> MutexGuard<'_, Option<u64>> {
        lock(&self.number)
    }

    /// Marks the connection as waited for. If there are too many such connections, closes the oldest.
    fn wait(self: &Arc<Self>) {
        let mut waiting = self.connections.waiting();
        let number = waiting.next_number;
        waiting.next_number += 1;
        *self.number() = Some(number);
        waiting.slots.insert(number, Arc::clone(self));
        while waiting.slots.len() > self.connections.limit
            && let Some((_, first)) = waiting.slots.pop_first()
        {
            *first.number() = None;
            first.close.notify_one();
        }
    }

    /// Marks the connection as busy: it has sent a whole request, and the server does not wait for it.
    pub fn mark_busy(&self) {
        let mut waiting = self.connections.waiting();
        if let Some(number) = self.number().take() {
            waiting.slots.remove(&number);
        }
    }
}

/// Serves until `stopping`. At most `limit` connections may wait with a request.
///
/// # Errors
/// The listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limit: usize,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let connections = Arc::new(Connections { limit: limit.max(1), waiting: Mutex::default() });
    // Each connection holds a sender. The channel closes when all connections have ended.
    let (alive, mut ended) = tokio::sync::mpsc::channel::<Infallible>(1);
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stopping.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let slot = ConnectionSlot::new(&connections);
                let connection = connection(stream, peer, router.clone(), slot, stopping.clone());
                let alive = alive.clone();
                tokio::spawn(async move {
                    connection.await;
                    drop(alive);
                });
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                // The system may have no files left. Other connections end soon.
                log::error("accept", error);
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
    drop((listener, alive));
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, ended.recv()).await;
    Ok(())
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    slot: Arc<ConnectionSlot>,
    mut stopping: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(Arc::clone(&slot));
        let (mut router, slot) = (router.clone(), Arc::clone(&slot));
        async move {
            let response = router.call(request.map(Body::new)).await;
            // The server waits for the next request. The slot gets a new number, as the newest.
            slot.mark_busy();
            slot.wait();
            response
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut is_stopping = false;
    loop {
        tokio::select! {
            // An error of one connection concerns no other connection.
            _ = connection.as_mut() => break,
            () = slot.close.notified() => break,
            _ = stopping.wait_for(|stop| *stop), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
    slot.mark_busy();
}
