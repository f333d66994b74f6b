/// Whether a file is one that an editor, a merge or a desktop leaves beside an author's own, by its name: a backup, a file of
/// an edit in progress, a lock. Such a file is no part of a site, wherever it lies.
pub fn is_left_by_editor(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_enclosed = |mark: char| name.len() > 1 && name.starts_with(mark) && name.ends_with(mark);
    // Emacs: `a~`, `#a#`, `.#a`. Vim: `4913`, to see whether it can write. Office programs: `.~lock.a#`, `~$a`.
    if name.ends_with('~') || is_enclosed('#') || name == "4913" {
        return true;
    }
    if [".#", ".~lock.", "~$", ".goutputstream-"].iter().any(|start| name.starts_with(start)) {
        return true;
    }
    if matches!(&*name, ".ds_store" | "thumbs.db" | "desktop.ini") {
        return true;
    }
    let Some((stem, extension)) = name.rsplit_once('.') else { return name.ends_with("___") };
    match extension {
        "bak" | "orig" | "rej" | "tmp" | "kate-swp" => true,
        // Vim takes `swp`, and the letters before it while there are others. `.swf` is Flash, unless the name is hidden.
        "swp" | "swo" | "swn" | "swx" => true,
        _ => {
            stem.starts_with('.') && extension.len() == 3 && extension.starts_with("sw")
                || extension.ends_with("___jb_tmp___")
                || extension.ends_with("___jb_old___")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_editors_are_told_from_files_of_authors() {
        for name in [
            "a.md~",
            "#a.md#",
            ".#a.md",
            ".a.md.swp",
            "a.md.swp",
            ".a.md.swo",
            ".a.md.swm",
            "4913",
            "a.md.bak",
            "a.BAK",
            "a.md.orig",
            "a.md.rej",
            "a.md.tmp",
            "a.md___jb_tmp___",
            "~$a.docx",
            ".~lock.a.odt#",
            ".DS_Store",
            "Thumbs.db",
            ".a.md.kate-swp",
            "content/posts/#a.md#",
        ] {
            assert!(is_left_by_editor(name), "{name}");
        }
        for name in [
            "a.md",
            "game.swf",
            "#",
            "#a.md",
            "a#",
            "4913.md",
            "4913/a.md",
            "bak",
            "a.bak/b.md",
            ".htaccess",
            ".nojekyll",
            "original",
            "a.tmpl",
            "~a",
            "",
            "c#.md",
            "a.sws",
        ] {
            assert!(!is_left_by_editor(name), "{name}");
        }
    }
}
