//! Where a new post goes, by the path that its author named.

use jiff::civil::Date;

use crate::config::Config;
use crate::diagnostic::Diagnostic;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Post,
    Section,
}

/// Where a new file goes, and what its name says of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    pub kind: Kind,
    /// The file's path below `content`.
    pub file: String,
    /// The path of another file that would have the same address: `a/index.md` for `a.md`.
    pub same_address: Option<String>,
    /// The title, from the name.
    pub title: String,
    /// The date at the beginning of the name.
    pub date: Option<Date>,
    /// The language at the end of the name, if it is not the default one.
    pub language: Option<String>,
}

impl Place {
    /// Finds the place of a path, without looking at the disk.
    ///
    /// # Errors
    /// The path leads out of `content`, or a name in it cannot be a post's.
    pub fn find(path: &str, config: &Config) -> Result<Self, Diagnostic> {
        // Shells complete paths, so the folder and the ending are often there.
        let below = path.strip_prefix("content/").unwrap_or(path);
        let (below, is_folder) = match below.strip_suffix('/') {
            Some(folder) => (folder, true),
            None => (below.strip_suffix(".md").unwrap_or(below), false),
        };
        let parts: Vec<&str> = below.split('/').collect();
        parts.iter().try_for_each(|part| check_name(path, part))?;
        let Some((last, folders)) = parts.split_last() else { return Err(wrong(path, "it is empty")) };
        let (stem, language) = split_language(path, last, config)?;
        let suffix = language.map(|code| format!(".{code}")).unwrap_or_default();
        let folder: String = folders.iter().map(|folder| format!("{folder}/")).collect();
        let place = |kind, file, same_address, name: &str| {
            let (date, name) = split_date(name);
            Self { kind, file, same_address, title: title(name), date, language: language.map(str::to_owned) }
        };
        let place = match (stem, folders.last()) {
            ("_index" | "index", _) if is_folder => {
                return Err(wrong(path, &format!("`{stem}` is the name of a file, not of a folder")));
            }
            ("_index", parent) => {
                let site = config.language(language.unwrap_or_default()).unwrap_or_else(|| config.default_language());
                let home = site.title.as_deref().filter(|title| !title.is_empty()).unwrap_or("Home");
                let mut place = place(Kind::Section, format!("{folder}_index{suffix}.md"), None, parent.unwrap_or(&""));
                if parent.is_none() {
                    place.title = home.to_owned();
                }
                place.date = None;
                return Ok(place);
            }
            ("index", None) => return Err(wrong(path, "the post needs a name; the home page is `_index`")),
            ("index", Some(parent)) => {
                let bare = folder.trim_end_matches('/');
                let same = format!("{bare}{suffix}.md");
                place(Kind::Post, format!("{folder}index{suffix}.md"), Some(same), parent)
            }
            (_, _) => {
                let file = format!("{folder}{stem}{suffix}.md");
                let bundle = format!("{folder}{stem}/index{suffix}.md");
                if is_folder {
                    place(Kind::Post, bundle, Some(file), stem)
                } else {
                    place(Kind::Post, file, Some(bundle), stem)
                }
            }
        };
        if config.slugify.path(&place.title).is_empty() {
            return Err(wrong(path, "its name has neither a letter nor a digit, so it gives no address"));
        }
        Ok(place)
    }

    /// The folder whose section lists the post; none for the home page's.
    pub fn section_folder(&self) -> Option<&str> {
        let (folder, name) = self.file.rsplit_once('/')?;
        match self.kind {
            Kind::Section => None,
            Kind::Post if name == "index.md" || name.starts_with("index.") => Some(folder.rsplit_once('/')?.0),
            Kind::Post => Some(folder),
        }
    }
}

fn wrong(path: &str, why: &str) -> Diagnostic {
    Diagnostic::error(format!("`{path}` cannot be a post's path: {why}"))
        .help("a path below `content`, as in: causerie new posts/my-title")
}

/// Checks one part of a path: it has to be a name that every system can have, and must not lead anywhere else.
fn check_name(path: &str, name: &str) -> Result<(), Diagnostic> {
    let why = match name {
        "" => "a name is missing before or after a slash",
        "." | ".." => "it leads out of `content`, or nowhere",
        _ if name.starts_with('.') => "a name that begins with a dot is hidden",
        _ if name.starts_with(' ') || name.ends_with([' ', '.']) => {
            "a name cannot begin or end with a space, or end with a dot"
        }
        _ if name.contains(['<', '>', ':', '"', '\\', '|', '?', '*']) || name.chars().any(char::is_control) => {
            "a name holds a character that some systems do not allow"
        }
        _ if name.ends_with(".comments") => "names that end in .comments are for comment threads",
        _ => return Ok(()),
    };
    Err(wrong(path, why))
}

/// A name and its language, where the site has several.
fn split_language<'a>(path: &str, name: &'a str, config: &Config) -> Result<(&'a str, Option<&'a str>), Diagnostic> {
    let Some((stem, code)) = name.split_once('.') else { return Ok((name, None)) };
    if config.other_languages().is_empty() {
        return Ok((name, None));
    }
    if config.is_default_language(code) {
        return Ok((stem, None));
    }
    if config.language(code).is_some() {
        return Ok((stem, Some(code)));
    }
    let codes: Vec<&str> = config.languages().iter().map(|language| language.code.as_str()).collect();
    Err(wrong(path, &format!("what follows the dot has to be a language of the site ({})", codes.join(", "))))
}

