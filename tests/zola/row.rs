//! A row: a name that Zola documents, and a site that shows whether it means the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use causerie::build::{Options, build};
use serde::Deserialize;

/// Whether a name means the same as in Zola.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    #[default]
    Same,
    Differs,
    Missing,
}

/// A row of the table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Row {
    pub name: String,
    pub state: State,
    /// Why it differs or is missing.
    pub why: String,
    /// Lines of the configuration.
    config: String,
    /// The template of the home section.
    template: String,
    /// Other files of the site.
    files: BTreeMap<String, String>,
    /// A command instead of a build.
    command: Vec<String>,
    /// The output file to look at. With `../` it is below the site's folder.
    at: Option<String>,
    /// Its whole text.
    gives: Option<String>,
    /// A part of its text.
    has: Option<String>,
    /// What it does not have.
    lacks: Option<String>,
    /// Whether the file does not exist.
    absent: bool,
    /// A part of the error with which the build fails.
    error: Option<String>,
    /// A part of what the command prints.
    prints: Option<String>,
}

/// The rows of one file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Group {
    pub title: String,
    /// The name of the file.
    #[serde(skip)]
    pub file: String,
    /// Files of every row's site.
    site: BTreeMap<String, String>,
    /// Configuration of every row's site.
    config: String,
    /// Whether the site has an image, `static/cup.png`, of 8 × 4 pixels.
    uses_image: bool,
    /// Rows in short: a name, a template, and what it gives.
    templates: Vec<[String; 3]>,
    #[serde(rename = "row")]
    pub rows: Vec<Row>,
}

impl Group {
    pub fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        let mut group: Self = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        group.file = file.file_name().unwrap().to_string_lossy().into_owned();
        for [name, template, gives] in std::mem::take(&mut group.templates) {
            group.rows.push(Row { name, template, gives: Some(gives), ..Row::default() });
        }
        for row in &group.rows {
            assert_eq!(
                row.state == State::Same,
                row.why.is_empty(),
                "{}: {}: say why it differs",
                group.file,
                row.name
            );
        }
        group
    }

    /// Builds the site of a row, and looks at the result.
    pub fn check(&self, row: &Row) -> Result<(), String> {
        let site = tempfile::tempdir().unwrap();
        self.write(row, site.path());
        let public = site.path().join("public");
        let printed = if row.command.is_empty() {
            let result = build(&Options { root: site.path().to_owned(), ..Options::default() });
            let reports = result.diagnostics.iter().map(causerie::diagnostic::report).collect::<Vec<_>>().join("\n");
            match (&row.error, result.failed()) {
                (None, true) => return Err(format!("the build fails:\n{reports}")),
                (Some(_), false) => return Err("the build does not fail".to_owned()),
                (Some(error), true) if reports.contains(error) => return Ok(()),
                (Some(_), true) => return Err(format!("another error:\n{reports}")),
                (None, false) => reports,
            }
        } else {
            run(env!("CARGO_BIN_EXE_causerie"), &row.command, site.path())?
        };
        if let Some(part) = row.prints.as_ref().filter(|part| !printed.contains(*part)) {
            return Err(format!("`{part}` is not in:\n{printed}"));
        }
        row.check_file(&public, &printed)
    }

    /// Builds the site of a row with another program, and looks at the result.
    pub fn check_with(&self, program: &str, row: &Row) -> Result<(), String> {
        let site = tempfile::tempdir().unwrap();
        self.write(row, site.path());
        let build = vec!["build".to_owned()];
        let command = if row.command.is_empty() { &build } else { &row.command };
        match (run(program, command, site.path()), &row.error) {
            (Err(_), Some(_)) => Ok(()),
            (Ok(_), Some(_)) => Err("the build does not fail".to_owned()),
            (Err(problem), None) => Err(problem),
            (Ok(printed), None) => row.check_file(&site.path().join("public"), &printed),
        }
    }

    fn write(&self, row: &Row, folder: &Path) {
        let mut files: BTreeMap<&str, String> = BTreeMap::new();
        files.insert("templates/index.html", row.template.clone());
        files.insert("templates/section.html", String::new());
        files.insert("templates/page.html", String::new());
        files.insert("content/_index.md", "+++\n+++\n".to_owned());
        files.extend(self.site.iter().chain(&row.files).map(|(path, text)| (path.as_str(), text.clone())));
        if !row.template.is_empty() {
            files.insert("templates/index.html", row.template.clone());
        }
        // Keys come before tables, so that a row and its group can both have some.
        let (keys, tables) = split(&row.config);
        let (group_keys, group_tables) = split(&self.config);
        let base = if row.config.contains("base_url") { "" } else { "base_url = \"https://site.example\"\n" };
        let title = if row.config.contains("title =") { "" } else { "title = \"T\"\n" };
        files.insert("zola.toml", format!("{base}{title}{keys}{group_keys}{tables}{group_tables}"));
        for (path, text) in files {
            let place = folder.join(path);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        }
        if self.uses_image {
            fs::create_dir_all(folder.join("static")).unwrap();
            image::RgbImage::from_pixel(8, 4, image::Rgb([120, 80, 40])).save(folder.join("static/cup.png")).unwrap();
        }
    }
}

/// The keys at the top of a configuration, and the tables behind them.
fn split(config: &str) -> (String, String) {
    let is_table = |line: &str| line.starts_with('[');
    let lines: Vec<&str> = config.lines().collect();
    let at = lines.iter().position(|line| is_table(line)).unwrap_or(lines.len());
    let text = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    (text(&lines[..at]), text(&lines[at..]))
}

/// Runs a program, and returns what it prints.
fn run(program: &str, command: &[String], site: &Path) -> Result<String, String> {
    let output = Command::new(program)
        .args(command)
        .current_dir(site)
        .env("NO_COLOR", "1")
        .output()
        .map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(printed) } else { Err(format!("the command fails:\n{printed}")) }
}

impl Row {
    fn check_file(&self, public: &Path, printed: &str) -> Result<(), String> {
        let says_nothing = self.gives.is_none() && self.has.is_none() && self.lacks.is_none() && !self.absent;
        if says_nothing {
            assert!(self.prints.is_some(), "{}: the row expects nothing", self.name);
            return Ok(());
        }
        let path = self.at.as_deref().unwrap_or("index.html");
        let file = match path.strip_prefix("../") {
            Some(path) => public.with_file_name(path),
            None => public.join(path),
        };
        let text = fs::read_to_string(file);
        if self.absent {
            return if text.is_err() { Ok(()) } else { Err(format!("there is a file `{path}`")) };
        }
        let text = text.map_err(|error| format!("{path}: {error}\n{printed}"))?;
        if self.gives.as_ref().is_some_and(|gives| text.trim() != gives.trim()) {
            return Err(format!("it gives:\n{text}"));
        }
        if self.has.as_ref().is_some_and(|part| !text.contains(part)) {
            return Err(format!("`{}` is not in:\n{text}", self.has.as_deref().unwrap_or_default()));
        }
        if self.lacks.as_ref().is_some_and(|part| text.contains(part)) {
            return Err(format!("`{}` is in:\n{text}", self.lacks.as_deref().unwrap_or_default()));
        }
        Ok(())
    }
}
