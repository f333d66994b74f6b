//! A static file server on the loopback that counts what it gives.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::runtime::Runtime;

/// What was fetched.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fetched {
    pub files: usize,
    /// Bytes of the files, without the heads of the answers; nothing is compressed by the server.
    pub bytes: u64,
    /// Of these, the bytes of each kind: scripts, and the five kinds of files of Causerie's index.
    pub kinds: [u64; 6],
}

/// The names of the kinds.
pub const KINDS: [&str; 6] = ["scripts", "root", "inner blocks", "leaves", "texts", "postings"];

impl Fetched {
    /// What was fetched since.
    pub fn since(&self, before: &Self) -> Self {
        let kinds = std::array::from_fn(|kind| self.kinds[kind] - before.kinds[kind]);
        Self { files: self.files - before.files, bytes: self.bytes - before.bytes, kinds }
    }

    fn add(&mut self, path: &Path, bytes: &[u8]) {
        self.files += 1;
        self.bytes += bytes.len() as u64;
        // The fourth byte of a file of the index is its kind.
        let kind = match path.extension().and_then(OsStr::to_str) {
            Some("js") => Some(0),
            Some("bin") => bytes.get(3).map(|kind| usize::from(*kind) + 1),
            _ => None,
        };
        if let Some(sum) = kind.and_then(|kind| self.kinds.get_mut(kind)) {
            *sum += bytes.len() as u64;
        }
    }
}

/// The site, under any number of addresses: the first part of a path is taken for the name of a *visit*, so that
/// nothing of one visit is in a browser's cache for the next.
pub struct Server {
    url: String,
    shared: Arc<Shared>,
    _runtime: Runtime,
}

struct Shared {
    /// What is served: a path's beginning, and the folder that it stands for.
    folders: Vec<(&'static str, PathBuf)>,
    /// The page that the browser opens, in which `BASE` is the address of the visit. It is not counted.
    page: String,
    visits: Mutex<HashMap<String, Fetched>>,
}

impl Server {
    /// Serves these folders below these paths, and the page as `bench.html`.
    pub fn start(folders: Vec<(&'static str, PathBuf)>, page: String) -> Result<Self, String> {
        let problem = |error: std::io::Error| error.to_string();
        let listener = TcpListener::bind("127.0.0.1:0").map_err(problem)?;
        listener.set_nonblocking(true).map_err(problem)?;
        let url = format!("http://{}", listener.local_addr().map_err(problem)?);
        let shared = Arc::new(Shared { folders, page, visits: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().map_err(problem)?;
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, router).await
        });
        Ok(Self { url, shared, _runtime: runtime })
    }

    /// The address of the page for a visit.
    pub fn page(&self, visit: &str) -> String {
        format!("{}/{visit}/bench.html", self.url)
    }

    /// What a visit has fetched until now.
    pub fn fetched(&self, visit: &str) -> Fetched {
        let visits = self.shared.visits.lock().unwrap_or_else(PoisonError::into_inner);
        visits.get(visit).copied().unwrap_or_default()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    let (visit, path) = uri.path().trim_start_matches('/').split_once('/').unwrap_or_default();
    if path == "bench.html" {
        let page = shared.page.replace("BASE", &format!("/{visit}/"));
        return ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    }
    let file = shared.folders.iter().find_map(|(below, folder)| Some((folder, path.strip_prefix(below)?)));
    let is_inside = !path.split('/').any(|part| part == "..");
    match file.filter(|_| is_inside).and_then(|(folder, path)| fs::read(folder.join(path)).ok()) {
        Some(bytes) => {
            let mut visits = shared.visits.lock().unwrap_or_else(PoisonError::into_inner);
            visits.entry(visit.to_owned()).or_default().add(Path::new(path), &bytes);
            let mime = mime_guess::from_path(Path::new(path)).first_or_octet_stream();
            let head = [(header::CONTENT_TYPE, mime.as_ref()), (header::CACHE_CONTROL, "max-age=3600")];
            (head, bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
