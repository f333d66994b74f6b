//! Import: posts, pages, threads and addresses of another blog.
//!
//! A reader per source yields one neutral model ([`model`]) and knows neither Markdown nor the disk. The [`store`] keeps it
//! outside of memory, the [`plan`] decides on files and addresses, and [`write`] converts and writes. A dry run is all of
//! that but the writing.

mod addresses;
mod blogger;
mod commento;
mod cusdis;
mod dates;
mod dialect;
mod disqus;
mod downloads;
mod embeds;
mod export;
mod fields;
pub(crate) mod files;
mod folder;
mod ghost;
mod github;
pub(crate) mod html;
mod hugo;
mod isso;
mod jekyll;
mod json_records;
pub(crate) mod ledger;
mod media;
pub(crate) mod model;
mod movable_type;
mod name;
mod packed;
mod page_names;
mod page_threads;
mod plan;
mod post_links;
pub(crate) mod reactions;
mod records;
mod redirects;
mod remark42;
mod report;
mod sqlite;
mod staticman;
mod store;
#[cfg(test)]
mod tests;
mod threads;
pub(crate) mod toml_text;
pub(crate) mod webmention_io;
mod wordpress;
mod write;
mod xml;

use std::fs;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

pub use self::html::dom;

use self::files::Files;
use self::folder::Folder;
use self::ledger::{Ledger, LedgerEntry};
use self::media::Media;
use self::model::{ItemKind, Omission, Sink};
use self::store::Store;
use self::write::Writer;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::source::{DiskWorld, World};

pub use self::export::{ExportFormat, export_comments};
pub use self::report::Report;
pub use self::threads::public_name;

/// Something that can be imported.
struct Source {
    /// Its name, for `--from`.
    name: &'static str,
    /// Whether a file that begins like this is one.
    recognises: fn(&str) -> bool,
    /// Reads a file.
    read: fn(&mut dyn BufRead, &mut dyn Sink) -> io::Result<()>,
}

/// All sources, in the order in which they are tried.
const SOURCES: &[Source] = &[
    Source { name: "disqus", recognises: disqus::is_disqus, read: disqus::read },
    Source { name: "blogger", recognises: blogger::is_blogger, read: blogger::read },
    Source { name: "ghost", recognises: ghost::is_ghost, read: ghost::read },
    Source { name: "commento", recognises: commento::is_commento, read: commento::read },
    Source { name: "remark42", recognises: remark42::is_remark42, read: remark42::read },
    Source { name: "cusdis", recognises: cusdis::is_cusdis, read: cusdis::read },
    Source { name: "isso", recognises: isso::is_isso, read: isso::read },
    Source { name: "giscus", recognises: github::is_giscus, read: github::read },
    Source { name: "utterances", recognises: github::is_utterances, read: github::read },
    Source { name: "webmention.io", recognises: webmention_io::is_webmention_io, read: webmention_io::read },
    Source { name: "wordpress", recognises: wordpress::is_wordpress, read: wordpress::read },
    Source { name: "movable-type", recognises: movable_type::is_movable_type, read: movable_type::read },
];

/// A folder that can be imported.
struct FolderSource {
    /// Its name, for `--from`.
    name: &'static str,
    /// Whether a folder is one.
    recognises: fn(&Folder) -> bool,
    /// Reads a folder.
    read: fn(&Folder, &mut dyn Sink) -> io::Result<()>,
}

/// All sources that are folders, in the order in which they are tried.
const FOLDER_SOURCES: &[FolderSource] = &[
    FolderSource { name: "hugo", recognises: hugo::is_hugo, read: hugo::read },
    FolderSource { name: "jekyll", recognises: jekyll::is_jekyll, read: jekyll::read },
];

/// The names of all sources.
pub fn source_names() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|source| source.name).chain(FOLDER_SOURCES.iter().map(|source| source.name))
}

