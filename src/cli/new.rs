mod destination;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use jiff::Zoned;
use jiff::tz::TimeZone;

use self::destination::Destination;
use super::{files, say, show, show_error};
use crate::config::{Config, Taxonomy};
use crate::content::{ThreadOwner, owner};
use crate::diagnostic::{Diagnostic, Location};
use crate::source::DiskWorld;

/// Create a post
///
/// Creates a file below `content` with its front matter filled in: the title comes from the file's name, and the date is
/// today. A page in `content` itself, such as `about`, gets no date, unless content/_index.md sorts its pages. The next build
/// includes the post; with --draft, only once you remove the line `draft = true`. Existing files are never overwritten. The
/// command prints the new file's path.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie new posts/my-title               content/posts/my-title.md, titled \"My title\"
  causerie new posts/my-title/              content/posts/my-title/index.md: a folder for the post and its pictures
  causerie new posts/2009-05-12-my-title    A post with another date
  causerie new about                        content/about.md: a page that is no post
  causerie new posts/mon-titre.fr           A post in another language of the site
  causerie new posts/_index                 content/posts/_index.md: a section, which lists the posts beside it")]
pub struct New {
    /// The post's path below `content`; end it with a slash to give the post its own folder
    #[arg(value_name = "PATH")]
    path: String,
    /// Mark the post as a draft, which only `causerie build --drafts` includes
    #[arg(long)]
    draft: bool,
}

impl New {
    pub fn run(self, root: &Path) -> ExitCode {
        let (config, mut problems) = Config::load(&DiskWorld::new(root));
        // Other problems of the site are for `check` to report.
        let Some(config) = config else { return show(&mut problems) };
        let destination = match Destination::find(&self.path, &config).and_then(|found| check_is_free(root, found)) {
            Ok(destination) => destination,
            Err(problem) => return show_error(problem),
        };
        let text = if destination.file.is_section() {
            section(&destination.title, self.draft)
        } else if is_standalone(root, &destination) {
            page(&destination.title, self.draft)
        } else {
            let date = destination.file.date.as_ref().map_or_else(|| today(&Zoned::now()), ToString::to_string);
            let language = config.language(&destination.file.lang).unwrap_or_else(|| config.default_language());
            post(&destination.title, &date, &language.taxonomies, self.draft)
        };
        let path = Path::new(&*destination.file.path);
        if let Err(problem) = files::create(root, [(path, text.as_bytes())]) {
            return show_error(problem);
        }
        if let Some(warning) = missing_section(root, &destination) {
            say(warning);
        }
        // A closed pipe is no reason to fail: the file exists.
        let _ = writeln!(anstream::stdout(), "{}", files::join(root, path).display());
        ExitCode::SUCCESS
    }
}

/// Returns today's date in the author's time zone. A date without a time begins at midnight UTC. Where the author's day
/// begins earlier, the time is added, so that a new post is never in the future.
fn today(now: &Zoned) -> String {
    let is_ahead = now.date() > now.with_time_zone(TimeZone::UTC).date();
    now.strftime(if is_ahead { "%Y-%m-%dT%H:%M:%S%:z" } else { "%Y-%m-%d" }).to_string()
}

/// Checks that neither the new file nor another file with the same address exists, that its parents are real folders, and
/// that its name is not that of a comment thread.
fn check_is_free(root: &Path, destination: Destination) -> Result<Destination, Diagnostic> {
    let refuse = |path: &str, message: String| {
        Err(Diagnostic::error(message).at(Location::file(path)).help("choose another path for the new file"))
    };
    let exists = |path: &str| files::exists(&root.join(path));
    let path = &*destination.file.path;
    if exists(path) {
        return refuse(path, "this file already exists, and nothing is overwritten".to_owned());
    }
    if let Some(other) = destination.same_address.iter().find(|other| exists(other)) {
        return refuse(other, format!("this file already has the address that `{path}` would have"));
    }
    for (end, _) in path.match_indices('/') {
        let folder = &path[..end];
        if root.join(folder).symlink_metadata().is_ok_and(|data| !data.is_dir()) {
            let message = "this is not a folder, or it is a link to one, and links are not followed";
            return refuse(folder, message.to_owned());
        }
    }
    match owner(path, exists) {
        None => Ok(destination),
        Some(ThreadOwner::Thread(document) | ThreadOwner::Stray(document)) => {
            refuse(path, format!("a file with this name holds comments on {document}"))
        }
        Some(ThreadOwner::Ignored) => refuse(path, "Causerie ignores files with this name".to_owned()),
    }
}

