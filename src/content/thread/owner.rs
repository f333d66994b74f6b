use crate::content::reactions::reactions_owner;
use crate::source::is_left_by_editor;

/// What a file in the place of a thread is, and whose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreadOwner {
    /// A thread file of the document at this path, which may not exist.
    Thread(String),
    /// A file in the folder of comments of the document at this path that can hold none: it is no Markdown.
    Stray(String),
    /// A hidden file or an editor's backup there: of no meaning.
    Ignored,
}

/// Whose thread a file below `content/` belongs to; none if it is no thread file. `exists` says whether there is a
/// file at a path: `comments.md` and `comments/` are only a thread beside a bundle's `index.md`, and a page and a
/// folder like any other elsewhere.
///
/// | file | belongs to |
/// |---|---|
/// | `NAME.reactions.toml` | `NAME.md`, if there is such a file |
/// | `NAME.comments.md`, anything in `NAME.comments/` | `NAME.md`, with NAME as it is: `hello`, `hello.fr`, `_index` |
/// | `comments.md`, anything in `comments/` | `index.md` beside it, in a bundle |
/// | `comments.LANG.md`, anything in `comments.LANG/` | `index.LANG.md` beside it, in a bundle |
pub fn owner(path: &str, exists: impl Fn(&str) -> bool) -> Option<ThreadOwner> {
    if let Some((folder, file)) = path.rsplit_once('/')
        && let Some(stem) = file.strip_suffix(".md")
        && let Some(document) = document(folder, stem, &exists)
    {
        return Some(ThreadOwner::Thread(document));
    }
    if let Some(document) = reactions_owner(path).filter(|document| exists(document)) {
        return Some(ThreadOwner::Thread(document));
    }
    // The outermost folder of comments has the say, so that what lies deeper belongs to the same thread.
    let mut start = 0;
    while let Some(length) = path[start..].find('/') {
        let end = start + length;
        if start > 0
            && let Some(document) = document(&path[..start - 1], &path[start..end], &exists)
        {
            let file = path.rsplit('/').next().unwrap_or(path);
            return Some(if file.starts_with('.') || is_left_by_editor(file) {
                ThreadOwner::Ignored
            } else if file.ends_with(".md") {
                ThreadOwner::Thread(document)
            } else {
                ThreadOwner::Stray(document)
            });
        }
        start = end + 1;
    }
    None
}

/// The names that a document's thread can have: of a folder, or with `.md` of a file. In a bundle the last one is the
/// bundle's own name. [`owner`] finds the document for each of these names.
pub fn thread_names(document: &str) -> Vec<String> {
    let stem = document.strip_suffix(".md").unwrap_or(document);
    let mut names = vec![format!("{stem}.comments")];
    if let Some((folder, name)) = stem.rsplit_once('/') {
        names.extend(bundle_language(folder, name, "index").map(|language| format!("{folder}/comments{language}")));
    }
    names
}

/// The document that a file `NAME.md` or a folder `NAME` holds the thread of, if it does.
fn document(folder: &str, name: &str, exists: impl Fn(&str) -> bool) -> Option<String> {
    if let Some(owner) = name.strip_suffix(".comments")
        && !owner.is_empty()
    {
        return Some(format!("{folder}/{owner}.md"));
    }
    let language = bundle_language(folder, name, "comments")?;
    Some(format!("{folder}/index{language}.md")).filter(|index| exists(index))
}

/// The language in a name such as `index.fr` in a bundle's folder, with its dot. It is empty for the default language.
fn bundle_language<'a>(folder: &str, name: &'a str, stem: &str) -> Option<&'a str> {
    // `content/index.md` has no folder of its own, and so is no bundle.
    name.strip_prefix(stem).filter(|rest| folder != "content" && (rest.is_empty() || rest.starts_with('.')))
}