/// What is imported, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The root of the site.
    pub root: PathBuf,
    /// The files to read; of a folder, the files in it.
    pub inputs: Vec<PathBuf>,
    /// The source, if it should not be recognised.
    pub from: Option<String>,
    /// The section for posts, below `content`.
    pub into: String,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// The folder with uploaded files.
    pub media: Option<PathBuf>,
    /// Whether uploaded files are fetched from the blog.
    pub fetch_media: bool,
    /// Shows how many files of how many were fetched.
    pub progress: Option<fn(u64, u64)>,
    /// Whether unpublished posts become drafts; none: drafts do, and private posts are left out.
    pub drafts: Option<bool>,
    /// A CSV file with an old address and a page of the site in each line.
    pub map: Option<PathBuf>,
    /// The time zone of dates that have no offset.
    pub zone: Option<TimeZone>,
    /// The name of the import, instead of the blog's host.
    pub name: Option<String>,
    /// The types of items that are not wanted, such as `portfolio`.
    pub leave_out: Vec<String>,
}

impl Options {
    fn date(&self, date: &str) -> String {
        self.zone.as_ref().map_or_else(|| date.to_owned(), |zone| dates::in_zone(date, zone))
    }
}

/// Imports.
///
/// # Errors
/// A file cannot be read, recognised or written, or there is no site.
pub fn import(options: &Options) -> Result<Report, Diagnostic> {
    let world = DiskWorld::new(&options.root);
    let config = load_config(&world)?;
    let failed = |what: &str, path: &Path, error: &io::Error| {
        Diagnostic::error(format!("{} cannot be {what}: {error}", path.display()))
    };
    let mut store = Store::new().map_err(|error| failed("written", &std::env::temp_dir(), &error))?;
    store.unwanted.clone_from(&options.leave_out);
    for input in &options.inputs {
        if input.is_dir() && read_folder(input, options.from.as_deref(), &mut store)? {
            continue;
        }
        for path in input_files(input)? {
            read(&path, options.from.as_deref(), &mut store)?;
        }
    }
    store.approved.sort_unstable();
    let name = name::of(options, &store);
    let ledger_path = options.root.join(format!("imports/{name}.toml"));
    let mut ledger = match fs::read_to_string(&ledger_path) {
        Ok(text) => Ledger::parse(&text).map_err(|why| {
            Diagnostic::error(format!("{} is not the ledger of an import: {why}", ledger_path.display()))
                .help("restore it from your version control, or pass another --name")
        })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ledger::default(),
        Err(error) => return Err(failed("read", &ledger_path, &error)),
    };
    store.report.dry_run = options.dry_run;
    store.report.name = name;
    let files = Files { root: &options.root, dry_run: options.dry_run };
    write(options, &config, &mut store, &mut ledger, &files)
        .map_err(|error| failed("written", &options.root, &error))?;
    Ok(store.report)
}

/// Loads the configuration of the site. Mistakes in it that leave a configuration are for `causerie check`.
fn load_config(world: &dyn World) -> Result<Config, Diagnostic> {
    let (config, problems) = Config::load(world);
    config.ok_or_else(|| problems.into_iter().next().unwrap_or_else(|| Diagnostic::error("there is no site here")))
}

fn write(
    options: &Options,
    config: &Config,
    store: &mut Store,
    ledger: &mut Ledger,
    files: &Files<'_>,
) -> io::Result<()> {
    let ledger_path = format!("imports/{}.toml", store.report.name);
    let plan = plan::plan(store, options, config, ledger);
    if options.fetch_media {
        let client = crate::fetch::Client::new(&[]);
        downloads::fetch(&client, options, &config.base_url, store, files, ledger)?;
    }
    let media = Media::new(options.media.as_deref(), &store.blog.url, &config.base_url, &store.media);
    // The names are decided before anything is written, so that an import that stops goes on with the same ones.
    for (entry, planned) in store.posts.iter().zip(&plan.posts) {
        if let Some(planned) = planned {
            ledger
                .0
                .entry(format!("post:{}", entry.key))
                .or_insert_with(|| LedgerEntry { path: planned.file.clone(), ..LedgerEntry::default() });
        }
    }
    if !options.dry_run {
        files.put_text(&ledger_path, ledger)?;
    }
    section(options, store, ledger, files)?;
    let writer = Writer { options, config, plan: &plan, media: &media, files };
    let written = writer.posts(store, ledger).and_then(|()| {
        page_threads::write(&writer, store, ledger)?;
        redirects::write(&writer, store)?;
        media.copy(store, files, ledger)
    });
    if !options.dry_run {
        files.put_text(&ledger_path, ledger)?;
        let page = format!("imports/{}.md", store.report.name);
        files.put(&page, store.report.markdown().as_bytes())?;
    }
    written
}

