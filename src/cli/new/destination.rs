//! Finds the destination of a new post from the path on the command line.

use crate::config::Config;
use crate::content::{FileInfo, Languages};
use crate::diagnostic::{Diagnostic, Severity};

/// The path of a new file, with the title that its name gives.
#[derive(Debug, PartialEq, Eq)]
pub struct Destination {
    /// The file.
    pub file: FileInfo,
    /// The paths of other files that would have the same address. For `content/a.md` these are `content/a/index.md` and
    /// `content/a/_index.md`.
    pub same_address: Vec<String>,
    /// The title, derived from the file's name.
    pub title: String,
}

impl Destination {
    /// Finds the destination for a path, without access to the disk.
    ///
    /// # Errors
    /// The path leads out of `content`, or holds a name that a post cannot have.
    pub fn find(path: &str, config: &Config) -> Result<Self, Diagnostic> {
        // Shells complete paths, so the folder and the extension are often present.
        let below = path.strip_prefix("content/").unwrap_or(path);
        let (below, is_folder) = match below.strip_suffix('/') {
            Some(folder) => (folder, true),
            None => (below.strip_suffix(".md").unwrap_or(below), false),
        };
        below.split('/').try_for_each(|part| check_name(path, part))?;
        let others: Vec<String> = config.other_languages().iter().map(|language| language.code.clone()).collect();
        let languages = Languages { default: &config.default_language().code, others: &others };
        let named = info(format!("content/{below}.md"), &languages)?;

        let suffix = if config.is_default_language(&named.lang) { String::new() } else { format!(".{}", named.lang) };
        let folder = format!("content/{}", named.folder());
        let folder = folder.trim_end_matches('/');
        // A post, a post with its own folder, and a section can have the same address.
        let files = |place: &str, chosen: &str| {
            let path = |name: &str| match name {
                "" => format!("{place}{suffix}.md"),
                name => format!("{place}/{name}{suffix}.md"),
            };
            let others = ["", "index", "_index"].into_iter().filter(|name| *name != chosen);
            (path(chosen), others.map(path).filter(|path| path.starts_with("content/")).collect())
        };
        let (file, same_address): (String, Vec<String>) = match named.name.as_str() {
            name @ ("_index" | "index") if is_folder => {
                return Err(wrong(path, &format!("`{name}` is the name of a file, not of a folder")));
            }
            "index" if named.folder().is_empty() => {
                return Err(wrong(path, "the post needs a name; the home page is `_index`"));
            }
            "_index" => files(folder, "_index"),
            "index" => files(folder, "index"),
            name if is_folder => files(&format!("{folder}/{name}"), "index"),
            name => files(&format!("{folder}/{name}"), ""),
        };
        let file = info(file, &languages)?;
        if !file.is_section() && config.slugify.path(&file.slug).is_empty() {
            return Err(wrong(path, "an address needs a letter or a digit, and the name has none"));
        }
        let home = || {
            let site = config.language(&file.lang).unwrap_or_else(|| config.default_language());
            site.title.clone().filter(|title| !title.is_empty()).unwrap_or_else(|| "Home".to_owned())
        };
        let title = if file.slug.is_empty() { home() } else { title(&file.slug) };
        Ok(Self { file, same_address, title })
    }

    /// Returns the path of the section's file in a folder that is in the language of this one: `_index.fr.md` lists `a.fr.md`.
    pub fn index_beside(&self, folder: &str) -> Option<String> {
        let file = self.file.path.rsplit('/').next().unwrap_or_default();
        Some(format!("{folder}/_index{}", file.strip_prefix(&self.file.name)?))
    }

    /// Returns the folder whose section lists the post, or `None` for a section and for posts in `content` itself.
    pub fn section_folder(&self) -> Option<&str> {
        self.file.parent().filter(|folder| !folder.is_empty() && !self.file.is_section())
    }
}

/// Parses a path. A problem that is only a warning in a build is an error here.
fn info(path: String, languages: &Languages) -> Result<FileInfo, Diagnostic> {
    let (info, problems) = FileInfo::new(&path, languages);
    match problems.into_iter().next() {
        Some(problem) => Err(Diagnostic { severity: Severity::Error, ..problem }),
        None => Ok(info),
    }
}

fn wrong(path: &str, why: &str) -> Diagnostic {
    Diagnostic::error(format!("`{path}` cannot be a post's path: {why}"))
        .help("give a path below `content`, for example: causerie new posts/my-title")
}

/// Checks one part of a path: every system must allow the name, and it must not lead out of its folder.
fn check_name(path: &str, name: &str) -> Result<(), Diagnostic> {
    let why = match name {
        "" => "a name is missing before or after a slash",
        "." | ".." => "`.` and `..` are not allowed",
        _ if name.starts_with('.') => "a name that begins with a dot is hidden",
        _ if name.starts_with(' ') || name.ends_with([' ', '.']) => {
            "a name cannot begin or end with a space, or end with a dot"
        }
        _ if name.contains(['<', '>', ':', '"', '\\', '|', '?', '*']) || name.chars().any(char::is_control) => {
            "a name contains a character that some systems do not allow"
        }
        _ => return Ok(()),
    };
    Err(wrong(path, why))
}

