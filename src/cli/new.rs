mod place;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use jiff::civil::Date;

use self::place::{Kind, Place};
use super::{fail, files, say, show};
use crate::config::{Config, Taxonomy};
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
        let place = match Place::find(&self.path, &config).and_then(|place| free(root, place)) {
            Ok(place) => place,
            Err(problem) => return fail(problem),
        };
        let text = match place.kind {
            Kind::Post => post(&place, taxonomies(&config, &place), self.draft),
            Kind::Section => section(&place, self.draft),
        };
        let path = Path::new("content").join(&place.file);
        if let Err((path, error)) = files::make(root, [(path.as_path(), text.as_bytes())]) {
            return fail(Diagnostic::error(format!("{} cannot be made: {error}", path.display())));
        }
        if let Some(hint) = hint(root, &place) {
            say(hint);
        }
        let path = if root == Path::new(".") { path } else { root.join(path) };
        // A reader that has gone away is no reason to fail: the file is there.
        let _ = writeln!(anstream::stdout(), "{}", path.display());
        ExitCode::SUCCESS
    }
}

/// Makes sure that nothing is at a place, under either of the two names that would give it the same address, and that
/// the way there leads over folders of the site, none of which holds comments.
fn free(root: &Path, place: Place) -> Result<Place, Diagnostic> {
    let refuse = |path: &str, message: &str| {
        Err(Diagnostic::error(message).at(Location::file(path)).help("choose another path for the new file"))
    };
    let exists = |path: &str| files::exists(&root.join(path));
    for file in std::iter::once(&place.file).chain(&place.same_address) {
        let path = format!("content/{file}");
        if exists(&path) {
            return refuse(&path, "this is here already, and nothing is overwritten");
        }
    }
    let path = format!("content/{}", place.file);
    for (end, _) in path.match_indices('/') {
        let folder = &path[..end];
        if root.join(folder).symlink_metadata().is_ok_and(|data| !data.is_dir()) {
            return refuse(folder, "this is not a folder, or it is a link to one, and links are not followed");
        }
        let bundle = folder.strip_suffix("/comments");
        if bundle.is_some_and(|bundle| exists(&format!("{bundle}/index.md"))) {
            return refuse(folder, "the files in this folder are comments on the post beside it");
        }
    }
    let bundle = path.strip_suffix("/comments.md");
    if bundle.is_some_and(|bundle| exists(&format!("{bundle}/index.md"))) {
        return refuse(&path, "a file of this name holds the comments on the post beside it");
    }
    Ok(place)
}

fn taxonomies<'a>(config: &'a Config, place: &Place) -> &'a [Taxonomy] {
    let language = place.language.as_deref().and_then(|code| config.language(code));
    &language.unwrap_or_else(|| config.default_language()).taxonomies
}

/// A new post's text.
fn post(place: &Place, taxonomies: &[Taxonomy], draft: bool) -> String {
    // The author's own day, not that of the machine which builds the site.
    let date = place.date.unwrap_or_else(|| jiff::Zoned::now().date());
    write_post(&place.title, date, taxonomies, draft)
}

fn write_post(title: &str, date: Date, taxonomies: &[Taxonomy], draft: bool) -> String {
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
fn section(place: &Place, draft: bool) -> String {
    let draft = if draft { "draft = true\n" } else { "" };
    format!(
        "+++\ntitle = {}\n{draft}sort_by = \"date\"\n# paginate_by = 10\n+++\n",
        toml::Value::from(place.title.as_str())
    )
}

/// What the author of a new post may not know: a page is listed by the section of its folder.
fn hint(root: &Path, place: &Place) -> Option<String> {
    let folder = place.section_folder()?;
    let index = match &place.language {
        Some(code) => format!("{folder}/_index.{code}"),
        None => format!("{folder}/_index"),
    };
    if files::exists(&root.join("content").join(format!("{index}.md"))) {
        return None;
    }
    let message = format!("no section lists this post, because content/{folder} has no file _index.md");
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
    fn a_post_has_its_front_matter_filled_in() {
        let day = jiff::civil::date(2009, 5, 12);
        assert_eq!(
            write_post("My \"title\"", day, &[taxonomy("tags"), taxonomy("two words")], true),
            "+++\ntitle = 'My \"title\"'\ndate = 2009-05-12\ndraft = true\n# description = \"\"\n\n# [taxonomies]\n# tags = \
             []\n# \"two words\" = []\n+++\n\n"
        );
        assert_eq!(
            write_post("T", day, &[], false),
            "+++\ntitle = \"T\"\ndate = 2009-05-12\n# description = \"\"\n+++\n\n"
        );
    }
}
