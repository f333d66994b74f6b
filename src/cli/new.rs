mod destination;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use jiff::Zoned;
use jiff::tz::TimeZone;

use self::destination::Destination;
use super::{fail, files, say, show};
use crate::config::{Config, Taxonomy};
use crate::content::{ThreadOwner, owner};
use crate::diagnostic::{Diagnostic, Location};
use crate::source::DiskWorld;

/// Begin a post
///
/// Makes a file below `content` with its front matter filled in: the title from the file's name, and today as its date.
/// A post is part of the site from the next build on; with --draft only once you remove the line `draft = true`.
/// Files that exist already are never overwritten. The new file's path is printed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie new posts/my-title               content/posts/my-title.md, titled \"My title\"
  causerie new posts/my-title/              content/posts/my-title/index.md: a folder for the post and its pictures
  causerie new posts/2009-05-12-my-title    A post of another day
  causerie new posts/mon-titre.fr           A post in another language of the site
  causerie new posts/_index                 content/posts/_index.md: a section, which lists the posts beside it")]
pub struct New {
    /// The post's path below `content`; with a slash at its end, a folder
    #[arg(value_name = "PATH")]
    path: String,
    /// Mark it as a draft, which only `causerie build --drafts` shows
    #[arg(long)]
    draft: bool,
}

impl New {
    pub fn run(self, root: &Path) -> ExitCode {
        let (config, mut problems) = Config::load(&DiskWorld::new(root));
        // What else is wrong with the site is for `check` to say.
        let Some(config) = config else { return show(&mut problems) };
        let place = match Destination::find(&self.path, &config).and_then(|place| free(root, place)) {
            Ok(place) => place,
            Err(problem) => return fail(problem),
        };
        let text = if place.file.is_section() {
            section(&place.title, self.draft)
        } else {
            let date = place.file.date.as_ref().map_or_else(|| today(&Zoned::now()), ToString::to_string);
            let language = config.language(&place.file.lang).unwrap_or_else(|| config.default_language());
            post(&place.title, &date, &language.taxonomies, self.draft)
        };
        let path = Path::new(&*place.file.path);
        if let Err(problem) = files::make(root, [(path, text.as_bytes())]) {
            return fail(problem);
        }
        if let Some(hint) = hint(root, &place) {
            say(hint);
        }
        // A reader that has gone away is no reason to fail: the file is there.
        let _ = writeln!(anstream::stdout(), "{}", files::below(root, path).display());
        ExitCode::SUCCESS
    }
}

/// The author's own day, not that of the machine which builds the site. A day alone begins in UTC: where the author's has begun before
/// that, the time is written as well, so that no new post is in the future.
fn today(now: &Zoned) -> String {
    let is_ahead = now.date() > now.with_time_zone(TimeZone::UTC).date();
    now.strftime(if is_ahead { "%Y-%m-%dT%H:%M:%S%:z" } else { "%Y-%m-%d" }).to_string()
}

/// Makes sure that nothing is at a place, under either of the two names that would give it the same address, that the
/// way there leads over folders of the site, and that it is not a thread's.
fn free(root: &Path, place: Destination) -> Result<Destination, Diagnostic> {
    let refuse = |path: &str, message: String| {
        Err(Diagnostic::error(message).at(Location::file(path)).help("choose another path for the new file"))
    };
    let exists = |path: &str| files::exists(&root.join(path));
    let path = &*place.file.path;
    if exists(path) {
        return refuse(path, "this is here already, and nothing is overwritten".to_owned());
    }
    if let Some(other) = place.same_address.iter().find(|other| exists(other)) {
        return refuse(other, format!("this has the address already that `{path}` would have"));
    }
    for (end, _) in path.match_indices('/') {
        let folder = &path[..end];
        if root.join(folder).symlink_metadata().is_ok_and(|data| !data.is_dir()) {
            let message = "this is not a folder, or it is a link to one, and links are not followed";
            return refuse(folder, message.to_owned());
        }
    }
    match owner(path, exists) {
        None => Ok(place),
        Some(ThreadOwner::Thread(document) | ThreadOwner::Stray(document)) => {
            refuse(path, format!("a file of this name holds comments on {document}"))
        }
        Some(ThreadOwner::Ignored) => refuse(path, "a file of this name is not read".to_owned()),
    }
}

/// A new post's text.
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
        // A name with a line break in it would leave the comment.
        let _ = writeln!(text, "# {} = []", key.replace('\n', "\\n"));
    }
    text.push_str("+++\n\n");
    text
}

/// A new section's text.
fn section(title: &str, draft: bool) -> String {
    let draft = if draft { "draft = true\n" } else { "" };
    format!("+++\ntitle = {}\n{draft}sort_by = \"date\"\n# paginate_by = 10\n+++\n", toml::Value::from(title))
}

/// What the author of a new post may not know: a page is listed by the section of its folder.
fn hint(root: &Path, place: &Destination) -> Option<String> {
    let folder = place.section_folder()?;
    // `a.fr.md` is listed by `_index.fr.md`: the language is what stands between the name and the ending.
    let file = place.file.path.rsplit('/').next().unwrap_or_default();
    let index = format!("{folder}/_index{}", file.strip_prefix(&place.file.name)?.strip_suffix(".md")?);
    if files::exists(&root.join("content").join(format!("{index}.md"))) {
        return None;
    }
    let message = format!("no section lists this post, because there is no content/{index}.md");
    let hint = Diagnostic::warning(message).help(format!("make one with: causerie new {index}"));
    Some(crate::diagnostic::report(&hint) + "\n")
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
             []\n# \"two words\" = []\n+++\n\n"
        );
        assert_eq!(post("T", day, &[], false), "+++\ntitle = \"T\"\ndate = 2009-05-12\n# description = \"\"\n+++\n\n");
    }
}
