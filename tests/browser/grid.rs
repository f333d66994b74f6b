//! A site with every kind of page, in English, German and Arabic: what the checkers look at, light and dark, on wide and on narrow screens.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::browser::Browser;
use crate::inbox::Published;
use crate::sink::Sink;
use crate::sites::copy;

/// The languages; the others are translations of the one that a site has by default.
pub const LANGUAGES: [&str; 3] = ["en", "de", "ar"];

/// The post with a text, a picture, code, and a short thread.
pub const POST: &str = "/posts/kettle/";

/// The post with three hundred comments.
pub const THREAD: &str = "/posts/milk/";

/// Every kind of page: its name and its path.
pub const PAGES: [(&str, &str); 7] = [
    ("home", "/"),
    ("post", POST),
    ("thread", THREAD),
    ("archive", "/archive/"),
    ("search", "/search/"),
    ("tags", "/tags/"),
    ("404", "/404.html"),
];

/// The title of the site in each language, and the texts of its menu.
const TITLES: [(&str, [&str; 4]); 3] = [
    ("en", ["The Kettle", "Posts", "Archive", "About"]),
    ("de", ["Der Wasserkocher", "Beiträge", "Archiv", "Über mich"]),
    ("ar", ["الغلاية", "المقالات", "الأرشيف", "عن الكاتبة"]),
];

/// The site once for each language, with an inbox that sends mail.
#[derive(Default)]
pub struct Grid {
    sites: OnceLock<Vec<GridSite>>,
}

/// The site with one of the languages as its default.
pub struct GridSite {
    pub lang: &'static str,
    pub published: Published,
    pub sink: Sink,
}

impl Grid {
    /// The sites, built when first needed.
    pub fn sites(&self) -> &[GridSite] {
        self.sites.get_or_init(|| LANGUAGES.map(GridSite::build).into())
    }

    /// The site that has a language as its default.
    pub fn site(&self, lang: &str) -> &GridSite {
        self.sites().iter().find(|site| site.lang == lang).expect("it is one of the languages")
    }
}

impl GridSite {
    fn build(lang: &'static str) -> Self {
        let sink = Sink::start();
        let mail = sink.settings();
        let published = Published::prepared(|root, url, endpoint| write_site(root, lang, url, endpoint, &mail));
        Self { lang, published, sink }
    }

    /// The address of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.published.server.url)
    }

    /// Opens a page, and waits for what its scripts add. The search is asked for a word that there is.
    pub fn open(&self, browser: &Browser, path: &str) {
        let word = if self.lang == "ar" { "آسام" } else { "Assam" };
        let is_search = path == "/search/";
        browser.open(&self.url(&if is_search { format!("{path}?q={word}") } else { path.to_owned() }));
        browser.wait_until("document.readyState === 'complete'");
        if is_search {
            browser.wait_until("document.querySelector('.search-result') !== null");
        }
    }

    /// The folder with the built site.
    pub fn folder(&self) -> PathBuf {
        self.published.path("public")
    }
}

fn write_site(root: &Path, default: &str, url: &str, endpoint: &str, mail: &str) {
    let [title, ..] = titles(default);
    let mut config = format!(
        "base_url = \"{url}\"\ntitle = \"{title}\"\ntheme = \"salon\"\nauthor = \"Ada Wren\"\ndefault_language = \"{default}\"\n\
         generate_feeds = true\nfeed_filenames = [\"atom.xml\", \"rss.xml\"]\ntaxonomies = [{{ name = \"tags\", feed = true }}]\n"
    );
    for other in LANGUAGES.into_iter().filter(|lang| *lang != default) {
        let [title, ..] = titles(other);
        let _ = write!(
            config,
            "[languages.{other}]\ntitle = \"{title}\"\ngenerate_feeds = true\nfeed_filenames = [\"atom.xml\", \"rss.xml\"]\n\
             taxonomies = [{{ name = \"tags\", feed = true }}]\n"
        );
    }
    let _ = write!(
        config,
        "[markdown]\nsmart_punctuation = true\nbottom_footnotes = true\ngithub_alerts = true\ninsert_anchor_links = \"right\"\n\
         [markdown.highlighting]\nstyle = \"class\"\nlight_theme = \"salon-light\"\ndark_theme = \"salon-dark\"\n\
         [comments]\nendpoint = \"{endpoint}\"\nkeep_days = 36500\n[comments.guard]\nmin_seconds = 0\n{mail}\
         [extra]\nfonts = \"literata\"\nsocial_cards = true\nfooter = \"*Tea*\"\nlicense = {{ title = \"CC BY 4.0\", url = \"https://creativecommons.org/licenses/by/4.0/\" }}\n\
         social = [{{ title = \"Mastodon\", url = \"https://social.example/@ada\" }}]\nmenu = [{}]\n\
         [[quotes]]\ntext = \"A cup of tea.\"\nauthor = \"Ada Wren\"\n",
        menu(default)
    );
    write(&root.join("site.toml"), &config);
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/grid");
    for lang in LANGUAGES {
        let content = root.join("content");
        if lang == default {
            copy(&fixture.join(lang), &content);
        } else {
            copy_translation(&fixture.join(lang), &content, lang);
        }
        let suffix = if lang == default { String::new() } else { format!(".{lang}") };
        write(
            &content.join(format!("posts/milk{suffix}.comments.md")),
            &thread(&fixture.join(format!("threads/{lang}.txt"))),
        );
    }
    let picture = image::RgbImage::from_fn(640, 360, |x, y| image::Rgb([(x / 4) as u8, (y / 2) as u8, 120]));
    picture.save(root.join("content/posts/kettle/glass.png")).expect("a picture");
}

