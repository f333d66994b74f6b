//! Decides which file each post becomes, and at which address it stands.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Options;
use super::addresses::{Addresses, split};
use super::ledger::Ledger;
use super::model::{PostKind, Visibility};
use super::report::Concern;
use super::store::{PostEntry, Store};
use crate::config::{Config, split_origin};

/// A post that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedPost {
    /// Its file, from the root of the site.
    pub file: String,
    /// Its path in front matter, if it keeps its old address.
    pub path: Option<String>,
    /// Old addresses that lead to it.
    pub aliases: Vec<String>,
    /// Whether it is a draft.
    pub is_draft: bool,
}

/// What an import is going to do.
pub struct Plan {
    /// For each post of the store, its file; none: it is left out.
    pub posts: Vec<Option<PlannedPost>>,
    /// What leads to the posts.
    pub addresses: Addresses,
}

/// Makes the plan.
pub fn plan(store: &mut Store, options: &Options, config: &Config, ledger: &Ledger) -> Plan {
    let mut addresses = Addresses::new(&store.blog.url);
    let mut files = FileNames {
        taken: ledger.0.values().map(|entry| entry.path.to_lowercase()).collect(),
        numbers: FxHashMap::default(),
    };
    // The section of the posts has the address of such a page.
    files.taken.insert(format!("content/{}.md", options.into.trim_matches('/')).to_lowercase());
    let mut taken_paths: FxHashSet<String> = FxHashSet::default();
    let base = split_origin(&config.base_url).1.trim_matches('/').to_owned();
    let mut posts = Vec::with_capacity(store.posts.len());
    for number in 0..store.posts.len() {
        let entry = store.posts[number].clone();
        let name = format!("“{}” (line {}, `{}`)", entry.title, entry.line, entry.key);
        let reason = match (entry.visibility, options.drafts) {
            (Visibility::Public, _)
            | (Visibility::Unpublished, Some(true) | None)
            | (Visibility::Private, Some(true)) => None,
            (Visibility::Unpublished, Some(false)) => Some("drafts, as --drafts none asks"),
            (Visibility::Private, Some(false)) => Some("private, as --drafts none asks"),
            (Visibility::Private, None) => Some("private or with a password: --drafts draft brings them as drafts"),
        };
        if entry.visibility != Visibility::Public {
            store.report.concern(
                Concern::Private,
                format!("{name}: {}", if reason.is_some() { "left out" } else { "a draft" }),
            );
        }
        if let Some(reason) = reason {
            let omission = super::model::Omission { class: entry.class(), reason: reason.to_owned(), is_loss: false };
            store.report.leave_out(omission, name);
            posts.push(None);
            continue;
        }
        let file = match ledger.0.get(&format!("post:{}", entry.key)) {
            Some(known) => known.path.clone(),
            None => free_file(&entry, options, &mut files),
        };
        let mut planned =
            PlannedPost { file, path: None, aliases: Vec::new(), is_draft: entry.visibility != Visibility::Public };
        let old = entry.url.as_deref().and_then(split).filter(|old| old.query.is_empty() && !old.path.is_empty());
        if let Some(old) = old.filter(|_| entry.visibility == Visibility::Public) {
            let path = old
                .path
                .strip_prefix(&base)
                .filter(|rest| base.is_empty() || rest.starts_with('/'))
                .unwrap_or(&old.path);
            let path = path.trim_matches('/').to_owned();
            let is_plain = crate::site::is_plain(&path) && path.len() < 1000;
            if is_plain && is_used(&path, options, config, &files) {
                store.report.concern(Concern::Addresses, format!("{name}: `/{path}/`"));
            } else if is_plain && taken_paths.insert(path.to_lowercase()) {
                let last = path.rsplit('/').next().unwrap_or_default();
                let is_kept = if config.pretty_urls { !last.contains('.') } else { last.ends_with(".html") };
                match is_kept {
                    true => planned.path = Some(path),
                    false => planned.aliases.push(path),
                }
            }
        }
        if entry.visibility == Visibility::Public {
            addresses.insert_key(&entry.key, number);
            if let Some(url) = &entry.url {
                addresses.insert(url, number);
            }
        }
        posts.push(Some(planned));
    }
    Plan { posts, addresses }
}

/// Whether the site has an address for something that is not of this import: a page, a section, or the list of a taxonomy.
fn is_used(path: &str, options: &Options, config: &Config, files: &FileNames) -> bool {
    let is_there = |file: String| !files.taken.contains(&file.to_lowercase()) && options.root.join(&file).exists();
    path.eq_ignore_ascii_case(options.into.trim_matches('/'))
        || config.default_language().taxonomies.iter().any(|taxonomy| taxonomy.render && taxonomy.name == path)
        || ["content/{}.md", "content/{}/index.md", "content/{}/_index.md"]
            .iter()
            .any(|form| is_there(form.replace("{}", path)))
}

/// The names of files that are no longer free.
struct FileNames {
    /// The files of this import and of earlier ones.
    taken: FxHashSet<String>,
    /// The number that the last file with a name got. Ten thousand posts can have one title.
    numbers: FxHashMap<String, u32>,
}

/// A file that no other post of the import has, and that is not there yet.
fn free_file(entry: &PostEntry, options: &Options, files: &mut FileNames) -> String {
    let folder = match entry.kind {
        PostKind::Post => options.into.trim_matches('/'),
        PostKind::Page => "",
    };
    let folder = if folder.is_empty() { "content".to_owned() } else { format!("content/{folder}") };
    let decoded = percent_encoding::percent_decode_str(&entry.slug).decode_utf8_lossy();
    let slug = [&*decoded, &entry.title, &format!("post-{}", entry.key)]
        .into_iter()
        .map(slug::slugify)
        .find(|slug| !slug.is_empty());
    let mut base: String = slug.unwrap_or_else(|| "post".to_owned()).chars().take(80).collect();
    // Names with a meaning, and those that Windows keeps for itself.
    let is_special = matches!(base.as_str(), "index" | "comments" | "con" | "prn" | "aux" | "nul")
        || base.len() == 4 && (base.starts_with("com") || base.starts_with("lpt"));
    if is_special {
        base.push_str("-post");
    }
    let stem = format!("{folder}/{base}");
    let number = files.numbers.entry(stem.clone()).or_default();
    loop {
        *number += 1;
        let stem = if *number == 1 { stem.clone() } else { format!("{stem}-{number}") };
        // A folder with a page or a section has the same address.
        let is_there =
            [".md", "/index.md", "/_index.md"].iter().any(|end| options.root.join(stem.clone() + end).exists());
        let file = stem + ".md";
        if !is_there && files.taken.insert(file.to_lowercase()) {
            return file;
        }
    }
}
