use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use include_dir::{Dir, include_dir};

use super::{fail, files, say};
use crate::config;
use crate::diagnostic::Diagnostic;

/// What a new site begins with.
static SITE: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/cli/init");

/// What of a site does not belong into version control: it is made from the rest.
const GITIGNORE: &str = "/public/\n/.causerie/\n";

/// Begin a site
///
/// Makes a site that works at once: site.toml, a post with comments on it, and the theme that is built in. Files that
/// exist already are never overwritten: if one of the new ones would have to be, nothing is written at all.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie init                Begin a site in this folder
  causerie init blog           Begin a site in the folder blog, which is made if need be
  causerie init blog --title \"Jo's notes\" --base-url https://jo.example")]
pub struct Init {
    /// The folder of the new site [default: this folder]
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    folder: PathBuf,
    /// The title of the site
    #[arg(long)]
    title: Option<String>,
    /// The address that the site will have
    #[arg(long, short = 'u', value_name = "URL", value_parser = super::base_url)]
    base_url: Option<String>,
}

impl Init {
    pub fn run(self, root: &Path) -> ExitCode {
        let folder = files::below(root, &self.folder);
        let mut new = site_files(self.title.as_deref(), self.base_url.as_deref());
        let has_gitignore = files::exists(&folder.join(".gitignore"));
        if has_gitignore {
            new.retain(|(path, _)| path != Path::new(".gitignore"));
        }
        let taken = taken(&folder, &new);
        if !taken.is_empty() {
            return fail(
                Diagnostic::error(format!("nothing was written, because this is here already: {}", taken.join(", ")))
                    .help("choose another folder: causerie init DIR"),
            );
        }
        let made = files::make(&folder, new.iter().map(|(path, bytes)| (path.as_path(), bytes.as_slice())));
        if let Err(problem) = made {
            return fail(problem);
        }
        say(next_steps(&folder, has_gitignore));
        ExitCode::SUCCESS
    }
}

/// The files of a new site, with their paths.
fn site_files(title: Option<&str>, base_url: Option<&str>) -> Vec<(PathBuf, Vec<u8>)> {
    fn collect(folder: &Dir, files: &mut Vec<(PathBuf, Vec<u8>)>) {
        files.extend(folder.files().map(|file| (file.path().to_owned(), file.contents().to_owned())));
        folder.dirs().for_each(|folder| collect(folder, files));
    }
    let mut files = Vec::new();
    collect(&SITE, &mut files);
    files.retain(|(path, _)| path != Path::new(".gitignore"));
    files.push((PathBuf::from(".gitignore"), GITIGNORE.into()));
    files.sort();
    for (path, bytes) in &mut files {
        if path == Path::new(config::FILE_NAMES[0]) {
            let mut text = String::from_utf8_lossy(bytes).into_owned();
            for (key, value) in [("title", title), ("base_url", base_url)] {
                if let Some(value) = value {
                    text = set(&text, key, value);
                }
            }
            *bytes = text.into_bytes();
        }
    }
    files
}

/// Sets a key at the top of a TOML file to a text. The rest stays as it is.
fn set(file: &str, key: &str, value: &str) -> String {
    let line = format!("{key} = {}", toml::Value::from(value));
    let is_key = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
    let mut top = file.lines().take_while(|line| !line.starts_with('['));
    let Some(place) = top.position(is_key) else { return format!("{line}\n{file}") };
    let lines = file.split_inclusive('\n').enumerate();
    lines.map(|(number, old)| if number == place { format!("{line}\n") } else { old.to_owned() }).collect()
}

/// What is in the way of the new files: other files, and folders that are links or no folders.
fn taken(folder: &Path, new: &[(PathBuf, Vec<u8>)]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    let mut check = |path: &Path, in_the_way: bool| {
        let name = path.display().to_string();
        if in_the_way && !taken.contains(&name) {
            taken.push(name);
        }
    };
    for name in config::FILE_NAMES {
        check(Path::new(name), files::exists(&folder.join(name)));
    }
    for (path, _) in new {
        check(path, files::exists(&folder.join(path)));
        for parent in path.ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty()) {
            let is_other = folder.join(parent).symlink_metadata().is_ok_and(|data| !data.is_dir());
            check(parent, is_other);
        }
    }
    taken
}

/// What to do with a new site.
fn next_steps(folder: &Path, has_gitignore: bool) -> String {
    let here = folder == Path::new(".");
    let mut text = if here { "Made a site.".to_owned() } else { format!("Made a site in {}.", folder.display()) };
    if has_gitignore {
        text.push_str("\nThe file .gitignore stays as it was: add /public/ and /.causerie/ to it.");
    }
    text.push_str("\n\nNext:\n");
    if !here {
        let name = folder.display().to_string();
        let quote = name.contains(|c: char| !c.is_alphanumeric() && !matches!(c, '/' | '\\' | '.' | '-' | '_' | ':'));
        text.push_str(&if quote { format!("  cd \"{name}\"\n") } else { format!("  cd {name}\n") });
    }
    text.push_str(
        "  causerie serve --open          Show the site while you write\n  \
         causerie new posts/my-title    Begin a post\n  \
         causerie build                 Write the site into public",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::diagnostic::SourceText;

    #[test]
    fn keys_are_set_without_touching_the_rest() {
        let file = "# A site\ntitle = \"Old\" # yours\nbase_url= \"x\"\n\n[extra]\ntitle = \"other\"\n";
        assert_eq!(
            set(file, "title", "My \"notes\""),
            "# A site\ntitle = 'My \"notes\"'\nbase_url= \"x\"\n\n[extra]\ntitle = \"other\"\n"
        );
        assert_eq!(set("[extra]\ntitle = \"o\"\n", "title", "T"), "title = \"T\"\n[extra]\ntitle = \"o\"\n");
    }

    #[test]
    fn any_title_gives_a_site_that_can_be_read() {
        for title in ["", "Jo's \"notes\"", "a\nb", "\\", "'''", "\u{1b}[31m", "[extra]\nx = 1", "日本 👋"] {
            let files = site_files(Some(title), Some("https://jo.example"));
            let (_, bytes) = files.iter().find(|(path, _)| path == Path::new("site.toml")).unwrap();
            let text = std::str::from_utf8(bytes).unwrap();
            let (config, problems) = Config::parse(SourceText { path: "site.toml".into(), text: text.into() });
            assert_eq!(problems, [], "{text}");
            let config = config.unwrap();
            assert_eq!(config.default_language().title.as_deref(), Some(title));
            assert_eq!(config.base_url, "https://jo.example");
        }
    }
}
