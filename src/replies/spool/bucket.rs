//! A spool in a bucket of S3, Google Cloud Storage or Azure, which several inboxes can share.
//!
//! All three say that an object is written only when it is on stable storage, and can make one only where there is none and
//! replace one only while it is a certain version.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    Error, ObjectStore, ObjectStoreExt, ObjectStoreScheme, PutMode, PutOptions, PutPayload, PutResult, RetryConfig,
    UpdateVersion,
};
use tokio::runtime::Runtime;
use url::Url;

use super::store::{Store, Version};
use crate::diagnostic::Diagnostic;

/// What the names of settings for buckets begin with in the environment.
const SETTING_PREFIXES: [&str; 3] = ["aws_", "azure_", "google_"];

/// So many objects are read at once: each takes its time on the way.
const CONCURRENT_READS: usize = 32;

/// So often a store is asked again that is out of order, within so much time: a reader waits for it.
const MAX_RETRIES: usize = 5;
const RETRY_TIMEOUT: Duration = Duration::from_secs(10);

/// What the names of objects begin with by which a store shows that it keeps its promises.
const PROBE_PREFIX: &str = "probe";

/// Replies as objects of a bucket.
#[derive(Debug)]
pub struct BucketStore {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    /// Whether the store has shown that it keeps its promises.
    is_verified: AtomicBool,
    /// None only while it ends.
    runtime: Option<Runtime>,
}

impl Drop for BucketStore {
    fn drop(&mut self) {
        // Whoever drops this may be a task of another runtime, which must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl BucketStore {
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
            let is_setting = SETTING_PREFIXES.iter().any(|start| name.starts_with(start));
            Some((name, value.into_string().ok()?)).filter(|_| is_setting)
        });
        // Where somebody else has chosen already, this is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (scheme, folder) = ObjectStoreScheme::parse(&parsed).map_err(|error| unusable(&error))?;
        // The builders have no name in common.
        macro_rules! store {
            ($builder:ident) => {{
                let builder = $builder::new().with_url(url).with_retry(RetryConfig {
                    max_retries: MAX_RETRIES,
                    retry_timeout: RETRY_TIMEOUT,
                    ..RetryConfig::default()
                });
                let builder = settings.fold(builder, |builder, (name, value)| match name.parse() {
                    Ok(key) => builder.with_config(key, value),
                    // It is for another program.
                    Err(_) => builder,
                });
                builder.build().map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
            }};
        }
        let store = match scheme {
            ObjectStoreScheme::AmazonS3 => store!(AmazonS3Builder),
            ObjectStoreScheme::GoogleCloudStorage => store!(GoogleCloudStorageBuilder),
            ObjectStoreScheme::MicrosoftAzure => store!(MicrosoftAzureBuilder),
            // In others nothing is kept, or not for two at once.
            _ => return Err(unusable(&"it is no bucket of S3, Google Cloud Storage or Azure")),
        };
        Self::new(store.map_err(|error| unusable(&error))?, folder).map_err(|error| unusable(&error))
    }

    /// The objects below a path of a store.
    pub fn new(store: Arc<dyn ObjectStore>, folder: Path) -> io::Result<Self> {
        // The connections of a bucket belong to the runtime that made them.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Self { store, folder, is_verified: AtomicBool::new(false), runtime: Some(runtime) })
    }

    fn block_on<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match &self.runtime {
            Some(runtime) => runtime.block_on(work),
            None => Err(Error::NotImplemented { operation: "work".to_owned(), implementer: "an end".to_owned() }),
        }
    }

    async fn get(&self, name: &str) -> Result<(Vec<u8>, Version), Error> {
        let result = self.store.get(&self.folder.clone().join(name)).await?;
        let version = Version::Bucket(result.meta.e_tag.clone(), result.meta.version.clone());
        Ok((result.bytes().await?.to_vec(), version))
    }

    /// Makes sure that the store makes an object only where there is none, and replaces only the version that was read. Not all
    /// that speak S3 do: some write over what is there, and say that all went well.
    fn verify_conditions(&self) -> io::Result<()> {
        // Nobody else's: others may be starting as well.
        let name = format!("{PROBE_PREFIX}-{:016x}", getrandom::u64().map_err(io::Error::other)?);
        let first = self.put(&name, b"first\n", PutMode::Create).map_err(to_io_error)?;
        let verified = self.verify_object(&name, first);
        self.remove(&name)?;
        verified
    }

    fn verify_object(&self, name: &str, PutResult { e_tag, version, .. }: PutResult) -> io::Result<()> {
        let report = |what: &str| {
            let message = format!("this store {what}, though it was told not to, and so loses what others write");
            Err(io::Error::new(io::ErrorKind::Unsupported, message))
        };
        match self.put(name, b"second\n", PutMode::Create) {
            Err(Error::AlreadyExists { .. }) => {}
            Err(error) => return Err(to_io_error(error)),
            Ok(_) => return report("writes over objects"),
        }
        self.put(name, b"third\n", PutMode::Overwrite).map_err(to_io_error)?;
        match self.put(name, b"fourth\n", PutMode::Update(UpdateVersion { e_tag, version })) {
            Err(Error::Precondition { .. }) => Ok(()),
            Err(error) => Err(to_io_error(error)),
            Ok(_) => report("replaces another version of an object than the one it was told"),
        }
    }

    fn put(&self, name: &str, bytes: &[u8], mode: PutMode) -> Result<PutResult, Error> {
        let path = self.folder.clone().join(name);
        let payload = PutPayload::from(bytes.to_vec());
        self.block_on(self.store.put_opts(&path, payload, PutOptions::from(mode)))
    }
}

