use super::files::{rename_if_free, rename_new};
use super::*;

fn open(folder: &Path) -> OutputFolder {
    let site = folder.join("site");
    fs::create_dir_all(&site).unwrap();
    OutputFolder::open(&folder.join("out"), &site, None).unwrap()
}

/// Stages two files, does something to the output folder, and commits; gives what was reported.
fn commit(folder: &Path, prefix: &str, meanwhile: impl FnOnce(&Path)) -> Option<String> {
    let output = open(folder);
    let paths = [format!("{prefix}a.txt"), format!("{prefix}b.txt")];
    let paths = paths.each_ref().map(String::as_str);
    paths.iter().for_each(|path| {
        output.put(path, b"ours").unwrap();
    });
    meanwhile(&folder.join("out"));
    output.commit(&paths, &output.stale(&paths, std::iter::empty())).err().map(|problem| problem.message)
}

#[test]
fn a_file_that_comes_between_staging_and_commit_is_not_lost() {
    for prefix in ["", "new/", "new/deep/"] {
        let folder = tempfile::tempdir().unwrap();
        let mine = folder.path().join(format!("out/{prefix}b.txt"));
        let put = |_: &Path| {
            fs::create_dir_all(mine.parent().unwrap()).unwrap();
            fs::write(&mine, "mine").unwrap();
        };
        let told = commit(folder.path(), prefix, put);
        assert!(told.is_some_and(|told| told.contains("b.txt")));
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
        assert!(!folder.path().join(format!("out/{prefix}a.txt")).exists());
        // Nor is it ours for the next build.
        assert!(open(folder.path()).put(&format!("{prefix}b.txt"), b"ours").is_err());
        fs::remove_file(&mine).unwrap();
        assert_eq!(commit(folder.path(), prefix, |_| {}), None);
    }
}

#[test]
fn nothing_is_renamed_over_anything() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    for rename in [rename_new, rename_if_free] {
        fs::write(place("a"), "a").unwrap();
        fs::write(place("b"), "b").unwrap();
        assert_eq!(rename(&place("a"), &place("b")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(place("b")).unwrap(), "b");
        fs::remove_file(place("b")).unwrap();
        rename(&place("a"), &place("b")).unwrap();
    }
}
