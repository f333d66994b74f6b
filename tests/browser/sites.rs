//! Sites, built by the program itself and served.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::browser::Browser;
use crate::server::{Address, Server};

/// Runs the program; it must succeed.
pub fn causerie<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_causerie")).args(arguments).output().expect("the program can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a file can be copied");
        }
    }
}

/// A built site on a server.
pub struct Served {
    pub server: Server,
    folder: TempDir,
}

impl Served {
    /// Builds the site in `root` for the address that it is served at.
    pub fn build(root: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let public = folder.path().join("public");
        let address = Address::take();
        let url = address.url();
        causerie([
            OsStr::new("build"),
            OsStr::new("--root"),
            root.as_os_str(),
            OsStr::new("--output"),
            public.as_os_str(),
            OsStr::new("--base-url"),
            OsStr::new(&url),
        ]);
        Self { server: address.serve(public), folder }
    }

    /// The address of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url)
    }

    /// A built file.
    pub fn file(&self, path: &str) -> PathBuf {
        self.folder.path().join("public").join(path)
    }
}

/// The manual in `docs/`, built and served.
pub fn manual() -> Served {
    Served::build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs"))
}

/// The repository's own site, built when first needed and shared.
#[derive(Default)]
pub struct Demo {
    served: OnceLock<Result<Served, String>>,
}

/// The title of the demo site's first post.
pub const FIRST_POST: &str = "The Difference Between Leaders and Managers";

impl Demo {
    /// The site.
    pub fn site(&self) -> &Served {
        let served = self.served.get_or_init(|| {
            // One failure to build is told by every test that needs the site.
            std::panic::catch_unwind(|| Served::build(Path::new(env!("CARGO_MANIFEST_DIR"))))
                .map_err(|why| why.downcast_ref::<String>().cloned().unwrap_or_default())
        });
        served.as_ref().unwrap_or_else(|why| panic!("the demo site cannot be built: {why}"))
    }

    /// Opens the first post the way a reader finds it: by a link that has its title.
    pub fn open_first_post(&self, browser: &Browser) {
        browser.open(&self.first_post(browser));
    }

    /// The address of the first post.
    pub fn first_post(&self, browser: &Browser) -> String {
        browser.open(&self.site().url("/"));
        let address = browser.text(&format!(
            "[...document.querySelectorAll('main a[href]')].find(link => link.textContent.trim() === {FIRST_POST:?})?.href"
        ));
        assert!(!address.is_empty(), "the home page has no link to “{FIRST_POST}”");
        address
    }
}