fn to_io_error(error: Error) -> io::Error {
    let kind = match error {
        Error::NotFound { .. } => io::ErrorKind::NotFound,
        Error::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

impl Store for BucketStore {
    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.put(name, bytes, PutMode::Create).map(drop).map_err(to_io_error)
    }

    fn read(&self, name: &str) -> io::Result<(Vec<u8>, Version)> {
        self.block_on(self.get(name)).map_err(to_io_error)
    }

    fn read_all(&self, names: &[String]) -> Vec<io::Result<(Vec<u8>, Version)>> {
        let reads = stream::iter(names)
            .map(|name| self.get(name))
            .buffered(CONCURRENT_READS)
            .map(|read| read.map_err(to_io_error));
        self.block_on(async { Ok(reads.collect().await) }).unwrap_or_default()
    }

    fn replace(&self, name: &str, bytes: &[u8], version: &Version) -> io::Result<Option<Version>> {
        let Version::Bucket(e_tag, version) = version.clone() else { return Ok(None) };
        match self.put(name, bytes, PutMode::Update(UpdateVersion { e_tag, version })) {
            Ok(put) => Ok(Some(Version::Bucket(put.e_tag, put.version))),
            // A store whose answer was lost is asked again, and has replaced it already.
            Err(Error::Precondition { .. }) => {
                let (stored, version) = self.read(name)?;
                Ok(Some(version).filter(|_| stored == bytes))
            }
            // Of two at the same moment, S3 lets one try again, and again.
            Err(Error::AlreadyExists { .. }) => Ok(None),
            Err(error) => Err(to_io_error(error)),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.folder.clone().join(name);
        match self.block_on(self.store.delete(&path)).map_err(to_io_error) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let objects = self.block_on(self.store.list(Some(&self.folder)).try_collect::<Vec<_>>());
        let paths = objects.map_err(to_io_error)?.into_iter().map(|object| object.location);
        // What lies further below is somebody else's.
        let own = paths.filter(|path| path.prefix_match(&self.folder).is_some_and(|parts| parts.count() == 1));
        Ok(own.filter_map(|path| path.filename().map(str::to_owned)).collect())
    }

    fn probe(&self) -> io::Result<()> {
        if !self.is_verified.load(Ordering::Relaxed) {
            self.verify_conditions()?;
            self.is_verified.store(true, Ordering::Relaxed);
        }
        let first = async { self.store.list(Some(&self.folder)).try_next().await.map(drop) };
        self.block_on(first).map_err(to_io_error)
    }
}
