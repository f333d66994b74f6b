//! Files of the site that templates read.

use std::io::{self, ErrorKind};
use std::path::Path;

use tera::{Error, TeraResult, Value};

use crate::diagnostic::nearest;
use crate::nfc;
use crate::source::plain_path;
use crate::templates::dependencies::Dependency;
use crate::templates::{Library, Reader};

/// Reads a file that [`find_file`] has found.
pub(super) fn read_file(library: &Library, path: &str) -> TeraResult<Vec<u8>> {
    library.world.read(path).map_err(|error| unreadable(path, &error))
}

/// Finds a file, and gives its path from the root of the site: the path as it is, or else below `static/`, below
/// `content/`, or below the theme's `static/`, or else the file that is published at this path, as the paths in `page.assets`
/// are. With `../` it may lead from there to another place in the site. The output folder is not looked through, as what lies
/// there is of an earlier build. Records every place that was tried.
pub(super) fn find_file(reader: &Reader, path: &str) -> TeraResult<Option<String>> {
    let library = &reader.library;
    let all = candidate_paths(library, path);
    if all.is_empty() {
        return Err(Error::message(format!("`{path}` leads out of the site; only files of the site can be read")));
    }
    let (hidden, places): (Vec<String>, Vec<String>) = all.into_iter().partition(|place| is_private(library, place));
    let private = || Error::message(format!("`{path}` is not for readers of the site, so no template can read it"));
    if !hidden.is_empty() && !places.iter().any(|place| library.world.is_file(place)) {
        return Err(private());
    }
    let file =
        library.cached(format!("file {path}"), || match places.iter().find(|place| library.world.is_file(place)) {
            Some(file) => {
                let real = library.world.real_path(file).map_err(|error| unreadable(file, &error))?;
                if is_private(library, &real) { Err(private()) } else { Ok(file.as_str().into()) }
            }
            None => permission_error(library, &places).map_or_else(|| Ok(Value::none()), Err),
        })?;
    for place in &places {
        reader.record(Dependency::File(place.clone()));
        if file.as_str() == Some(place) {
            break;
        }
    }
    Ok(match file.as_str() {
        Some(file) => Some(file.to_owned()),
        None => normalize(path).and_then(|path| reader.published_file(&path)),
    })
}

/// Returns the error if a file exists and must not be read, such as a link that leads out of the site.
fn permission_error(library: &Library, places: &[String]) -> Option<Error> {
    places.iter().find_map(|place| {
        let error = library.world.open(place).err().filter(|error| error.kind() == ErrorKind::PermissionDenied)?;
        Some(unreadable(place, &error))
    })
}

pub(super) fn unreadable(path: &str, error: &io::Error) -> Error {
    Error::message(format!("`{path}` cannot be read: {error}"))
}