/// The stem of a file that lies in a folder of comments.
pub(super) fn stem_in_folder(path: &str) -> Option<&str> {
    let (folder, file) = path.rsplit_once('/')?;
    let in_folder = folder
        .split('/')
        .any(|name| name.ends_with(".comments") || name == "comments" || name.starts_with("comments."));
    // A file beside its document is not named for one comment, even where a folder above happens to be called so.
    let stem = file.strip_suffix(".md")?;
    let beside = stem.ends_with(".comments") || stem == "comments";
    (in_folder && !beside).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(path: &str) -> Option<ThreadOwner> {
        let files = ["content/blog/trip/index.md", "content/blog/trip/index.fr.md", "content/index.md"];
        owner(path, |path| files.contains(&path))
    }

    #[test]
    fn a_thread_lies_beside_its_document() {
        for (path, document) in [
            ("content/blog/hello.comments.md", "content/blog/hello.md"),
            ("content/blog/hello.comments/1.md", "content/blog/hello.md"),
            ("content/blog/hello.comments/2009/1.md", "content/blog/hello.md"),
            ("content/blog/hello.fr.comments.md", "content/blog/hello.fr.md"),
            ("content/blog/hello.fr.comments/1.md", "content/blog/hello.fr.md"),
            ("content/_index.comments.md", "content/_index.md"),
            ("content/blog/_index.comments/1.md", "content/blog/_index.md"),
            ("content/blog/trip/comments.md", "content/blog/trip/index.md"),
            ("content/blog/trip/comments/1.md", "content/blog/trip/index.md"),
            ("content/blog/trip/comments.fr.md", "content/blog/trip/index.fr.md"),
            ("content/blog/trip/comments.fr/1.md", "content/blog/trip/index.fr.md"),
            ("content/blog/trip/index.comments.md", "content/blog/trip/index.md"),
            ("content/blog/trip/comments/index.md", "content/blog/trip/index.md"),
        ] {
            assert_eq!(thread(path), Some(ThreadOwner::Thread(document.to_owned())), "{path}");
        }
    }

    #[test]
    fn each_name_of_a_thread_leads_back_to_its_document() {
        for (document, names) in [
            ("content/blog/hello.md", &["content/blog/hello.comments"][..]),
            ("content/blog/hello.fr.md", &["content/blog/hello.fr.comments"]),
            ("content/blog/_index.md", &["content/blog/_index.comments"]),
            ("content/blog/indexes.md", &["content/blog/indexes.comments"]),
            ("content/index.md", &["content/index.comments"]),
            ("content/blog/trip/index.md", &["content/blog/trip/index.comments", "content/blog/trip/comments"]),
            (
                "content/blog/trip/index.fr.md",
                &["content/blog/trip/index.fr.comments", "content/blog/trip/comments.fr"],
            ),
        ] {
            assert_eq!(thread_names(document), names, "{document}");
            for path in names.iter().flat_map(|name| [format!("{name}.md"), format!("{name}/1.md")]) {
                assert_eq!(thread(&path), Some(ThreadOwner::Thread(document.to_owned())), "{path}");
            }
        }
    }

    #[test]
    fn other_files_are_no_threads() {
        for path in [
            "content/blog/hello.md",
            "content/blog/comments.md",
            "content/blog/comments/1.md",
            "content/comments.md",
            "content/comments/1.md",
            "content/blog/.comments.md",
            "content/blog/trip/commentsare.md",
            "content/blog/trip/photo.jpg",
            "content/blog/trip/comments.it.md",
            "content/comments/trip.md",
        ] {
            assert_eq!(thread(path), None, "{path}");
        }
    }

    #[test]
    fn what_cannot_be_a_comment_is_told_from_what_means_nothing() {
        let document = "content/blog/hello.md".to_owned();
        assert_eq!(thread("content/blog/hello.comments/photo.jpg"), Some(ThreadOwner::Stray(document)));
        for path in ["1.md~", ".1.md.swp", ".DS_Store", "#1.md#", ".#1.md"] {
            assert_eq!(thread(&format!("content/blog/hello.comments/{path}")), Some(ThreadOwner::Ignored), "{path}");
        }
    }

    #[test]
    fn a_file_in_a_folder_of_comments_has_a_stem_to_name_its_comment() {
        assert_eq!(stem_in_folder("content/blog/hello.comments/7.md"), Some("7"));
        assert_eq!(stem_in_folder("content/blog/trip/comments/2009-05-12.jo.md"), Some("2009-05-12.jo"));
        assert_eq!(stem_in_folder("content/blog/hello.comments.md"), None);
        assert_eq!(stem_in_folder("content/blog/trip/comments.md"), None);
        assert_eq!(stem_in_folder("content/comments/hello.comments.md"), None);
    }
}
