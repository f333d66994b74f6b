//! Plans the files of the new site.

use std::collections::{BTreeMap, BTreeSet};

use super::collisions;
use super::configuration::{self, Configuration};
use super::folder::Folder;
use super::report::Report;
use crate::diagnostic::{Diagnostic, SourceText};
use crate::tera1::{
    Project, Rewritten, ShortcodeCalls, Shortcodes, body_start, counts_calls, note_calls, rewrite_content,
    rewrite_shortcode, rewrite_template,
};

/// The extensions of templates.
const TEMPLATE_EXTENSIONS: [&str; 6] = ["html", "xml", "md", "txt", "json", "ics"];

/// What a file of the old site is.
enum Role {
    /// A template of the site or its theme, with its name and the folder of templates.
    Template { name: String, folder: String },
    /// A text of the site.
    Content,
    /// The configuration of the site.
    Configuration,
}

/// A file that may have to be rewritten.
struct File {
    source: SourceText,
    role: Role,
}

/// Returns the files of the new site that differ from the old ones, by their paths.
pub fn plan(
    old: &Folder,
    reserved: &BTreeSet<String>,
    report: &mut Report,
) -> Result<BTreeMap<String, Vec<u8>>, Diagnostic> {
    let path = old.configuration()?;
    let source = old.text(path)?.ok_or_else(|| {
        Diagnostic::error(format!("{path} is a symbolic link")).help("put the file itself into the old site")
    })?;
    let configuration = configuration::read(&source)?;
    let files = read_files(old, source.clone(), &configuration, report);
    let texts: Vec<&SourceText> =
        files.iter().filter(|file| matches!(file.role, Role::Content)).map(|file| &file.source).collect();
    let hidden = collisions::find(&texts, &configuration, &source, report);
    let rewritten = rewrite(&files, &configuration, reserved, report);
    let mut planned = BTreeMap::new();
    let mut reported = BTreeSet::new();
    for (file, mut rewritten) in files.iter().zip(rewritten) {
        if hidden.contains(&*file.source.path) {
            rewritten = collisions::hide(rewritten);
        }
        if matches!(file.role, Role::Content) {
            // A shortcode without a template can be called on every page.
            rewritten.decisions.retain(|decision| reported.insert(decision.message.clone()));
        }
        report.add(&file.source, &rewritten);
        for name in &rewritten.required_templates {
            add_template(name, file, &configuration, &files, &mut planned, report);
        }
        if rewritten.text != *file.source.text {
            report.rewritten_files += 1;
            planned.insert(file.source.path.to_string(), rewritten.text.into_bytes());
        }
    }
    report.copied_files = old.paths().filter(|path| !planned.contains_key(*path)).count();
    Ok(planned)
}

/// Reads the files that may have to be rewritten. Others are decisions.
fn read_files(old: &Folder, configuration: SourceText, theme: &Configuration, report: &mut Report) -> Vec<File> {
    let theme_templates = theme.theme.as_ref().map(|theme| format!("themes/{theme}/templates"));
    let folders: Vec<String> = [Some("templates".to_owned()), theme_templates].into_iter().flatten().collect();
    let mut files = vec![File { source: configuration, role: Role::Configuration }];
    for path in old.paths() {
        let extension = path.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
        let template = folders.iter().find_map(|folder| {
            let name = path.strip_prefix(folder.as_str())?.strip_prefix('/')?;
            Some(Role::Template { name: name.to_owned(), folder: folder.clone() })
        });
        let role = match template {
            Some(role) if TEMPLATE_EXTENSIONS.contains(&extension) => role,
            None if path.starts_with("content/") && extension == "md" => Role::Content,
            _ => continue,
        };
        match old.text(path) {
            Ok(Some(source)) => files.push(File { source, role }),
            Ok(None) => {}
            Err(problem) => report.decide(problem),
        }
    }
    files
}

/// Rewrites the files, in their order.
fn rewrite(
    files: &[File],
    configuration: &Configuration,
    reserved: &BTreeSet<String>,
    report: &mut Report,
) -> Vec<Rewritten> {
    let templates = || {
        files.iter().filter_map(|file| match &file.role {
            Role::Template { name, .. } => Some((name.as_str(), &*file.source.text)),
            _ => None,
        })
    };
    let mut shortcodes = Shortcodes::default();
    for (template, text) in templates() {
        let Some(name) = shortcode_name(template) else { continue };
        shortcodes.names.insert(name.to_owned());
        if counts_calls(text) {
            shortcodes.counting.insert(name.to_owned());
        }
    }
    let mut calls: BTreeMap<String, ShortcodeCalls> = BTreeMap::new();
    for file in files.iter().filter(|file| matches!(file.role, Role::Content)) {
        note_calls(&file.source.text, body_start(&file.source.text), &mut calls);
    }
    let reserved = reserved.union(&shortcodes.names).cloned().collect();
    let prefix = configuration.theme.as_ref().map(|theme| format!("{theme}/templates/"));
    let project = Project::new(templates().collect::<Vec<_>>().into_iter(), prefix, &reserved);
    let no_calls = ShortcodeCalls::default();
    files
        .iter()
        .map(|file| {
            let text = &*file.source.text;
            match &file.role {
                Role::Configuration => configuration::rewrite(&file.source, report),
                Role::Content => {
                    let rewritten = rewrite_content(text, body_start(text), &shortcodes);
                    let name = file.source.path.rsplit('/').next().unwrap_or_default();
                    configuration::rewrite_front_matter(rewritten, name.starts_with("_index."))
                }
                Role::Template { name, .. } => {
                    let shortcode = shortcode_name(name).and_then(|shortcode| {
                        let calls = calls.get(shortcode).unwrap_or(&no_calls);
                        rewrite_shortcode(text, name, shortcode, calls, &project)
                    });
                    shortcode.unwrap_or_else(|| rewrite_template(text, name, &project))
                }
            }
        })
        .collect()
}

/// Returns the name of the shortcode that a template defines.
fn shortcode_name(template: &str) -> Option<&str> {
    let (stem, extension) = template.strip_prefix("shortcodes/")?.rsplit_once('.')?;
    (matches!(extension, "html" | "md") && !stem.contains(['/', '.'])).then_some(stem)
}

/// Adds an empty template that is included, but does not exist.
fn add_template(
    name: &str,
    includer: &File,
    configuration: &Configuration,
    files: &[File],
    planned: &mut BTreeMap<String, Vec<u8>>,
    report: &mut Report,
) {
    let Role::Template { folder, .. } = &includer.role else { return };
    let prefix = configuration.theme.as_ref().map(|theme| format!("{theme}/templates/"));
    let name = prefix.and_then(|prefix| name.strip_prefix(&prefix)).unwrap_or(name);
    let path = format!("{folder}/{name}");
    let is_plain = name.split('/').all(|part| !matches!(part, "" | "." | "..")) && !name.contains('\\');
    let exists = files.iter().any(|file| *file.source.path == *path) || planned.contains_key(&path);
    if is_plain && !exists {
        report.added_files.push(path.clone());
        planned.insert(path, b"{#- Put here what you want to add to the page. -#}\n".to_vec());
    }
}