/// Where a file can be; nowhere if every way to it leads out of the site.
fn candidate_paths(library: &Library, path: &str) -> Vec<String> {
    let path = path.strip_prefix("@/").map_or_else(|| path.to_owned(), |rest| format!("content/{rest}"));
    let theme = library.site.config.theme.as_ref().map(|theme| format!("themes/{theme}/static"));
    let folders = || ["", "static", "content"].into_iter().chain(theme.as_deref());
    let mut places: Vec<String> = Vec::new();
    for path in nfc::forms(&path) {
        let inside = folders().filter_map(|folder| plain_path(&format!("{folder}/{path}")));
        for place in inside {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

/// Whether a path from the root of the site is private to the author: pending replies, with e-mail addresses; the key
/// for moderation, which is in the site even if the replies are in a bucket; a password; hidden files, such as the
/// repository. A theme by somebody else must not read them.
fn is_private(library: &Library, path: &str) -> bool {
    let is_published = path.starts_with("static/") || path.starts_with("content/");
    let is_hidden = !is_published && path.split('/').any(|part| part.starts_with('.'));
    is_hidden || private_paths(library).iter().any(|place| Path::new(path).starts_with(place))
}

/// Returns the files and folders that are private to the author, as they are configured and as the links in them
/// resolve.
fn private_paths(library: &Library) -> Vec<String> {
    // Every page can ask for them, and resolving links needs system calls.
    let find = || Some(library.site.config.comments.private_places(&*library.world).join("\0"));
    let known = library.cached_text("private places".to_owned(), find);
    known.unwrap_or_default().split('\0').filter(|place| !place.is_empty()).map(str::to_owned).collect()
}

/// Normalizes a path from the root of the site, without `.` and `..`; none if it leads out of the site.
fn normalize(path: &str) -> Option<String> {
    match path.strip_prefix("@/") {
        Some(rest) => plain_path(&format!("content/{rest}")),
        None => plain_path(path),
    }
}

/// Returns the error for a file that does not exist.
pub(super) fn missing_file_error(library: &Library, path: &str) -> Error {
    match library.cached_text(format!("nearest {path}"), || nearest_file(library, path)) {
        Some(near) => Error::message(format!("there is no file `{path}`; did you mean `{near}`?")),
        None => Error::message(format!(
            "there is no file `{path}`, neither from the site's own folder nor in `static/`, `content/` or the \
             theme's `static/`"
        )),
    }
}

/// Finds the most similar file, named as a template would name it.
fn nearest_file(library: &Library, path: &str) -> Option<String> {
    let path = normalize(path)?;
    let config = &library.site.config;
    let theme = config.theme.as_ref().map(|theme| format!("themes/{theme}/static"));
    let mut names: Vec<String> = Vec::new();
    for folder in ["static", "content"].into_iter().chain(theme.as_deref()) {
        let files = library.world.walk(folder).files;
        names.extend(files.iter().map(|file| file.path[folder.len() + 1..].to_owned()));
    }
    // The root can contain folders that do not belong to the site, so only the named folder is searched.
    if let Some((folder, _)) = path.split_once('/').filter(|(folder, _)| *folder != config.output_dir) {
        names.extend(library.world.walk(folder).files.into_iter().map(|file| file.path));
    }
    nearest(&path, names.iter().map(String::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, RwLock};

    use crate::source::{FileMetadata, MemoryWorld, Stream, WalkResult, World};
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::{BLOG, TestSite, blog, site_in};

    #[test]
    fn files_are_searched_in_order() {
        let blog = blog();
        let same = |path: &str, text: &str| {
            let template = format!("{{{{ get_hash(path='{path}') == get_hash(literal='{text}') }}}}");
            assert_eq!(blog.render(&template).unwrap(), "true", "{path}");
        };
        same("both.css", "of the site");
        same("/both.css", "of the site");
        same("calm.css", "body { color: navy }");
        same("themes/calm/static/both.css", "of the theme");
        same(
            "@/posts/coffee.md",
            "+++\\ntitle = \"Coffee\"\\ndate = 2009-01-02\\n[taxonomies]\\ntags = [\"Hot Drinks\"]\\n+++\\nBlack.\\n",
        );
        same("./static/../static//both.css", "of the site");
    }

    /// A world whose files change during a build.
    struct ChangingWorld(RwLock<MemoryWorld>);

    impl World for ChangingWorld {
        fn walk(&self, folder: &str) -> WalkResult {
            self.0.read().unwrap().walk(folder)
        }

        fn read(&self, path: &str) -> io::Result<Vec<u8>> {
            self.0.read().unwrap().read(path)
        }

        fn open(&self, path: &str) -> io::Result<Stream> {
            self.0.read().unwrap().open(path)
        }

        fn stamp(&self, path: &str) -> Option<FileMetadata> {
            self.0.read().unwrap().stamp(path)
        }
    }

    #[test]
    fn a_file_that_changes_during_a_build_keeps_its_first_fingerprint() {
        let world = || BLOG.iter().copied().collect::<MemoryWorld>();
        let edited = Arc::new(ChangingWorld(RwLock::new(world())));
        let blog = site_in(edited.clone());
        let template = "{{ load_data(path='data/note.txt') }}{{ load_data(path='data/none.txt', required=false) }}";
        let read = blog.dependencies(template);
        let seen = |blog: &TestSite| read.iter().map(|it| blog.library.fingerprint(it)).collect::<Vec<_>>();
        edited.0.write().unwrap().insert("data/note.txt", "other");
        edited.0.write().unwrap().insert("data/none.txt", "new");
        assert_eq!(seen(&blog), seen(&site_in(Arc::new(world()))));
        // The next build sees both changes.
        let next = site_in(edited);
        let has_changed = read.iter().filter(|it| next.library.fingerprint(it) != blog.library.fingerprint(it));
        assert_eq!(
            has_changed.map(ToString::to_string).collect::<Vec<_>>(),
            ["the file data/none.txt", "the file data/note.txt"]
        );
    }

    #[test]
    fn every_tried_path_is_recorded() {
        let blog = blog();
        let files = |template: &str| -> Vec<String> {
            let dependencies = blog.dependencies(template).into_iter();
            dependencies.filter_map(|it| if let Dependency::File(path) = it { Some(path) } else { None }).collect()
        };
        let site = ["both.css", "static/both.css"];
        assert_eq!(files("{{ get_hash(path='both.css') }}"), site);
        // The same for a result from the cache.
        assert_eq!(files("{{ get_hash(path='both.css') }}"), site);
        assert_eq!(
            files("{{ load_data(path='no.toml', required=false) }}"),
            ["content/no.toml", "no.toml", "static/no.toml", "themes/calm/static/no.toml"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_to_private_files_are_errors() {
        use std::fs;
        use std::os::unix::fs::symlink;
        use std::sync::Arc;

        use crate::source::DiskWorld;

        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        for place in ["static", ".causerie", "vendor/calm/static", "themes"] {
            fs::create_dir_all(root.join(place)).unwrap();
        }
        fs::write(root.join("site.toml"), "base_url = 'https://a.example'\ntheme = 'calm'").unwrap();
        fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        fs::write(root.join(".causerie/key"), "secret").unwrap();
        fs::write(root.join("vendor/calm/theme.toml"), "").unwrap();
        fs::write(root.join("vendor/shared.txt"), "shared").unwrap();
        symlink("../vendor/calm", root.join("themes/calm")).unwrap();
        symlink("../../shared.txt", root.join("vendor/calm/static/shared.txt")).unwrap();
        let site = site_in(Arc::new(DiskWorld::new(&root)));
        // A site with these links cannot be built.
        symlink("../../secret.txt", root.join("static/out.txt")).unwrap();
        symlink("../../../.causerie", root.join("vendor/calm/static/in")).unwrap();
        for (call, why) in [
            (
                "get_hash(path='out.txt')",
                "`static/out.txt` cannot be read: it is a symbolic link that leads out of the site",
            ),
            ("load_data(path='static/out.txt', required=false)", "it is a symbolic link that leads out of the site"),
            ("load_data(path='in/key')", "`in/key` is not for readers of the site"),
            ("load_data(path='themes/calm/static/in/key')", "is not for readers of the site"),
            ("load_data(path='vendor/calm/static/in/key', required=false)", "is not for readers of the site"),
        ] {
            let error = site.render(&format!("{{{{ {call} }}}}")).unwrap_err();
            assert!(error.contains(why), "{call}: {error}");
        }
        assert_eq!(site.render("{{ load_data(path='shared.txt') }}").unwrap(), "shared");
    }

    #[cfg(unix)]
    #[test]
    fn private_files_are_private_everywhere() {
        use std::fs;
        use std::os::unix::fs::symlink;
        use std::sync::Arc;

        use crate::source::DiskWorld;

        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        for place in ["inbox", "notes/replies", "elsewhere", "open"] {
            fs::create_dir_all(root.join(place)).unwrap();
            fs::write(root.join(place).join("key"), "secret").unwrap();
        }
        symlink("elsewhere", root.join("linked")).unwrap();
        symlink("open/key", root.join("password")).unwrap();
        let (inside, password) = (root.join("notes/replies"), root.join("elsewhere/key"));
        let inside = format!("inbox = '{}/'", inside.display());
        let mail = |file: &str| {
            format!("[comments.mail]\nserver = 'm.example'\nfrom = 'a@b.example'\nuser = 'a'\npassword_file = '{file}'")
        };
        for (settings, private, public) in [
            // The key has a fixed place.
            ("inbox = 's3://bucket/folder'", &["inbox/key", "./inbox/../inbox//key"][..], &["notes/replies/key"][..]),
            (&inside, &["notes/replies/key", "inbox/key"], &["elsewhere/key"]),
            ("inbox = 'linked'", &["linked/key", "elsewhere/key", "inbox/key"], &["open/key"]),
            (&mail(&password.to_string_lossy()), &["elsewhere/key", "linked/key"], &["open/key"]),
            (&mail("password"), &["password", "open/key"], &["elsewhere/key"]),
            (&mail("/nowhere/at/all"), &["inbox/key"], &["open/key"]),
        ] {
            fs::write(root.join("site.toml"), format!("base_url = 'https://a.example'\n[comments]\n{settings}"))
                .unwrap();
            let site = site_in(Arc::new(DiskWorld::new(&root)));
            let load = |path: &str| site.render(&format!("{{{{ load_data(path='{path}', format='plain') }}}}"));
            for path in private {
                let error = load(path).expect_err(path);
                assert!(error.contains("is not for readers of the site"), "{settings} {path}: {error}");
            }
            for path in public {
                assert_eq!(load(path).as_deref(), Ok("secret"), "{settings} {path}");
            }
        }
    }

    #[test]
    fn mistakes() {
        let blog = blog();
        for (arguments, expected) in [
            ("path='css/app.cs'", "there is no file `css/app.cs`; did you mean `css/app.css`?"),
            ("path='data/color.toml'", "there is no file `data/color.toml`; did you mean `data/colours.toml`?"),
            ("path='x'", "there is no file `x`, neither from the site's own folder nor in `static/`"),
            ("path='../../../../secret'", "`../../../../secret` leads out of the site"),
            ("path='static/../../secret'", "there is no file `static/../../secret`"),
            ("path='@/../../secret'", "there is no file `@/../../secret`"),
            ("literal='a', path='b'", "either `path=` or `literal=`"),
            ("sha_type=256", "either `path=` or `literal=`"),
            ("literal='a', sha_type=1", "`sha_type` is 256, 384 or 512, and not 1"),
        ] {
            let error = blog.render(&format!("{{{{ get_hash({arguments}) }}}}")).unwrap_err();
            assert!(error.contains(expected), "{arguments}: {error}");
        }
    }
}
