//! Connections, and a bound on them.
//!
//! Whoever opens connections and sends little over them would shut out everybody else, if places were given for good. Here
//! they are not: when all are taken, the connection goes that has kept the server waiting longest. A reader who sends a
//! request at once needs a place for a moment only.

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

/// How long the head of a request may take, and how long a connection may be open without one.
const HEAD: Duration = Duration::from_secs(10);

/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// The most headers.
const MAX_HEADERS: usize = 64;

/// How long the server rests where the system has no more connections to give.
const REST: Duration = Duration::from_millis(50);

/// How long answers on their way may take once the server is to end.
const GRACE: Duration = Duration::from_secs(10);

/// The open connections.
#[derive(Debug)]
struct Connections {
    most: usize,
    open: Mutex<OpenConnections>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    /// Counts up with every place that is taken and every request that was answered.
    clock: u64,
    places: BTreeMap<u64, Arc<ConnectionSlot>>,
}

/// One connection's.
#[derive(Debug)]
pub struct ConnectionSlot {
    /// Its number in the list; none while it does not keep the server waiting.
    number: Mutex<Option<u64>>,
    leave: Notify,
    places: Arc<Connections>,
}

impl Connections {
    fn open(&self) -> MutexGuard<'_, OpenConnections> {
        lock(&self.open)
    }
}

impl ConnectionSlot {
    fn take(places: &Arc<Connections>) -> Arc<Self> {
        let place = Arc::new(Self { number: Mutex::new(None), leave: Notify::new(), places: Arc::clone(places) });
        place.wait();
        place
    }

    fn number(&self) -> MutexGuard<'_, Option<u64>> {
        lock(&self.number)
    }

    /// From now on it keeps the server waiting. If there are too many that do, the first of them goes.
    fn wait(self: &Arc<Self>) {
        let mut open = self.places.open();
        let number = open.clock;
        open.clock += 1;
        *self.number() = Some(number);
        open.places.insert(number, Arc::clone(self));
        while open.places.len() > self.places.most
            && let Some((_, first)) = open.places.pop_first()
        {
            *first.number() = None;
            first.leave.notify_one();
        }
    }

    /// It has sent all of a request, and the server is at work for it.
    pub fn work(&self) {
        let mut open = self.places.open();
        if let Some(number) = self.number().take() {
            open.places.remove(&number);
        }
    }
}

/// Serves until `stopping`, with so many connections that wait for a request at the most.
///
/// # Errors
/// The listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    most: usize,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let places = Arc::new(Connections { most: most.max(1), open: Mutex::default() });
    // Each connection holds one of these, so that it is known when all have ended.
    let (alive, mut ended) = tokio::sync::mpsc::channel::<Infallible>(1);
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stopping.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let place = ConnectionSlot::take(&places);
                let connection = connection(stream, peer, router.clone(), place, stopping.clone());
                let alive = alive.clone();
                tokio::spawn(async move {
                    connection.await;
                    drop(alive);
                });
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                // The system has no files left, say. Some end soon.
                log::error("accept", error);
                tokio::time::sleep(REST).await;
            }
        }
    }
    drop((listener, alive));
    let _ = tokio::time::timeout(GRACE, ended.recv()).await;
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
    place: Arc<ConnectionSlot>,
    mut stopping: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(Arc::clone(&place));
        let (mut router, place) = (router.clone(), Arc::clone(&place));
        async move {
            let answer = router.call(request.map(Body::new)).await;
            // The place is taken anew: what comes next, if anything, is waited for.
            place.work();
            place.wait();
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut is_stopping = false;
    loop {
        tokio::select! {
            // What is wrong with one connection is of no interest to anybody else.
            _ = connection.as_mut() => break,
            () = place.leave.notified() => break,
            _ = stopping.wait_for(|stop| *stop), if !is_stopping => {
                is_stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
    place.work();
}