pub fn titles(lang: &str) -> [&'static str; 4] {
    TITLES.into_iter().find(|(own, _)| *own == lang).expect("it is one of the languages").1
}

/// The items of the menu, with their titles in all languages.
fn menu(default: &str) -> String {
    let items = [(1, "@/posts/_index.md"), (2, "@/archive.md"), (3, "@/about.md")];
    let items = items.map(|(place, path)| {
        let others: Vec<String> =
            LANGUAGES.iter().map(|lang| format!("{lang} = \"{}\"", titles(lang)[place])).collect();
        format!("{{ title = \"{}\", path = \"{path}\", titles = {{ {} }} }}", titles(default)[place], others.join(", "))
    });
    items.join(", ")
}

/// Copies a folder of Markdown as translations: `leaf.md` becomes `leaf.de.md`.
fn copy_translation(from: &Path, to: &Path, lang: &str) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        if entry.path().is_dir() {
            copy_translation(&entry.path(), &to.join(name), lang);
        } else if let Some((stem, rest)) = name.split_once('.').filter(|(_, rest)| rest.ends_with("md")) {
            fs::copy(entry.path(), to.join(format!("{stem}.{lang}.{rest}"))).expect("a file can be copied");
        }
    }
}

/// A hundred comments on the post, a hundred replies to the first of them, and one reply to each of these. The file has lines of a
/// reader's name and a text.
fn thread(file: &Path) -> String {
    let lines = fs::read_to_string(file).expect("texts of the fixture");
    let lines: Vec<(&str, &str)> = lines.lines().filter_map(|line| line.split_once(": ")).collect();
    let mut thread = String::new();
    for id in 1..=300 {
        let answered = match id {
            1..=100 => String::new(),
            101..=200 => "reply_to = \"1\"\n".to_owned(),
            _ => format!("reply_to = \"{}\"\n", id - 100),
        };
        let (hour, minute, (reader, text)) = (id / 60, id % 60, lines[id % lines.len()]);
        // Writing to a text cannot fail.
        let _ = write!(
            thread,
            "+++\nid = \"{id}\"\nauthor = \"{reader}\"\ndate = 2026-01-06T{hour:02}:{minute:02}:00Z\n{answered}+++\n{text}\n\n"
        );
    }
    thread
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// Writes every page in every width, scheme and language into `target/grid/`.
pub fn pictures(grid: &Grid) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/grid");
    fs::create_dir_all(&folder).expect("a folder");
    let browser = Browser::start();
    for site in grid.sites() {
        let mut save = |browser: &Browser, name: &str| {
            for width in [1440, 768, 320] {
                for scheme in ["light", "dark"] {
                    browser.colour_scheme(scheme);
                    browser.resize(width, 900);
                    let height = browser.number("Math.min(Math.max(document.documentElement.scrollHeight, 500), 3000)");
                    browser.resize(width, height as u32);
                    browser.screenshot(&folder.join(format!("{}-{name}-{width}-{scheme}.png", site.lang)));
                }
            }
            browser.resize(1440, 900);
        };
        for (name, path) in PAGES {
            site.open(&browser, path);
            save(&browser, name);
        }
        crate::answers::walk(site, &browser, &mut save);
    }
}
