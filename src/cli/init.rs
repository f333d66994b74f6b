use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use include_dir::{Dir, include_dir};

use super::deploy::Host;
use super::{files, say, show_error};
use crate::config;
use crate::config::translations::locale;
use crate::diagnostic::Diagnostic;

/// The files of a new site.
static SITE: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/cli/init");

/// The texts of these files, by languages. A text for `{posts}` has the key `posts`.
static TEXTS: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/cli/init_texts");

/// The generated folders of a site, which do not belong in version control.
const GITIGNORE: &str = "/public/\n/.causerie/\n";

/// Create a site
///
/// Creates a site that works at once: site.toml, a post with comments, and the built-in theme. Existing files are never
/// overwritten: if one of the new files already exists, nothing is written, or with --force only what is missing.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie init                Create a site in this folder
  causerie init blog           Create a site in the folder blog
  causerie init blog --title \"Jo's notes\" --base-url https://jo.example
  causerie init blog --language fr
  causerie init --deploy github       Create a site, and the workflow with which GitHub publishes it
  causerie init --force --deploy netlify    Add the file for Netlify to the site in this folder")]
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
    /// The language of the site, such as `fr`: of its first texts too
    #[arg(long, short, value_name = "CODE", default_value = "en", hide_default_value = true)]
    language: String,
    /// Also create the files with which a host builds and publishes the site; with --force in an existing site, create only those
    #[arg(long, value_name = "HOST", value_enum)]
    deploy: Option<Host>,
    /// Create the files that are missing in a folder that has some of them
    #[arg(long, short)]
    force: bool,
}

impl Init {
    pub fn run(self, root: &Path) -> ExitCode {
        let folder = files::join(root, &self.folder);
        let has_config = config::FILE_NAMES.iter().any(|name| files::exists(&folder.join(name)));
        // An existing site gets only the files of its host. Its author may have deleted the first posts.
        let of_host = self.deploy.filter(|_| self.force && has_config);
        let mut new = match site_files(self.title.as_deref(), self.base_url.as_deref(), &self.language) {
            Ok(files) if of_host.is_none() => files,
            Ok(_) => Vec::new(),
            Err(problem) => return show_error(problem),
        };
        new.extend(self.deploy.into_iter().flat_map(Host::files));
        let gitignore = existing_gitignore(&folder);
        if gitignore.is_some() {
            new.retain(|(path, _)| path != Path::new(".gitignore"));
        }
        if self.force {
            let is_config = |path: &Path| path == Path::new(config::FILE_NAMES[0]);
            new.retain(|(path, _)| !(files::exists(&folder.join(path)) || has_config && is_config(path)));
        }
        let conflicts = find_conflicts(&folder, &new);
        let is_conflict = |name: &String| !self.force || !config::FILE_NAMES.contains(&name.as_str());
        let conflicts: Vec<String> = conflicts.into_iter().filter(is_conflict).collect();
        if !conflicts.is_empty() {
            return show_error(
                Diagnostic::error(format!(
                    "nothing was written, because this already exists: {}",
                    conflicts.join(", ")
                ))
                .help("choose another folder: causerie init DIR; --force creates only the files that are missing"),
            );
        }
        let created = files::create(&folder, new.iter().map(|(path, bytes)| (path.as_path(), bytes.as_slice())));
        if let Err(problem) = created {
            return show_error(problem);
        }
        say(match of_host {
            Some(_) => created_files(&new),
            None => next_steps(&folder, gitignore.as_deref()),
        });
        if let Some(host) = self.deploy {
            say(format_args!("\n{}", host.next_step()));
        }
        ExitCode::SUCCESS
    }
}

/// Returns the files of a new site, with their paths.
///
/// # Errors
/// There are no texts in the language.
fn site_files(
    title: Option<&str>,
    base_url: Option<&str>,
    language: &str,
) -> Result<Vec<(PathBuf, Vec<u8>)>, Diagnostic> {
    let texts = texts(language)?;
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
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for (key, value) in &texts {
            text = text.replace(&format!("{{{key}}}"), value.as_str().unwrap_or_default());
        }
        if path == Path::new(config::FILE_NAMES[0]) {
            let is_english = language == DEFAULT_LANGUAGE;
            if !is_english {
                // The quotations are English.
                text.truncate(text.find("\n[[quotes]]").unwrap_or(text.len()));
            }
            let language = Some(language).filter(|_| !is_english);
            for (key, value) in [("title", title), ("base_url", base_url), ("default_language", language)] {
                if let Some(value) = value {
                    text = set_key(&text, key, value);
                }
            }
        }
        *bytes = text.into_bytes();
    }
    Ok(files)
}

/// The language of a site whose `site.toml` names none.
const DEFAULT_LANGUAGE: &str = "en";

/// Returns the texts of a new site in a language.
fn texts(language: &str) -> Result<toml::Table, Diagnostic> {
    let names = || TEXTS.files().filter_map(|file| file.path().file_stem()?.to_str());
    let near = locale::nearest_languages(language, names()).into_iter().next();
    let file = near.filter(|_| locale::identifier(language).is_some());
    let file = file.and_then(|name| TEXTS.get_file(format!("{name}.toml"))?.contents_utf8());
    file.and_then(|text| text.parse().ok()).ok_or_else(|| {
        let known: Vec<&str> = names().collect();
        Diagnostic::error(format!("nothing was written, because there are no texts in the language `{language}`"))
            .help(format!("choose one of {}, and change `default_language` in site.toml later", known.join(", ")))
    })
}

