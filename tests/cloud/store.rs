//! A store that speaks S3: s3s-fs in a folder, and before it what that lacks.
//!
//! s3s-fs looks whether a condition (`If-None-Match`, `If-Match`) holds and writes a while later, so that two at once may both
//! be let through; in S3 one of them is not. And who goes away in the middle of a change leaves half of it. Here changes are made
//! one after the other, each to its end. It can also be told to behave as bad stores do.

use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::RwLock;

const BUCKET: &str = "replies";
const USER: (&str, &str) = ("causerie", "not-a-secret");

/// A running store. It ends with the test.
pub struct Store {
    /// Where it listens.
    address: SocketAddr,
    folder: TempDir,
    manners: Arc<Manners>,
    _runtime: Runtime,
}

/// How it behaves.
#[derive(Default)]
pub struct Manners {
    /// Held by each change alone, and by all that look together.
    changing: RwLock<()>,
    /// Whether it says that all went well where `If-None-Match` does not hold.
    pub writes_over: AtomicBool,
    /// Whether it says that all went well where `If-Match` does not hold.
    pub replaces_anything: AtomicBool,
    /// The answers to so many of the next writes are lost, after they were done.
    pub answers_lost: AtomicUsize,
    /// How long each write takes on its way, and its answer on the way back, in milliseconds.
    pub distance: AtomicU64,
    /// Whether it is out of order.
    pub is_down: AtomicBool,
}

impl Store {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).expect("a store"));
        builder.set_auth(SimpleAuth::from_single(USER.0, USER.1));
        let (service, manners) = (builder.build(), Arc::<Manners>::default());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let behaving = Arc::clone(&manners);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (service, manners) = (service.clone(), Arc::clone(&behaving));
                let answer = service_fn(move |request| {
                    // A client that disconnects leaves no half-finished change behind.
                    let answered = tokio::spawn(Arc::clone(&manners).answer(service.clone(), request));
                    async { Ok::<_, Infallible>(answered.await.unwrap_or_else(|_| broken())) }
                });
                let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
                tokio::spawn(async { drop(served.await) });
            }
        });
        Self { address, folder, manners, _runtime: runtime }
    }

    /// How it behaves, to be changed.
    pub fn manners(&self) -> &Manners {
        &self.manners
    }

    /// The settings that lead to it, as its own tools read them.
    pub fn environment(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://{}", self.address);
        let settings = [
            ("AWS_ENDPOINT", endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", USER.0),
            ("AWS_SECRET_ACCESS_KEY", USER.1),
        ];
        settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// The names of the objects in a folder of the bucket, sorted.
    pub fn objects(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join(BUCKET).join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The text of an object.
    pub fn object(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(BUCKET).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Puts an object there, whatever it is.
    pub fn put(&self, path: &str, text: &str) {
        let path = self.folder.path().join(BUCKET).join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("an object");
    }
}

impl Manners {
    async fn answer(self: Arc<Self>, service: S3Service, request: Request<Incoming>) -> Response<s3s::Body> {
        if self.is_down.load(Ordering::SeqCst) {
            return broken();
        }
        let conditions = [("if-none-match", &self.writes_over), ("if-match", &self.replaces_anything)];
        let is_careless = conditions
            .iter()
            .any(|(header, ignored)| request.headers().contains_key(*header) && ignored.load(Ordering::SeqCst));
        let is_write = *request.method() == Method::PUT;
        let distance = Duration::from_millis(if is_write { self.distance.load(Ordering::SeqCst) } else { 0 });
        tokio::time::sleep(distance).await;
        let answer = if matches!(*request.method(), Method::GET | Method::HEAD) {
            let _looking = self.changing.read().await;
            Service::call(&service, request).await
        } else {
            let _changing = self.changing.write().await;
            Service::call(&service, request).await
        };
        let answer = answer.unwrap_or_else(|_| broken());
        tokio::time::sleep(distance).await;
        if is_careless && answer.status() == StatusCode::PRECONDITION_FAILED {
            let mut answer = Response::new(s3s::Body::empty());
            answer.headers_mut().insert("etag", hyper::header::HeaderValue::from_static("\"any\""));
            return answer;
        }
        let lost = |left: usize| left.checked_sub(1);
        if is_write && self.answers_lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, lost).is_ok() {
            return broken();
        }
        answer
    }
}

fn broken() -> Response<s3s::Body> {
    let mut answer = Response::new(s3s::Body::empty());
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer
}
