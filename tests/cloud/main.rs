//! Inboxes that share a bucket: real processes, and a store that speaks S3.

mod kills;
mod shared;
mod store;
mod troubles;
// The same sites, inboxes and clients as in the tests of one inbox.
#[allow(dead_code)]
#[path = "../serve/client.rs"]
mod client;
#[allow(dead_code)]
#[path = "../inbox/house.rs"]
mod house;
#[allow(dead_code)]
#[path = "../inbox/sink.rs"]
mod sink;

use std::fs;

use house::{ENDPOINT, Inbox, Site};
use serde_json::{Value, json};
use store::Store;

/// The folder of the bucket where the replies are.
const FOLDER: &str = "tea";

const PAGE: &str = "/posts/tea/";

/// Settings of a site that takes any number of replies.
const UNLIMITED: &str = "[comments.guard]\nper_address = 0\nper_page = 0\nin_all = 0\n";

/// A site, as it is on one of several machines, whose replies are in the bucket.
fn branch(store: &Store, settings: &str) -> Site {
    let mut site = Site::with(&format!("inbox = \"s3://replies/{FOLDER}\"\n{settings}"));
    site.environment = store.environment();
    site
}

/// Gives a site the key of another one, as the author does.
fn share_key(from: &Site, to: &Site) {
    fs::create_dir_all(to.path("inbox")).expect("a folder");
    fs::copy(from.path("inbox/key"), to.path("inbox/key")).expect("a key");
}

/// Two sites on two machines, each with an inbox, and one bucket for both.
struct Pair {
    store: Store,
    sites: [Site; 2],
    inboxes: [Inbox; 2],
}

impl Pair {
    fn new() -> Self {
        Self::with(UNLIMITED)
    }

    fn with(settings: &str) -> Self {
        let store = Store::start();
        let sites = [branch(&store, settings), branch(&store, settings)];
        let first = Inbox::start(&sites[0]);
        share_key(&sites[0], &sites[1]);
        let inboxes = [first, Inbox::start(&sites[1])];
        Self { store, sites, inboxes }
    }

    /// Both sites show the same of a reply.
    fn replies(&self) -> Vec<Value> {
        let [first, second] = self.sites.each_ref().map(Site::replies);
        assert_eq!(first, second);
        first
    }
}

/// Sends a reply; its id and its token.
fn send(inbox: &Inbox, comment: &str) -> (String, String) {
    let (status, told) = inbox.script(ENDPOINT, &json!({ "page": PAGE, "comment": comment }));
    assert_eq!(status, 200, "{told}");
    let text = |key: &str| told[key].as_str().expect("a text").to_owned();
    (text("id"), text("token"))
}

/// The ids of the replies that are in the thread of a site, sorted.
fn in_thread(site: &Site) -> Vec<String> {
    let files = site.files("content/posts/tea.comments");
    files.iter().filter_map(|name| name.strip_suffix(".md")).map(str::to_owned).collect()
}

fn text<'v>(reply: &'v Value, key: &str) -> &'v str {
    reply[key].as_str().unwrap_or_else(|| panic!("{key} of {reply}"))
}
