//! Threads that the source names by the address of their page.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::addresses::{BlogAddress, normal, split};
use super::disqus;
use super::ledger::Ledger;
use super::model::{ItemKind, Omission, Thread, ThreadKey};
use super::reactions;
use super::report::{Concern, Report};
use super::store::Store;
use super::threads::{self, PostOfThread};
use super::write::Writer;
use crate::content::Reaction;
use crate::diagnostic::Diagnostic;
use crate::load::{ParseCache, Sources};
use crate::site::{self, Site};
use crate::source::DiskWorld;

/// A source that says it has more is damaged, or an attack.
const MAX_COMMENTS: u64 = 1 << 32;

/// Writes the threads whose page is found, and lists the others in a CSV file.
pub fn write(writer: &Writer<'_>, store: &mut Store, ledger: &mut Ledger) -> io::Result<()> {
    let mut report = std::mem::take(&mut store.report);
    let mut texts = store.texts()?;
    let with_comments = store.threads_with_comments();
    let by_key: FxHashMap<&str, &Thread> = store.threads.iter().map(|thread| (thread.key.as_str(), thread)).collect();
    let planned = writer.plan.posts.iter().flatten().map(|planned| planned.file.as_str()).collect();
    let mut pages = Pages { writer, map: map(writer)?, planned, site: None };
    // Several threads can lead to one page: with and without `www.`, for example.
    let mut by_file: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut without = Vec::new();
    let counted: FxHashMap<String, u64> = with_comments
        .iter()
        .filter_map(|(key, places)| match key {
            ThreadKey::Thread(key) => Some((key.clone(), places.len() as u64)),
            ThreadKey::Post(_) => None,
        })
        .collect();
    let mut all: Vec<(&ThreadKey, &[u64])> = with_comments.into_iter().collect();
    all.sort_by_key(|(_, places)| places.first().copied());
    for (key, places) in all {
        let thread = match key {
            ThreadKey::Thread(key) => by_key.get(key.as_str()).copied(),
            ThreadKey::Post(key) if store.post_keys.contains_key(key) => continue,
            ThreadKey::Post(_) => None,
        };
        if let Some(what) = thread.and_then(|thread| thread.foreign) {
            let reason = format!("they belong to {what}");
            *report.counts.entry(ItemKind::Comments).or_default().left_out.entry(reason).or_default() +=
                places.len() as u64;
            continue;
        }
        match thread.and_then(|thread| pages.file(thread)) {
            Some(file) => by_file.entry(file).or_default().extend(places),
            None => without.push((thread, places)),
        }
    }
    for (file, mut places) in by_file {
        places.sort_unstable();
        let zone = |date: &str| writer.options.date(date);
        let of = PostOfThread {
            name: &file,
            copies: Some(&store.copies),
            commenters: Some(&store.commenters),
            ..PostOfThread::default()
        };
        let mut comments = texts.comments(&places)?;
        comments.retain(|comment| {
            let is_disqus = matches!(&comment.thread, ThreadKey::Thread(key) if key.starts_with(disqus::THREAD));
            let is_copied = is_disqus && store.copies.contains_key(&comment.key);
            if is_copied {
                let reason = "the export of the blog has them, too".to_owned();
                let omission = Omission { class: ItemKind::Comments, reason, is_loss: false };
                report.leave_out(omission, format!("comment {}", comment.key));
            }
            !is_copied
        });
        let blocks = threads::blocks(comments, &of, &zone, &mut report);
        writer.thread(&format!("thread:{file}"), &file, blocks, ledger, &mut report)?;
    }
    write_reactions(&mut pages, &store.threads, &mut report)?;
    count_missing(&store.threads, &counted, &mut report);
    list_without_page(writer, &without, &mut report)?;
    store.report = report;
    Ok(())
}

/// Writes what the source has counted of each page.
fn write_reactions(pages: &mut Pages<'_>, threads: &[Thread], report: &mut Report) -> io::Result<()> {
    // Several threads can lead to one page.
    let mut sums: BTreeMap<(String, Option<Arc<str>>), Reaction> = BTreeMap::new();
    for thread in threads.iter().filter(|thread| thread.likes + thread.reposts > 0) {
        let Some(document) = pages.file(thread) else {
            report.concern(Concern::WithoutPage, format!("{}: reactions", name(thread)));
            continue;
        };
        // What the inbox counts has no address. So both stay beside each other.
        let url = thread.key.split_once(':').map(|(source, _)| Arc::from(format!("https://{source}")));
        let none = Reaction { network: None, url: url.clone(), likes: 0, reposts: 0 };
        let sum = sums.entry((document, url)).or_insert(none);
        sum.likes = sum.likes.saturating_add(thread.likes);
        sum.reposts = sum.reposts.saturating_add(thread.reposts);
    }
    for ((document, _), reaction) in sums {
        match reactions::put(pages.writer.files, &document, reaction)? {
            Ok(Some(path)) => {
                *report.files.entry("reactions").or_default() += 1;
                if report.dry_run {
                    report.plan.push(format!("reactions: {path}"));
                }
            }
            Ok(None) => {}
            Err(problem) => report.concern(Concern::WithoutPage, format!("{document}: {}", problem.message)),
        }
    }
    Ok(())
}

