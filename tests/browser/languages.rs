//! Pages in other languages: their direction, their width, and what their scripts say.

use serde_json::json;

use crate::browser::Browser;
use crate::markup::site;
use crate::sites::Served;

const LANGUAGES: [(&str, &str); 6] = [
    ("ar", "الفرق بين القادة والمديرين في المؤسسات الكبيرة"),
    ("he", "ההבדל בין מנהיגים ובין מנהלים"),
    ("fa", "تفاوت رهبران و مدیران"),
    ("de", "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüssel"),
    ("fr", "Qu’est-ce qu’un dirigeant ?"),
    ("ja", "指導者と管理者の違いについて考えたこと"),
];

/// A site in all of these languages, with comments in several directions.
fn in_many_languages() -> (tempfile::TempDir, Served) {
    let mut config = String::new();
    let mut files = Vec::new();
    let thread = "+++\nauthor = \"Jo (1)\"\ndate = 2026-01-03\n+++\nEnglish, here!\n\
                  +++\nauthor = \"علي\"\ndate = 2026-01-04\n+++\nنعم.\n\
                  +++\ndate = 2026-01-05\nreply_to = \"1\"\n+++\n`code` and https://example.org/a/very/long/address/that/has/no/space/at/all\n\
                  +++\nauthor = \"דנה\"\nurl = \"https://dana.example\"\ndate = 2026-01-06\nreply_to = \"3\"\n+++\nשלום (C++), 2012.\n";
    for (lang, title) in LANGUAGES {
        config.push_str(&format!("[languages.{lang}]\ntitle = \"{title}\"\ntaxonomies = [{{ name = \"tags\" }}]\n"));
        let mut write = |path: &str, text: String| files.push((format!("content/{path}.{lang}.md"), text));
        write("_index", format!("+++\ntitle = \"{title}\"\n+++\n"));
        write("posts/_index", format!("+++\ntitle = \"{title}\"\nsort_by = \"date\"\npaginate_by = 1\n+++\n"));
        write("archive", format!("+++\ntitle = \"{title}\"\ntemplate = \"archive.html\"\n+++\n"));
        write("search", format!("+++\ntitle = \"{title}\"\ntemplate = \"search.html\"\n+++\n"));
        write(
            "posts/a",
            format!(
                "+++\ntitle = \"{title} a\"\ndate = 2026-01-02\nupdated = 2026-01-09\n[taxonomies]\ntags = [\"شاي tea\"]\n+++\n\
                 {title}. needle\n\n## One\n\n## Two\n\n## Three\n\n> [!NOTE]\n> {title}\n\n```rust\nfn main() {{ println!(\"a line that is \
                 longer than any phone is wide, and goes on\"); }}\n```\n"
            ),
        );
        write("posts/b", format!("+++\ntitle = \"{title} b\"\ndate = 2026-01-03\n+++\n{title} needle\n"));
        files.push((format!("content/posts/a.{lang}.comments.md"), thread.to_owned()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    site("en", &format!("{config}[markdown]\ngithub_alerts = true\n"), &files)
}

/// No page scrolls sideways, in either direction.
pub fn no_page_scrolls_sideways() {
    let (_folder, site) = in_many_languages();
    let browser = Browser::start();
    for width in [320, 768, 1440] {
        browser.resize(width, 800);
        for (lang, _) in LANGUAGES {
            let direction = if ["ar", "he", "fa"].contains(&lang) { "rtl" } else { "ltr" };
            for path in ["", "posts/", "posts/a/", "archive/", "search/", "tags/"] {
                browser.open(&site.url(&format!("/{lang}/{path}")));
                let found = browser.eval(
                    "[document.documentElement.lang, document.documentElement.dir, document.documentElement.scrollWidth,
                        document.documentElement.clientWidth, document.body.scrollWidth]",
                );
                assert_eq!(found, json!([lang, direction, width, width, width]), "/{lang}/{path}");
            }
        }
    }
}

/// What scripts write is in the language of the page, and so is what style sheets write.
pub fn scripts_speak_the_language_of_the_page() {
    let (_folder, site) = in_many_languages();
    let browser = Browser::start();
    for (lang, newest, copy, note, reply, results) in [
        ("fr", "Les plus récents d’abord", "Copier", "Note", "Répondre à Jo (1)", "2 résultats"),
        ("de", "Neueste zuerst", "Kopieren", "Hinweis", "Jo (1) antworten", "2 Treffer"),
        ("ar", "الأحدث أولًا", "نسخ", "ملاحظة", "رد على \u{2068}Jo (1)\u{2069}", "نتيجتان"),
    ] {
        browser.open(&site.url(&format!("/{lang}/posts/a/")));
        assert_eq!(browser.text("document.querySelector('.comments-actions button').textContent"), newest);
        // A page without encryption has no clipboard, but on this machine.
        assert_eq!(browser.text("document.querySelector('.copy')?.textContent ?? 'none'"), copy);
        let label = "getComputedStyle(document.querySelector('.markdown-alert-note'), '::before').content";
        assert_eq!(browser.text(label), format!("\"{note}\""));
        assert_eq!(browser.text("document.querySelector('#comment-1 .reply-link').getAttribute('aria-label')"), reply);
        browser.open(&site.url(&format!("/{lang}/search/?q=needle")));
        browser.wait_until("document.querySelectorAll('.search-result').length === 2");
        assert_eq!(browser.text("document.querySelector('.search-count').textContent"), results);
    }
}

/// Names and texts of comments have their own direction on a page of the other one.
pub fn comments_have_their_own_direction() {
    let (_folder, site) = in_many_languages();
    let browser = Browser::start();
    for lang in ["ar", "de"] {
        browser.open(&site.url(&format!("/{lang}/posts/a/")));
        let direction =
            |selector: &str| browser.text(&format!("getComputedStyle(document.querySelector({selector:?})).direction"));
        for (selector, expected) in [
            ("#comment-1 .e-content", "ltr"),
            ("#comment-2 .e-content", "rtl"),
            ("#comment-4 .e-content", "rtl"),
            ("#comment-1 .p-author .p-name", "ltr"),
            ("#comment-4 .p-author .p-name", "rtl"),
        ] {
            assert_eq!(direction(selector), expected, "{lang} {selector}");
        }
    }
}