/// Makes the section of the posts, if there are posts and it is not there.
fn section(options: &Options, store: &mut Store, ledger: &mut Ledger, files: &Files<'_>) -> io::Result<()> {
    let folder = options.into.trim_matches('/');
    let path = format!("content/{folder}/_index.md");
    let is_needed = !folder.is_empty() && store.posts.iter().any(|post| post.kind == model::PostKind::Post);
    if is_needed && (!options.root.join(&path).exists() || ledger.0.contains_key("section")) {
        let title = folder.rsplit('/').next().unwrap_or(folder);
        let text = format!("+++\ntitle = {}\nsort_by = \"date\"\npaginate_by = 20\n+++\n", toml_text::text(title));
        files.write("section", &path, text.as_bytes(), ledger, &mut store.report)?;
    }
    Ok(())
}

/// The files to read. A folder that is no source itself stands for the files in it that can be exports.
fn input_files(input: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    if !input.is_dir() {
        return Ok(vec![input.to_owned()]);
    }
    let entries = fs::read_dir(input)
        .map_err(|error| Diagnostic::error(format!("{} cannot be read: {error}", input.display())))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension().is_some_and(|end| ["gz", "json", "xml", "zip"].iter().any(|known| end == *known))
        })
        .collect();
    if found.is_empty() {
        let names: Vec<&str> = FOLDER_SOURCES.iter().map(|source| source.name).collect();
        let message = format!("{} is no site that Causerie knows, and there is no export in it", input.display());
        return Err(Diagnostic::error(message).help(format!(
            "name the file that was exported, or the main folder of a site; --from says which kind it is: {}",
            names.join(", ")
        )));
    }
    found.sort();
    Ok(found)
}

/// Reads a folder, if it is a source itself.
fn read_folder(path: &Path, from: Option<&str>, store: &mut Store) -> Result<bool, Diagnostic> {
    let failed = |error: io::Error| Diagnostic::error(format!("{} cannot be read: {error}", path.display()));
    if from.is_some_and(|name| SOURCES.iter().any(|source| source.name == name)) {
        return Ok(false);
    }
    let folder = Folder::open(path).map_err(failed)?;
    let source = match from {
        Some(name) => FOLDER_SOURCES.iter().find(|source| source.name == name),
        None => FOLDER_SOURCES.iter().find(|source| (source.recognises)(&folder)),
    };
    let Some(source) = source else { return Ok(false) };
    (source.read)(&folder, store).map_err(failed)?;
    Ok(true)
}

fn read(path: &Path, from: Option<&str>, store: &mut Store) -> Result<(), Diagnostic> {
    let failed = |error: io::Error| Diagnostic::error(format!("{} cannot be read: {error}", path.display()));
    if sqlite::is_database(path).map_err(failed)? {
        return sqlite::read(path, store).map_err(failed);
    }
    let mut count = 0;
    let mut unknown = Vec::new();
    let damage = packed::open(path, &mut |input| {
        let source = match from {
            Some(name) => SOURCES.iter().find(|source| source.name == name),
            None => SOURCES.iter().find(|source| (source.recognises)(&input.head)),
        };
        let Some(source) = source else {
            unknown.push(input.name);
            return Ok(());
        };
        count += 1;
        (source.read)(input.reader, store)
    })
    .map_err(failed)?;
    if count == 0 && damage.is_empty() {
        return Err(unknown_file(path, from));
    }
    let mut leave_out = |name, reason: &str, is_loss| {
        store.leave_out(Omission { class: ItemKind::Others, reason: reason.to_owned(), is_loss }, name);
    };
    unknown.into_iter().for_each(|name| leave_out(name, "files in an archive that are no export", false));
    damage.into_iter().for_each(|name| leave_out(name, "it could not be unpacked", true));
    Ok(())
}

/// The problem of a file that is no export, or none of the kind that was asked for.
fn unknown_file(path: &Path, from: Option<&str>) -> Diagnostic {
    if let Some(kind) = from.filter(|kind| FOLDER_SOURCES.iter().any(|source| source.name == *kind)) {
        return Diagnostic::error(format!("{} is a file, and a site of {kind} is a folder", path.display()))
            .help("name the main folder of the site; for an archive, unpack it first");
    }
    let names: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
    Diagnostic::error(format!("{} is not an export that Causerie knows", path.display()))
        .help(format!("if it is one, say which with --from: {}", names.join(", ")))
}
