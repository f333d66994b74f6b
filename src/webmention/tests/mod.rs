//! Tests against small servers on the loopback interface. All people are invented.

mod hostile;
mod receiving;
mod sending;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tempfile::TempDir;

use super::{Outcome, Receiver, Source, Target, TargetRefusal, look};
use crate::config::Config;
use crate::fetch::Client;
use crate::fetch::testing::{Server, answer};
use crate::load::{ParseCache, Sources};
use crate::replies::{Decision, Moderation, ReplyObject, Spool};
use crate::site::{self, Site, Visibility};
use crate::source::DiskWorld;

/// The page that others write about.
const TEA: &str = "https://blog.example/tea/";

/// Other sites on the loopback interface, and a site that they link to.
struct Blog {
    server: Server,
    pages: Arc<Mutex<BTreeMap<String, String>>>,
    root: TempDir,
}

impl Blog {
    fn new(settings: &str) -> Self {
        let pages = Arc::<Mutex<BTreeMap<String, String>>>::default();
        let served = Arc::clone(&pages);
        let server = Server::start(move |request, stream| {
            let path = request.split(' ').nth(1).unwrap_or_default();
            let found = served.lock().unwrap().get(path).cloned();
            let _ = stream.write_all(found.unwrap_or_else(|| answer("404 Not Found", "", "")).as_bytes());
        });
        let (host, root) = (server.host(), tempfile::tempdir().unwrap());
        let config = format!(
            "base_url = \"https://blog.example\"\n[comments]\nendpoint = \"/-/comments\"\n[fetch]\nprivate_hosts = [\"{host}\"]\n\
             {settings}"
        );
        write(root.path(), "site.toml", &config);
        for (name, front) in
            [("tea", "aliases = [\"/old-tea\"]"), ("closed", "comments = \"closed\""), ("off", "comments = \"off\"")]
        {
            let text = format!("+++\ntitle = \"{name}\"\ndate = 2026-01-01\n{front}\n+++\nOn {name}.\n");
            write(root.path(), &format!("content/{name}.md"), &text);
        }
        write(root.path(), "content/tea.comments/first.md", "+++\nauthor = \"Jo\"\ndate = 2026-01-01\n+++\nYes.\n");
        Self { server, pages, root }
    }

    /// Serves HTML, in which HOST is the server.
    fn serve(&self, path: &str, html: &str) {
        let html = html.replace("HOST", &format!("http://{}", self.server.host()));
        self.serve_raw(path, &answer("200 OK", "content-type: text/html; charset=utf-8\r\n", &html));
    }

    fn serve_raw(&self, path: &str, response: &str) {
        self.pages.lock().unwrap().insert(path.to_owned(), response.to_owned());
    }

    fn site(&self) -> Site {
        let world = DiskWorld::new(self.root.path());
        let config = Config::load(&world).0.unwrap();
        let (sources, _) = Sources::load(&world, &config, &mut ParseCache::default());
        site::link(Arc::new(config), sources, Visibility::default(), Timestamp::now()).0
    }

    /// Receives a Webmention for a page, as the inbox does.
    fn receive_for(&self, path: &str, target: &str) -> Result<Outcome, TargetRefusal> {
        let (site, spool, now) = (self.site(), self.spool(), Timestamp::now());
        let source = self.server.url(path);
        let found = Target::find(&site, &source, target, now)?;
        let looked = look(&Client::new(&site.config.fetch.private_hosts), &source, &found, now);
        let receiver = Receiver { root: self.root.path(), site: &site, spool: &spool };
        let (outcome, _) = receiver.apply(&source, &found, looked).unwrap();
        if let Outcome::Approved(id) = &outcome {
            self.decide(id, Decision::Approve);
        }
        Ok(outcome)
    }

    fn receive(&self, path: &str) -> Outcome {
        self.receive_for(path, TEA).unwrap()
    }

    fn spool(&self) -> Spool {
        Spool::open(self.root.path(), "inbox").unwrap()
    }

    /// The replies in the spool, oldest first.
    fn replies(&self) -> Vec<ReplyObject> {
        self.spool().all().unwrap().0.iter().map(|stored| stored.reply.clone()).collect()
    }

    fn decide(&self, id: &str, decision: Decision) {
        let (config, _) = Config::load(&DiskWorld::new(self.root.path()));
        let spool = self.spool();
        let reply = spool.get(id).unwrap().reply;
        let moderation = Moderation::new(self.root.path(), &spool, &config.unwrap().comments);
        moderation.decide(&reply.handle(), decision, Timestamp::now()).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.path().join(path)).unwrap_or_default()
    }

    fn reactions(&self) -> (usize, usize) {
        let text = self.read("content/tea.reactions.toml");
        let number = |key: &str| {
            let rest = text.split_once(&format!("{key} = "))?.1;
            rest.lines().next()?.parse::<usize>().ok()
        };
        (number("likes").unwrap_or_default(), number("reposts").unwrap_or_default())
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A page with an entry of somebody.
fn entry(author: &str, inner: &str) -> String {
    format!(
        "<!doctype html><title>A page</title><body><div class='h-entry'><a class='p-author h-card' href='/'>{author}</a>\
         <time class='dt-published' datetime='2026-02-03T04:05:06Z'></time>{inner}</div>"
    )
}

/// The id of a reply that an outcome names.
fn id(outcome: Outcome) -> String {
    match outcome {
        Outcome::Kept(id) | Outcome::Approved(id) => id,
        other => panic!("{other:?}"),
    }
}