/// Counts the comments that the source says it has, and that are in none of the files.
fn count_missing(threads: &[Thread], present: &FxHashMap<String, u64>, report: &mut Report) {
    for thread in threads.iter().filter(|thread| thread.foreign.is_none()) {
        let there = present.get(&thread.key).copied().unwrap_or_default();
        let missing = thread.count.unwrap_or_default().min(MAX_COMMENTS).saturating_sub(there);
        if missing > 0 {
            let counts = report.counts.entry(ItemKind::Comments).or_default();
            counts.read += missing;
            *counts
                .left_out
                .entry("they are not in the files: fetch all pages of the answer".to_owned())
                .or_default() += missing;
            report.concern(
                Concern::Lost,
                format!("the thread of `{}`: {missing} comments are not in the files", name(thread)),
            );
        }
    }
}

/// Lists the threads without a page in a CSV file, which `--map` takes back.
fn list_without_page(
    writer: &Writer<'_>,
    without: &[(Option<&Thread>, &[u64])],
    report: &mut Report,
) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["url", "page", "title", "comments"])?;
    for (thread, places) in without {
        let (url, title) = thread.map_or(("", ""), |thread| (name(thread), thread.title.as_str()));
        let reason = "no page has their thread's address: see the CSV file".to_owned();
        *report.counts.entry(ItemKind::Comments).or_default().left_out.entry(reason).or_default() +=
            places.len() as u64;
        csv.write_record([url, "", title, &places.len().to_string()])?;
        report.concern(Concern::WithoutPage, format!("{url}: {} comments", places.len()));
        let omission = Omission { class: ItemKind::Others, reason: "threads without a page".to_owned(), is_loss: true };
        report.read(ItemKind::Others);
        report.leave_out(omission, format!("the thread of `{url}`"));
    }
    let bytes = csv.into_inner().map_err(io::Error::other)?;
    if !without.is_empty() && !writer.options.dry_run {
        writer.files.put(&format!("imports/{}.unmatched.csv", report.name), &bytes)?;
    }
    Ok(())
}

/// Finds pages.
struct Pages<'a> {
    writer: &'a Writer<'a>,
    map: FxHashMap<String, String>,
    /// The files of the posts that this import writes.
    planned: FxHashSet<&'a str>,
    /// The site, once it has been requested.
    #[expect(clippy::option_option, reason = "a site that cannot be loaded is not loaded again")]
    site: Option<Option<Site>>,
}

impl Pages<'_> {
    /// The file of the page that a thread belongs to, from the root of the site.
    fn file(&mut self, thread: &Thread) -> Option<String> {
        if let Some(page) = self.map.get(&normal_url(name(thread))).cloned() {
            return self.named(&page);
        }
        let address = split(&thread.url)?;
        let plan = self.writer.plan;
        let id =
            thread.identifier.split(' ').next().filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
        let by_id = || id.and_then(|id| plan.addresses.find(&split(&format!("/?p={id}"))?));
        // What the page called itself can be its path, as giscus and utterances have it: without the ending.
        let own = split(&thread.identifier).filter(|own| !normal(&own.path).is_empty());
        let file = own.clone().map(|own| BlogAddress { path: own.path + ".html", ..own });
        let addresses: Vec<BlogAddress> = [Some(address), own, file].into_iter().flatten().collect();
        let post = addresses.iter().find_map(|address| plan.addresses.find(address)).or_else(by_id);
        if let Some(planned) = post.and_then(|number| plan.posts[number].as_ref()) {
            return Some(planned.file.clone());
        }
        addresses.iter().find_map(|address| self.named(&normal(&address.path)))
    }

    /// The file of a page that is there, by its file or its address.
    fn named(&mut self, page: &str) -> Option<String> {
        let plain = page.trim().trim_start_matches("@/").trim_start_matches("content/").trim_matches('/');
        if plain.is_empty() {
            return None;
        }
        let file = format!("content/{plain}");
        if self.planned.contains(file.as_str()) {
            return Some(file);
        }
        let root = &self.writer.options.root;
        if plain.ends_with(".md") && crate::site::is_plain(plain) {
            return root.join(&file).is_file().then_some(file);
        }
        let writer = self.writer;
        let site = self.site.get_or_insert_with(|| {
            let world = DiskWorld::new(root);
            let config = writer.config.clone();
            let (sources, _): (Sources, Vec<Diagnostic>) = Sources::load(&world, &config, &mut ParseCache::default());
            let now = crate::clock::read().ok()?;
            Some(site::link(Arc::new(config), sources, site::Visibility::default(), now).0)
        });
        let site = site.as_ref()?;
        let path = split(page).map(|address| address.path)?;
        let id = [path.clone(), path.to_lowercase()]
            .iter()
            .find_map(|path| site.find(&format!("/{path}/")).or_else(|| site.find(&format!("/{path}"))))?;
        Some(site.content(id).source.path.to_string())
    }
}

/// What a thread is called in the CSV file.
fn name(thread: &Thread) -> &str {
    if thread.url.is_empty() { &thread.identifier } else { &thread.url }
}

fn normal_url(url: &str) -> String {
    split(url).map(|address| format!("{}?{}", normal(&address.path), address.query)).unwrap_or_default()
}

/// The pages that an author has written into the CSV file of an earlier import.
fn map(writer: &Writer<'_>) -> io::Result<FxHashMap<String, String>> {
    let Some(path) = &writer.options.map else { return Ok(FxHashMap::default()) };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path)?;
    let mut map = FxHashMap::default();
    for record in reader.records() {
        let record = record?;
        if let (Some(url), Some(page)) = (record.get(0), record.get(1))
            && !page.trim().is_empty()
        {
            map.insert(normal_url(url), page.to_owned());
        }
    }
    Ok(map)
}
