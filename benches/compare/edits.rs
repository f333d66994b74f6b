//! Builds after a clean one, each in a new process: with nothing to do, and after an edit.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::builds::Corpus;
use crate::shared::cost::{Cost, causerie_build, forget, measure};

/// Longer than any file system's clock needs to tell two edits apart.
const REST: Duration = Duration::from_millis(100);

/// What builds after a clean one take.
pub struct Edits {
    pub nothing: Cost,
    /// One post has a new paragraph.
    pub body: Cost,
    /// One post has a new title, which lists, neighbours and feeds show as well.
    pub title: Cost,
    /// A post that had no comments has one, if there is such a post.
    pub comment: Option<Cost>,
    /// What Causerie keeps on disk after all of them, in bytes.
    pub cache: u64,
}

/// Measures so many builds of each kind, in turns.
pub fn compare(corpus: &Corpus, runs: usize) -> Result<Edits, String> {
    let site = corpus.site();
    let output = corpus.folder.join("out-edits");
    let build = || {
        thread::sleep(REST);
        measure(&mut causerie_build(&site, &output))
    };
    // A page must show what was written.
    let shows = |post: &Path, text: &str| {
        let page = output.join(address(&site, post)).join("index.html");
        let html = fs::read_to_string(&page).map_err(|error| format!("{}: {error}", page.display()))?;
        if html.contains(text) { Ok(()) } else { Err(format!("{} does not show “{text}”", page.display())) }
    };
    let posts = posts_with_code(&site)?;
    let middle = posts.len() / 2;
    let post = posts.get(middle).ok_or("the corpus has no posts")?;
    let mut silent = posts[middle + 1..].iter().filter(|post| !comments_path(post).exists());
    let mut costs = [const { Vec::new() }; 4];
    // Of other outputs nothing shall be in the cache.
    forget(&site).map_err(|error| error.to_string())?;
    build()?;
    for run in 0..runs {
        costs[0].push(build()?);
        let text = format!("Paragraph {run} is new.");
        append(post, &text)?;
        costs[1].push(build()?);
        shows(post, &text)?;
        let title = format!("Title {run} is new");
        set_title(post, &title)?;
        costs[2].push(build()?);
        shows(post, &title)?;
        if let Some(other) = silent.next() {
            let text = format!("Comment {run} is new.");
            write_comment(other, &text)?;
            costs[3].push(build()?);
            shows(other, &text)?;
        }
    }
    let comment = (!costs[3].is_empty()).then(|| Cost::median(&costs[3]));
    let [nothing, body, title, _] = costs.map(|costs| Cost::median(&costs));
    Ok(Edits { nothing, body, title, comment, cache: corpus.cache() })
}

/// The posts that have code, in the order of their paths.
pub fn posts_with_code(site: &Path) -> Result<Vec<PathBuf>, String> {
    let problem = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut posts = Vec::new();
    let mut folders = vec![site.join("content")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| problem(&folder, error))? {
            let path = entry.map_err(|error| problem(&folder, error))?.path();
            let is_post = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("post-"));
            if path.is_dir() {
                folders.push(path);
            } else if is_post && !path.to_string_lossy().ends_with(".comments.md") {
                let text = fs::read_to_string(&path).map_err(|error| problem(&path, error))?;
                if text.contains("\n```") {
                    posts.push(path);
                }
            }
        }
    }
    posts.sort();
    Ok(posts)
}

/// The path of a post's address.
pub fn address(site: &Path, post: &Path) -> String {
    let inside = post.strip_prefix(site.join("content")).unwrap_or(post).with_extension("");
    inside.to_string_lossy().replace('\\', "/")
}

/// Adds a paragraph to a post.
pub fn append(post: &Path, text: &str) -> Result<(), String> {
    let write = || writeln!(fs::File::options().append(true).open(post)?, "\n{text}");
    write().map_err(|error| format!("{}: {error}", post.display()))
}

/// Replaces the line of the title.
fn set_title(post: &Path, title: &str) -> Result<(), String> {
    let write = || {
        let text = fs::read_to_string(post)?;
        let lines = text.split_inclusive('\n');
        let new =
            |line: &str| if line.starts_with("title = ") { format!("title = \"{title}\"\n") } else { line.to_owned() };
        fs::write(post, lines.map(new).collect::<String>())
    };
    write().map_err(|error: std::io::Error| format!("{}: {error}", post.display()))
}

fn comments_path(post: &Path) -> PathBuf {
    post.with_extension("comments.md")
}

/// Gives a post its first comment.
fn write_comment(post: &Path, text: &str) -> Result<(), String> {
    let path = comments_path(post);
    let comment = format!("+++\nauthor = \"Reader\"\ndate = 2026-02-03T10:00:00Z\n+++\n{text}\n");
    fs::write(&path, comment).map_err(|error| format!("{}: {error}", path.display()))
}