/// A date at the beginning of a name, and the rest of the name.
fn split_date(name: &str) -> (Option<Date>, &str) {
    let date = name.get(..10).and_then(|start| start.parse::<Date>().ok());
    let rest = name.get(10..).and_then(|rest| rest.strip_prefix(['-', '_'])).filter(|rest| !rest.is_empty());
    match (date, rest) {
        (Some(date), Some(rest)) => (Some(date), rest),
        // Nothing but a date: it is the title, too.
        (Some(date), None) if name.len() == 10 => (Some(date), name),
        _ => (None, name),
    }
}

/// `my-title` is “My title”.
fn title(name: &str) -> String {
    if name.parse::<Date>().is_ok() {
        return name.to_owned();
    }
    let words = name.replace(['-', '_'], " ");
    let words = words.trim();
    let mut letters = words.chars();
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
        match Place::find(path, &config("[languages.fr]\n[languages.de]\n")) {
            Ok(Place { kind, file, same_address, title, date, language }) => format!(
                "{kind:?} {file} ({}) {title:?} {} {}",
                same_address.unwrap_or_default(),
                date.map(|date| date.to_string()).unwrap_or_default(),
                language.unwrap_or_default()
            ),
            Err(problem) => problem.message,
        }
    }

    #[test]
    fn where_posts_and_sections_go() {
        for (path, place) in [
            ("my-title", "Post my-title.md (my-title/index.md) \"My title\"  "),
            ("posts/my_title.md", "Post posts/my_title.md (posts/my_title/index.md) \"My title\"  "),
            ("content/posts/x", "Post posts/x.md (posts/x/index.md) \"X\"  "),
            ("posts/my-title/", "Post posts/my-title/index.md (posts/my-title.md) \"My title\"  "),
            ("posts/my-title/index", "Post posts/my-title/index.md (posts/my-title.md) \"My title\"  "),
            ("a/x.fr", "Post a/x.fr.md (a/x/index.fr.md) \"X\"  fr"),
            ("a/x.fr/", "Post a/x/index.fr.md (a/x.fr.md) \"X\"  fr"),
            ("a/x/index.fr.md", "Post a/x/index.fr.md (a/x.fr.md) \"X\"  fr"),
            ("a/x.en", "Post a/x.md (a/x/index.md) \"X\"  "),
            ("2009-05-12-one", "Post 2009-05-12-one.md (2009-05-12-one/index.md) \"One\" 2009-05-12 "),
            ("a/2009-05-12_one/", "Post a/2009-05-12_one/index.md (a/2009-05-12_one.md) \"One\" 2009-05-12 "),
            ("2009-05-12", "Post 2009-05-12.md (2009-05-12/index.md) \"2009-05-12\" 2009-05-12 "),
            ("2009-13-12-one", "Post 2009-13-12-one.md (2009-13-12-one/index.md) \"2009 13 12 one\"  "),
            ("élan 日本", "Post élan 日本.md (élan 日本/index.md) \"Élan 日本\"  "),
            ("_index", "Section _index.md () \"Site\"  "),
            ("my-posts/_index.md", "Section my-posts/_index.md () \"My posts\"  "),
            ("posts/_index.fr", "Section posts/_index.fr.md () \"Posts\"  fr"),
        ] {
            assert_eq!(find(path), place, "{path}");
        }
        // Where the site has one language, a dot is a dot.
        assert_eq!(Place::find("v1.2", &config("")).unwrap().file, "v1.2.md");
    }

    #[test]
    fn what_cannot_be_a_path() {
        for (path, why) in [
            ("", "a name is missing before or after a slash"),
            ("/", "a name is missing before or after a slash"),
            ("/etc/passwd", "a name is missing before or after a slash"),
            ("a//b", "a name is missing before or after a slash"),
            ("../x", "it leads out of `content`, or nowhere"),
            ("a/../../x", "it leads out of `content`, or nowhere"),
            ("content/../x", "it leads out of `content`, or nowhere"),
            (".git/x", "a name that begins with a dot is hidden"),
            (".md", "a name is missing before or after a slash"),
            ("a /x", "a name cannot begin or end with a space, or end with a dot"),
            ("a\\b", "a name holds a character that some systems do not allow"),
            ("a\u{0}b", "a name holds a character that some systems do not allow"),
            ("C:/x", "a name holds a character that some systems do not allow"),
            ("a.comments", "names that end in .comments are for comment threads"),
            ("a.comments/x", "names that end in .comments are for comment threads"),
            ("a/_index/", "`_index` is the name of a file, not of a folder"),
            ("index", "the post needs a name; the home page is `_index`"),
            ("v1.2", "what follows the dot has to be a language of the site (en, fr, de)"),
            ("!!!", "its name has neither a letter nor a digit, so it gives no address"),
        ] {
            assert_eq!(find(path), format!("`{path}` cannot be a post's path: {why}"));
        }
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
            let place = Place::find(path, &config("[languages.fr]\n")).unwrap();
            assert_eq!(place.section_folder(), folder, "{path}");
        }
    }
}