/// Sets a top-level key of a TOML file to a string. The rest of the file stays as it is.
fn set_key(file: &str, key: &str, value: &str) -> String {
    let line = format!("{key} = {}", toml::Value::from(value));
    let is_key = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
    let mut top = file.lines().take_while(|line| !line.starts_with('['));
    let Some(place) = top.position(is_key) else { return format!("{line}\n{file}") };
    let lines = file.split_inclusive('\n').enumerate();
    lines.map(|(number, old)| if number == place { format!("{line}\n") } else { old.to_owned() }).collect()
}

/// Returns the paths that prevent the new files from being created: existing files, and parents that are not real folders.
fn find_conflicts(folder: &Path, new: &[(PathBuf, Vec<u8>)]) -> Vec<String> {
    let mut conflicts: Vec<String> = Vec::new();
    let mut check = |path: &Path, is_conflict: bool| {
        let name = path.display().to_string();
        if is_conflict && !conflicts.contains(&name) {
            conflicts.push(name);
        }
    };
    for name in config::FILE_NAMES {
        check(Path::new(name), files::exists(&folder.join(name)));
    }
    for (path, _) in new {
        check(path, files::exists(&folder.join(path)));
        for parent in path.ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty()) {
            let is_not_folder = folder.join(parent).symlink_metadata().is_ok_and(|data| !data.is_dir());
            check(parent, is_not_folder);
        }
    }
    conflicts
}

/// Returns the text of the file `.gitignore` that a folder has already, as far as it can be read.
fn existing_gitignore(folder: &Path) -> Option<String> {
    let path = folder.join(".gitignore");
    let text = || String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).into_owned();
    files::exists(&path).then(text)
}

/// Returns the message that is printed after the files of a host were created.
fn created_files(new: &[(PathBuf, Vec<u8>)]) -> String {
    let names: Vec<String> = new.iter().map(|(path, _)| path.display().to_string()).collect();
    match names.is_empty() {
        true => "Nothing was created: the files of this host are there already.".to_owned(),
        false => format!("Created {}.", names.join(" and ")),
    }
}

/// Returns the message that is printed after a site was created. `gitignore` is the text of the file that was there before.
fn next_steps(folder: &Path, gitignore: Option<&str>) -> String {
    let here = folder == Path::new(".");
    let mut text = if here { "Created a site.".to_owned() } else { format!("Created a site in {}.", folder.display()) };
    let is_missing = |name: &&str| {
        gitignore.is_some_and(|text| !text.lines().any(|line| line.trim().trim_matches('/') == name.trim_matches('/')))
    };
    let missing: Vec<&str> = GITIGNORE.lines().filter(is_missing).collect();
    if !missing.is_empty() {
        let missing = missing.join(" and ");
        text.push_str(&format!("\nThe file .gitignore was not changed: add {missing} to it."));
    }
    text.push_str("\n\nNext:\n");
    if !here {
        let name = folder.display().to_string();
        let quote = name.contains(|c: char| !c.is_alphanumeric() && !matches!(c, '/' | '\\' | '.' | '-' | '_' | ':'));
        text.push_str(&if quote { format!("  cd \"{name}\"\n") } else { format!("  cd {name}\n") });
    }
    text.push_str(
        "  causerie serve --open          Show the site while you write\n  \
         causerie new posts/my-title    Create a post\n  \
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
            set_key(file, "title", "My \"notes\""),
            "# A site\ntitle = 'My \"notes\"'\nbase_url= \"x\"\n\n[extra]\ntitle = \"other\"\n"
        );
        assert_eq!(set_key("[extra]\ntitle = \"o\"\n", "title", "T"), "title = \"T\"\n[extra]\ntitle = \"o\"\n");
    }

    #[test]
    fn every_language_has_a_valid_site() {
        for language in TEXTS.files().filter_map(|file| file.path().file_stem()?.to_str()).chain(["pt_BR", "zh-tw"]) {
            let files = site_files(None, None, language).unwrap();
            for (path, bytes) in &files {
                let text = std::str::from_utf8(bytes).unwrap();
                let is_filled = texts(language).unwrap().keys().all(|key| !text.contains(&format!("{{{key}}}")));
                assert!(is_filled, "{language} {}: {text}", path.display());
            }
            let (_, bytes) = files.iter().find(|(path, _)| path == Path::new("site.toml")).unwrap();
            let text = std::str::from_utf8(bytes).unwrap();
            let (config, problems) = Config::parse(SourceText { path: "site.toml".into(), text: text.into() });
            assert_eq!(problems, [], "{text}");
            assert_eq!(config.unwrap().default_language().code, language);
        }
        for unknown in ["tlh", "", "no code"] {
            assert!(site_files(None, None, unknown).is_err(), "{unknown}");
        }
    }

    #[test]
    fn any_title_gives_a_valid_site() {
        for title in ["", "Jo's \"notes\"", "a\nb", "\\", "'''", "\u{1b}[31m", "[extra]\nx = 1", "日本 👋"] {
            let files = site_files(Some(title), Some("https://jo.example"), "en").unwrap();
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
