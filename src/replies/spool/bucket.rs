//! A spool in a bucket of S3, Google Cloud Storage or Azure, which several inboxes can share.
//!
//! All three say that an object is written only when it is on stable storage, and can make one only where there is none and
//! replace one only while it is a certain version.

use std::io;
use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, PutResult, UpdateVersion};
use tokio::runtime::Runtime;
use url::Url;

use super::store::{Store, Version};
use crate::diagnostic::Diagnostic;

/// What the names of settings for buckets begin with in the environment.
const SETTINGS: [&str; 3] = ["aws_", "azure_", "google_"];

/// Replies as objects of a bucket.
#[derive(Debug)]
pub struct Bucket {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    /// None only while it ends.
    runtime: Option<Runtime>,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        // Whoever drops this may be a task of another runtime, which must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Bucket {
    /// The bucket of a URL, such as `s3://bucket/folder`. Who may use it is said by the environment, in the variables that
    /// the provider's own tools use (`AWS_ACCESS_KEY_ID` …).
    pub fn open(url: &str) -> Result<Self, Diagnostic> {
        let unusable = |error: &dyn std::fmt::Display| {
            Diagnostic::error(format!("replies cannot be kept in `{url}`: {error}"))
                .help("for example: inbox = \"s3://bucket/folder\"")
        };
        let parsed = Url::parse(url).map_err(|error| unusable(&error))?;
        let settings = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?.to_ascii_lowercase();
            let is_setting = SETTINGS.iter().any(|start| name.starts_with(start));
            Some((name, value.into_string().ok()?)).filter(|_| is_setting)
        });
        let (store, folder) = object_store::parse_url_opts(&parsed, settings).map_err(|error| unusable(&error))?;
        Self::new(store.into(), folder).map_err(|error| unusable(&error))
    }

    /// The objects below a path of a store.
    pub fn new(store: Arc<dyn ObjectStore>, folder: Path) -> io::Result<Self> {
        // The connections of a bucket belong to the runtime that made them.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Self { store, folder, runtime: Some(runtime) })
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match &self.runtime {
            Some(runtime) => runtime.block_on(work),
            None => Err(Error::NotImplemented { operation: "work".to_owned(), implementer: "an end".to_owned() }),
        }
    }

    fn put(&self, name: &str, bytes: &[u8], mode: PutMode) -> Result<PutResult, Error> {
        let place = self.folder.clone().join(name);
        let payload = PutPayload::from(bytes.to_vec());
        self.wait(self.store.put_opts(&place, payload, PutOptions::from(mode)))
    }
}

fn failed(error: Error) -> io::Error {
    let kind = match error {
        Error::NotFound { .. } => io::ErrorKind::NotFound,
        Error::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

impl Store for Bucket {
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.put(name, bytes, PutMode::Create).map(drop).map_err(failed)
    }

    fn read(&self, name: &str) -> io::Result<(Vec<u8>, Version)> {
        let place = self.folder.clone().join(name);
        let read = async {
            let found = self.store.get(&place).await?;
            let version = Version::Bucket(found.meta.e_tag.clone(), found.meta.version.clone());
            Ok((found.bytes().await?.to_vec(), version))
        };
        self.wait(read).map_err(failed)
    }

    fn replace(&self, name: &str, bytes: &[u8], version: &Version) -> io::Result<Option<Version>> {
        let Version::Bucket(e_tag, version) = version.clone() else { return Ok(None) };
        match self.put(name, bytes, PutMode::Update(UpdateVersion { e_tag, version })) {
            Ok(put) => Ok(Some(Version::Bucket(put.e_tag, put.version))),
            Err(Error::Precondition { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let place = self.folder.clone().join(name);
        match self.wait(self.store.delete(&place)).map_err(failed) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let objects = self.wait(self.store.list(Some(&self.folder)).try_collect::<Vec<_>>());
        let names = objects.map_err(failed)?.into_iter();
        Ok(names.filter_map(|object| object.location.filename().map(str::to_owned)).collect())
    }

    fn probe(&self) -> io::Result<()> {
        let first = async { self.store.list(Some(&self.folder)).try_next().await.map(drop) };
        self.wait(first).map_err(failed)
    }
}