/// Turns a slug into a title: `my-title` becomes “My title”.
fn title(slug: &str) -> String {
    // A post whose name is only a date has that date as its title.
    if slug.parse::<jiff::civil::Date>().is_ok() {
        return slug.to_owned();
    }
    let words = slug.replace(['-', '_'], " ");
    let mut letters = words.trim().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;

    fn config(text: &str) -> Config {
        let text = format!("base_url = \"https://example.org\"\ntitle = \"Site\"\n{text}");
        Config::parse(SourceText { path: "site.toml".into(), text: text.into() }).0.unwrap()
    }

    fn find(path: &str) -> String {
        match Destination::find(path, &config("[languages.fr]\n[languages.de]\n")) {
            Ok(Destination { file, same_address, title }) => format!(
                "{} {} ({}) {title:?} {}",
                file.lang,
                file.path,
                same_address.join(", "),
                file.date.map(|date| date.to_string()).unwrap_or_default()
            ),
            Err(problem) => problem.message,
        }
    }

    #[test]
    fn where_posts_and_sections_go() {
        for (path, place) in [
            (
                "my-title",
                "en content/my-title.md (content/my-title/index.md, content/my-title/_index.md) \"My title\" ",
            ),
            (
                "posts/my_title.md",
                "en content/posts/my_title.md (content/posts/my_title/index.md, content/posts/my_title/_index.md) \"My title\" ",
            ),
            ("content/posts/x", "en content/posts/x.md (content/posts/x/index.md, content/posts/x/_index.md) \"X\" "),
            (
                "posts/my-title/",
                "en content/posts/my-title/index.md (content/posts/my-title.md, content/posts/my-title/_index.md) \"My title\" ",
            ),
            (
                "posts/my-title/index",
                "en content/posts/my-title/index.md (content/posts/my-title.md, content/posts/my-title/_index.md) \"My title\" ",
            ),
            ("a/x.fr", "fr content/a/x.fr.md (content/a/x/index.fr.md, content/a/x/_index.fr.md) \"X\" "),
            ("a/x.fr/", "fr content/a/x/index.fr.md (content/a/x.fr.md, content/a/x/_index.fr.md) \"X\" "),
            ("a/x/index.fr.md", "fr content/a/x/index.fr.md (content/a/x.fr.md, content/a/x/_index.fr.md) \"X\" "),
            ("a/x.en", "en content/a/x.md (content/a/x/index.md, content/a/x/_index.md) \"X\" "),
            ("v1.2", "en content/v1.2.md (content/v1.2/index.md, content/v1.2/_index.md) \"V1.2\" "),
            (
                "2009-05-12-one",
                "en content/2009-05-12-one.md (content/2009-05-12-one/index.md, content/2009-05-12-one/_index.md) \"One\" 2009-05-12",
            ),
            (
                "a/2009-05-12_one/",
                "en content/a/2009-05-12_one/index.md (content/a/2009-05-12_one.md, content/a/2009-05-12_one/_index.md) \"One\" 2009-05-12",
            ),
            (
                "2009-05-12",
                "en content/2009-05-12.md (content/2009-05-12/index.md, content/2009-05-12/_index.md) \"2009-05-12\" 2009-05-12",
            ),
            (
                "2009-13-12-one",
                "en content/2009-13-12-one.md (content/2009-13-12-one/index.md, content/2009-13-12-one/_index.md) \"2009 13 12 one\" ",
            ),
            (
                "élan 日本",
                "en content/élan 日本.md (content/élan 日本/index.md, content/élan 日本/_index.md) \"Élan 日本\" ",
            ),
            ("_index", "en content/_index.md (content/index.md) \"Site\" "),
            (
                "my-posts/_index.md",
                "en content/my-posts/_index.md (content/my-posts.md, content/my-posts/index.md) \"My posts\" ",
            ),
            (
                "posts/_index.fr",
                "fr content/posts/_index.fr.md (content/posts.fr.md, content/posts/index.fr.md) \"Posts\" ",
            ),
            ("_index.fr", "fr content/_index.fr.md (content/index.fr.md) \"Home\" "),
        ] {
            assert_eq!(find(path), place, "{path}");
        }
    }

    #[test]
    fn what_cannot_be_a_path() {
        for (path, why) in [
            ("", "a name is missing before or after a slash"),
            ("/", "a name is missing before or after a slash"),
            ("/etc/passwd", "a name is missing before or after a slash"),
            ("a//b", "a name is missing before or after a slash"),
            ("../x", "`.` and `..` are not allowed"),
            ("a/../../x", "`.` and `..` are not allowed"),
            ("content/../x", "`.` and `..` are not allowed"),
            (".git/x", "a name that begins with a dot is hidden"),
            (".md", "a name is missing before or after a slash"),
            ("a /x", "a name cannot begin or end with a space, or end with a dot"),
            ("a\\b", "a name contains a character that some systems do not allow"),
            ("a\u{0}b", "a name contains a character that some systems do not allow"),
            ("C:/x", "a name contains a character that some systems do not allow"),
            ("a/_index/", "`_index` is the name of a file, not of a folder"),
            ("index", "the post needs a name; the home page is `_index`"),
            ("!!!", "an address needs a letter or a digit, and the name has none"),
        ] {
            assert_eq!(find(path), format!("`{path}` cannot be a post's path: {why}"));
        }
        assert_eq!(find("a.it"), "the site has no language `it`, and this file's name asks for it");
        assert_eq!(find("2009-02-30-x"), "the date at the beginning of this name is no day of the calendar");
    }

    #[test]
    fn the_section_of_a_post() {
        for (path, folder) in [
            ("x", None),
            ("x/", None),
            ("a/x", Some("a")),
            ("a/b/x", Some("a/b")),
            ("a/x/", Some("a")),
            ("a/x.fr/", Some("a")),
            ("a/b/_index", None),
        ] {
            let place = Destination::find(path, &config("[languages.fr]\n")).unwrap();
            assert_eq!(place.section_folder(), folder, "{path}");
        }
    }
}
