//! The search of the preview.

use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

use tempfile::TempDir;

use super::*;

struct Site {
    folder: TempDir,
    preview: Arc<Preview>,
}

impl Site {
    /// The preview of a site with one post.
    fn open(search: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("site.toml", &format!("base_url = \"https://x.example\"\ntheme = \"salon\"\n{search}"));
        write("content/tea.md", "+++\ntitle = \"Tea\"\n+++\nGreen.\n");
        let options = Options { root: folder.path().to_owned(), ..Options::default() };
        Self { preview: Preview::new(options, CommentStatus::Pending), folder }
    }

    /// Changes the post.
    fn write(&self, text: &str) {
        fs::write(self.folder.path().join("content/tea.md"), format!("+++\ntitle = \"Tea\"\n+++\n{text}\n")).unwrap();
        self.soon(|preview| preview.reload());
    }

    /// Does something that must not wait for the search.
    fn soon<T: Send + 'static>(&self, act: impl FnOnce(&Preview) -> T + Send + 'static) -> T {
        let (send, receive) = mpsc::channel();
        let preview = self.preview.clone();
        thread::spawn(move || send.send(act(&preview)));
        receive.recv_timeout(Duration::from_secs(60)).expect("it does not wait for the search")
    }

    fn output(&self, path: &'static str) -> String {
        let output = self.soon(|preview| preview.output(path));
        text_of(&output.expect("it is planned").expect("it is rendered"))
    }
}

fn text_of(ServedOutput { contents, .. }: &ServedOutput) -> String {
    let Contents::Bytes(bytes) = contents else { panic!("it is no text") };
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_page_is_shown_before_the_search_is_made() {
    let site = Site::open("");
    let before = site.output("search-index/en.bin");
    // As long as this is held, nobody makes an index.
    let held = lock(&site.preview.last_search);
    site.write("Black.");
    assert!(site.output("tea/index.html").contains("Black."));
    let is_made = site.preview.snapshot().search.try_lock().is_ok_and(|it| it.is_some());
    assert!(!is_made);
    // Nor does a mistake wait.
    fs::write(site.folder.path().join("site.toml"), "title = 1").unwrap();
    site.soon(|preview| preview.reload());
    assert!(!site.preview.all_problems().is_empty());
    drop(held);
    assert_ne!(site.output("search-index/en.bin"), before);
}

#[test]
fn an_index_in_one_file_follows_the_pages_and_reloads_none() {
    let site = Site::open("[search]\nindex_format = \"fuse_json\"\n");
    let path = "search_index.en.json";
    assert!(site.output(path).contains("\"body\":\"Green.\""));
    let print = site.preview.fingerprint(path).unwrap().unwrap();
    site.write("Black.");
    assert!(site.output("tea/index.html").contains("Black."));
    assert!(!text_of(&lock(&site.preview.outputs)[path].output).contains("Black."), "it was made unasked");
    assert_eq!(site.preview.fingerprint(path).unwrap().unwrap(), print);
    assert!(site.output(path).contains("\"body\":\"Black.\""));
}

#[test]
fn an_image_is_made_when_somebody_looks_at_it() {
    let site = Site::open("");
    let write = |path: &str, bytes: &[u8]| {
        let path = site.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        site.soon(|preview| preview.reload());
    };
    let gray = |level: u8| [&b"P5\n4 2\n255\n"[..], &[level; 8]].concat();
    write("static/cup.pgm", &gray(9));
    write(
        "templates/page.html",
        b"{% set i = resize_image(path='cup.pgm', width=2, op='fit_width') %}{{ i.static_path }}",
    );
    let shown = || site.output("tea/index.html").replace("static/", "");
    let image = |path: &str| site.preview.output(path.trim());
    let first = shown();
    assert!(first.starts_with("processed_images/cup."), "{first}");
    assert!(image(&first).is_some_and(|image| image.is_ok()));
    assert!(image("processed_images/cup.0.png").is_none());
    // Also when the page itself was not rendered again.
    site.write("Black.");
    assert!(image(&first).is_some_and(|image| image.is_ok()));
    // The image of another source has another name.
    write("static/cup.pgm", &gray(200));
    let second = shown();
    assert_ne!(second, first);
    assert!(image(&first).is_none() && image(&second).is_some_and(|image| image.is_ok()));
    // A damaged one is a problem that goes away with it.
    write("static/cup.pgm", &gray(7)[..14]);
    assert!(image(&shown()).is_some_and(|image| image.is_err()));
    assert!(site.preview.all_problems().iter().any(|problem| problem.message.contains("cannot be resized")));
}