/// Returns the text of a new post.
fn post(title: &str, date: &str, taxonomies: &[Taxonomy], draft: bool) -> String {
    let mut text = format!("+++\ntitle = {}\ndate = {date}\n", toml::Value::from(title));
    if draft {
        text.push_str("draft = true\n");
    }
    text.push_str("# description = \"\"\n");
    if !taxonomies.is_empty() {
        text.push_str("\n# [taxonomies]\n");
    }
    for taxonomy in taxonomies {
        let bare = taxonomy.name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        let key = if bare { taxonomy.name.clone() } else { toml::Value::from(taxonomy.name.as_str()).to_string() };
        // A line break in the name would end the TOML comment.
        let _ = writeln!(text, "# {} = []", key.replace('\n', "\\n"));
    }
    text.push_str("\n# [discussions]\n# mastodon = \"https://mastodon.example/@me/1\"\n+++\n\n");
    text
}

/// Returns whether the new file is a standalone page such as `about.md`, and not a post. Such a page lies in `content` itself, its
/// name has no date, and the home page does not sort its pages, so that no list shows it.
fn is_standalone(root: &Path, destination: &Destination) -> bool {
    let (file, index) = (&destination.file, destination.index_beside("content"));
    let home = index.and_then(|index| std::fs::read_to_string(root.join(index)).ok()).unwrap_or_default();
    let is_sorted = home.lines().any(|line| line.trim_start().starts_with("sort_by"));
    destination.section_folder().is_none() && file.date.is_none() && !is_sorted
}

/// Returns the text of a new page that is no post.
fn page(title: &str, draft: bool) -> String {
    let draft = if draft { "draft = true\n" } else { "" };
    format!("+++\ntitle = {}\n{draft}# description = \"\"\n+++\n\n", toml::Value::from(title))
}

/// Returns the text of a new section.
fn section(title: &str, draft: bool) -> String {
    let draft = if draft { "draft = true\n" } else { "" };
    format!("+++\ntitle = {}\n{draft}sort_by = \"date\"\n# paginate_by = 10\n+++\n", toml::Value::from(title))
}

/// Returns a warning if the post's folder has no section, because then no list shows the post.
fn missing_section(root: &Path, destination: &Destination) -> Option<String> {
    let folder = destination.section_folder()?;
    let index = destination.index_beside(&format!("content/{folder}"))?;
    if files::exists(&root.join(&index)) {
        return None;
    }
    let message = format!("no section lists this post, because there is no {index}");
    let name = index.strip_prefix("content/")?.strip_suffix(".md")?;
    let warning = Diagnostic::warning(message).help(format!("create one with: causerie new {name}"));
    Some(crate::diagnostic::report(&warning) + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taxonomy(name: &str) -> Taxonomy {
        Taxonomy {
            name: name.to_owned(),
            slug: String::new(),
            paginate_by: None,
            paginate_path: None,
            render: true,
            feed: false,
        }
    }

    #[test]
    fn no_new_post_is_in_the_future() {
        for (now, date) in [
            ("2026-11-29T08:15:30.5+11:00[+11:00]", "2026-11-29T08:15:30+11:00"),
            ("2026-11-29T12:00:00+11:00[+11:00]", "2026-11-29"),
            ("2026-11-28T20:00:00-05:00[-05:00]", "2026-11-28"),
            ("2026-11-28T20:00:00Z[UTC]", "2026-11-28"),
        ] {
            let now: Zoned = now.parse().expect("a moment");
            assert_eq!(today(&now), date);
            let written = crate::content::Date::parse(date).expect("a date");
            assert!(written.timestamp <= now.timestamp(), "{date}");
        }
    }

    #[test]
    fn a_post_has_its_front_matter_filled_in() {
        let day = "2009-05-12";
        assert_eq!(
            post("My \"title\"", day, &[taxonomy("tags"), taxonomy("two words")], true),
            "+++\ntitle = 'My \"title\"'\ndate = 2009-05-12\ndraft = true\n# description = \"\"\n\n# [taxonomies]\n# tags = \
             []\n# \"two words\" = []\n\n# [discussions]\n# mastodon = \"https://mastodon.example/@me/1\"\n+++\n\n"
        );
        assert_eq!(
            post("T", day, &[], false),
            "+++\ntitle = \"T\"\ndate = 2009-05-12\n# description = \"\"\n\n# [discussions]\n# mastodon = \"https://mastodon.example/@me/1\"\n+++\n\n"
        );
    }
}
