//! Whole imports, into sites in temporary folders.

mod blogs;
mod comment_systems;
mod old_addresses;
mod packed_files;
mod sites;

use std::fs;
use std::path::Path;

use super::model::ItemKind;
use super::report::Concern;
use super::*;
use crate::build;

fn site() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let config = "base_url = \"https://new.example\"\ntitle = \"T\"\ntheme = \"salon\"\ntaxonomies = [{ name = \"tags\" }, { name = \"categories\" }]\n";
    fs::write(root.path().join("site.toml"), config).expect("a file");
    fs::create_dir_all(root.path().join("content")).expect("a folder");
    root
}

fn options(root: &Path, export: &str) -> Options {
    let file = root.join("export.xml");
    fs::write(&file, export).expect("a file");
    Options { root: root.to_owned(), inputs: vec![file], into: "posts".to_owned(), ..Options::default() }
}

fn run(root: &Path, export: &str) -> Report {
    import(&options(root, export)).expect("an import")
}

/// Imports, and checks that the numbers add up and that the site can be built.
fn sound(root: &Path, export: &str) -> Report {
    let report = run(root, export);
    check(root, &report);
    report
}

/// Checks that the numbers add up and that the site can be built.
fn check(root: &Path, report: &Report) {
    for (class, count) in &report.counts {
        assert_eq!(count.read, count.written + count.left_out.values().sum::<u64>(), "{class:?}: {}", report.text());
    }
    let checked = build::check(&build::Options { root: root.to_owned(), drafts: true, ..build::Options::default() });
    let errors: Vec<_> =
        checked.diagnostics.iter().filter(|d| d.severity == crate::diagnostic::Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

fn text(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn wxr(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<rss xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>\n\
         <wp:base_blog_url>https://old.example</wp:base_blog_url>\n\
         <wp:author><wp:author_id>5</wp:author_id><wp:author_login><![CDATA[ada]]></wp:author_login>\
         <wp:author_email><![CDATA[ada@old.example]]></wp:author_email>\
         <wp:author_display_name><![CDATA[Ada Wren]]></wp:author_display_name></wp:author>\n{items}\n</channel></rss>\n"
    )
}

fn item(id: u32, slug: &str, more: &str) -> String {
    format!(
        "<item><title>Post {id}</title><link>https://old.example/2009/05/{slug}/</link>\
         <dc:creator><![CDATA[ada]]></dc:creator><wp:post_id>{id}</wp:post_id>\
         <wp:post_date>2009-05-12 09:14:00</wp:post_date><wp:post_date_gmt>2009-05-12 14:14:00</wp:post_date_gmt>\
         <wp:post_name>{slug}</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>{more}</item>\n"
    )
}

fn comment(id: u32, parent: u32, more: &str) -> String {
    format!(
        "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author><![CDATA[Jo]]></wp:comment_author>\
         <wp:comment_author_email>jo@secret.example</wp:comment_author_email><wp:comment_author_IP>192.0.2.7</wp:comment_author_IP>\
         <wp:comment_date>2009-05-13 0{}:00:00</wp:comment_date><wp:comment_date_gmt>2009-05-13 0{}:00:00</wp:comment_date_gmt>\
         <wp:comment_approved>1</wp:comment_approved><wp:comment_type></wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent>\
         <wp:comment_user_id>0</wp:comment_user_id><wp:comment_content><![CDATA[Words {id}]]></wp:comment_content>{more}</wp:comment>",
        id % 10,
        id % 10
    )
}

#[test]
fn a_blog_moves_in() {
    let root = site();
    let body = "<content:encoded><![CDATA[One\ntwo\n\n<a href=\"http://www.old.example/?p=2\">other</a> {{ x }}]]></content:encoded>\
                <category domain=\"post_tag\" nicename=\"tea\"><![CDATA[Tea &amp; \"x\"]]></category>\
                <category domain=\"category\" nicename=\"life\"><![CDATA[Life]]></category>\
                <wp:postmeta><wp:meta_key>_wp_old_slug</wp:meta_key><wp:meta_value>olde</wp:meta_value></wp:postmeta>";
    let own = comment(4, 3, "").replace("<wp:comment_user_id>0", "<wp:comment_user_id>5");
    let spam = comment(5, 4, "").replace("approved>1", "approved>spam");
    let pending = comment(6, 5, "").replace("approved>1", "approved>0");
    let ping = comment(7, 0, "").replace("comment_type>", "comment_type>pingback");
    let thread = [
        comment(3, 0, ""),
        own,
        spam,
        pending,
        ping.replace(
            "<wp:comment_type>pingback</wp:comment_type>pingback",
            "<wp:comment_type>pingback</wp:comment_type>",
        ),
    ]
    .concat();
    let export = wxr(&(item(1, "hello", &(body.to_owned() + &thread)) + &item(2, "other", "")));
    let report = sound(root.path(), &export);
    assert_eq!(report.counts[&ItemKind::Comments].written, 4);
    assert_eq!(report.counts[&ItemKind::Comments].left_out["they are spam"], 1);
    assert_eq!(
        text(root.path(), "content/posts/hello.md"),
        "+++\ntitle = \"Post 1\"\ndate = 2009-05-12T09:14:00-05:00\npath = \"2009/05/hello\"\naliases = [\"2009/05/olde\"]\n\
         authors = [\"Ada Wren\"]\n\n[taxonomies]\ntags = [\"Tea & \\\"x\\\"\"]\ncategories = [\"Life\"]\n+++\n\n\
         One\\\ntwo\n\n[other](@/posts/other.md) {% raw %}{{{% endraw %} x }}\n"
    );
    let comments = text(root.path(), "content/posts/hello.comments.md");
    assert!(
        comments.starts_with(
            "+++\nid = \"3\"\nauthor = \"Jo\"\ndate = 2009-05-13T03:00:00Z\nby_author = false\n+++\nWords 3\n"
        ),
        "{comments}"
    );
    assert!(comments.contains("reply_to = \"3\"\nby_author = true\n"), "{comments}");
    // The parent of 6 is spam, so it answers the comment above that.
    assert!(
        comments.contains(
            "id = \"6\"\nauthor = \"Jo\"\ndate = 2009-05-13T06:00:00Z\nreply_to = \"4\"\nstatus = \"pending\"\n"
        ),
        "{comments}"
    );
    assert!(comments.contains("kind = \"pingback\""), "{comments}");
    for entry in walkdir::WalkDir::new(root.path())
        .into_iter()
        .flatten()
        .filter(|e| e.path().extension().is_some_and(|x| x == "md" || x == "toml"))
    {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        assert!(
            !text.contains("secret.example") && !text.contains("192.0.2.7") && !text.contains("ada@"),
            "{}",
            entry.path().display()
        );
    }
}

#[test]
fn importing_again_brings_only_what_is_new() {
    let root = site();
    let path = root.path();
    let first = wxr(&(item(1, "a", &comment(1, 0, "")) + &item(2, "b", &comment(2, 0, "")) + &item(3, "c", "")));
    run(path, &first);
    let before = text(path, "imports/old-example.toml");
    let again = sound(path, &first);
    assert_eq!((again.files.get("unchanged"), again.files.get("created")), (Some(&6), None), "{:?}", again.files);
    assert_eq!(text(path, "imports/old-example.toml"), before);

    fs::write(path.join("content/posts/a.md"), "+++\ntitle = \"Mine\"\n+++\n").expect("a file");
    fs::write(path.join("content/posts/a.comments.md"), text(path, "content/posts/a.comments.md") + "\nedited\n")
        .expect("a file");
    fs::remove_file(path.join("content/posts/c.md")).expect("a file");
    let body = "<content:encoded><![CDATA[New]]></content:encoded>";
    let second = wxr(&(item(1, "a", &(body.to_owned() + &comment(1, 0, "") + &comment(9, 1, "")))
        + &item(2, "b", body)
        + &item(3, "c", body)));
    let report = sound(path, &second);
    assert!(text(path, "content/posts/a.md").contains("Mine"));
    assert!(!path.join("content/posts/c.md").exists());
    assert!(text(path, "content/posts/b.md").ends_with("New\n"));
    assert!(text(path, "content/posts/a.comments/9.md").contains("reply_to = \"1\""));
    assert_eq!(report.concerns[&Concern::Edited].count, 3, "{:?}", report.concerns);
    let third = sound(path, &second);
    assert_eq!(third.files.get("created"), None, "{:?}", third.files);
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_it_would() {
    let root = site();
    let options = Options { dry_run: true, ..options(root.path(), &wxr(&item(1, "a", &comment(1, 0, "")))) };
    let report = import(&options).expect("an import");
    assert_eq!(
        report.plan,
        ["created: content/posts/_index.md", "created: content/posts/a.md", "created: content/posts/a.comments.md"]
    );
    assert_eq!(fs::read_dir(root.path()).expect("a folder").count(), 3);
    assert_eq!(fs::read_dir(root.path().join("content")).expect("a folder").count(), 0);
}

#[test]
fn an_import_that_stopped_goes_on_with_the_same_files() {
    let root = site();
    let export = wxr(&(item(1, "a", &comment(1, 0, "")) + &item(2, "a", &comment(2, 0, ""))));
    run(root.path(), &export);
    let ledger = text(root.path(), "imports/old-example.toml");
    // As if it had stopped after the first file: the ledger has names and no hashes.
    let planned =
        "[files]\n\"post:1\" = [\"content/posts/a.md\", \"\"]\n\"post:2\" = [\"content/posts/a-2.md\", \"\"]\n";
    fs::write(root.path().join("imports/old-example.toml"), planned).expect("a file");
    fs::remove_file(root.path().join("content/posts/a-2.md")).expect("a file");
    let report = sound(root.path(), &export);
    assert_eq!(report.files.get("created"), Some(&1), "{:?}", report.files);
    let same = |text: &str| {
        text.lines().filter(|line| !line.starts_with("\"section\"")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(same(&text(root.path(), "imports/old-example.toml")), same(&ledger));
}

#[test]
fn private_posts_are_not_brought_and_drafts_are_drafts() {
    let root = site();
    let with = |id, from: &str, to: &str| item(id, &format!("p{id}"), &comment(id, 0, "")).replace(from, to);
    let status = "<wp:status>publish</wp:status>";
    let export = wxr(&[
        with(1, status, "<wp:status>draft</wp:status>"),
        with(2, status, "<wp:status>private</wp:status>"),
        with(3, status, "<wp:status>publish</wp:status><wp:post_password>x</wp:post_password>"),
        with(4, status, "<wp:status>members-only</wp:status>"),
        with(5, status, "<wp:status>trash</wp:status>"),
    ]
    .concat());
    let report = sound(root.path(), &export);
    assert!(text(root.path(), "content/posts/p1.md").contains("draft = true"));
    assert_eq!((report.counts[&ItemKind::Posts].written, report.concerns[&Concern::Private].count), (1, 4));
    for id in 2..6 {
        assert!(!root.path().join(format!("content/posts/p{id}.md")).exists());
    }
    let all = Options { drafts: Some(true), ..options(root.path(), &export) };
    assert_eq!(import(&all).expect("an import").counts[&ItemKind::Posts].written, 4);
    assert!(text(root.path(), "content/posts/p3.md").contains("draft = true"));
}

#[test]
fn threads_of_any_shape_are_read() {
    let root = site();
    // A circle, a comment that answers itself, one that answers nobody, a child before its parent.
    let thread = [
        comment(1, 2, ""),
        comment(2, 1, ""),
        comment(3, 3, ""),
        comment(4, 99, ""),
        comment(5, 6, ""),
        comment(6, 0, ""),
    ]
    .concat();
    let report = sound(root.path(), &wxr(&item(1, "a", &thread)));
    assert_eq!((report.counts[&ItemKind::Comments].written, report.concerns[&Concern::Parents].count), (6, 4));
    assert!(text(root.path(), "content/posts/a.comments.md").contains("reply_to = \"6\""));
}

#[test]
fn damage_stays_in_its_item() {
    let root = site();
    let good = item(9, "good", &comment(9, 0, ""));
    for (number, bad) in [
        // A section that never ends, one that ends early, an element that never ends, bytes of another encoding.
        item(
            1,
            "a",
            "<content:encoded><![CDATA[Words</content:encoded>\n<excerpt:encoded><![CDATA[]]></excerpt:encoded>",
        ),
        item(2, "b", "<content:encoded><![CDATA[if (a[b[0]]> 1) <b>x</b>]]></content:encoded>"),
        item(
            3,
            "c",
            "<wp:is_sticky>0<wp:menu_order>0</wp:menu_order><content:encoded>a & b < c &nope; \u{8}</content:encoded>",
        ),
        item(4, "d", "<content:encoded><![CDATA[]]]]><![CDATA[>x]]></content:encoded>").replace("</item>", ""),
    ]
    .into_iter()
    .enumerate()
    {
        let report = sound(root.path(), &wxr(&(bad + &good)));
        assert_eq!(report.counts[&ItemKind::Posts].written, 2, "{number}: {}", report.text());
        assert!(number == 3 || !report.repairs.is_empty(), "{number}");
    }
    assert!(text(root.path(), "content/posts/a.md").ends_with("Words\n"));
    assert!(text(root.path(), "content/posts/b.md").contains("1) **x**"));
    assert!(text(root.path(), "content/posts/c.md").contains("a & b \\< c \\&nope;"));
    assert!(
        text(root.path(), "content/posts/d.md").contains("]]>x")
            || text(root.path(), "content/posts/d.md").contains("\\]\\]>x")
    );
    // A file that is cut off: the half post is not written, and named.
    let cut = wxr(&(good.clone() + &item(5, "e", "<content:encoded><![CDATA[Long")));
    let report = sound(root.path(), &cut[..cut.find("Long").unwrap_or(0) + 2]);
    assert!(report.has_losses() && !root.path().join("content/posts/e.md").exists(), "{}", report.text());
}

#[test]
fn hostile_exports_do_nothing_but_become_text() {
    let root = site();
    let outside = root.path().parent().expect("a folder").join("evil.md");
    let bomb =
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY e SYSTEM \"file:///etc/passwd\">]>";
    let hostile =
        item(1, "../../../evil", "<content:encoded>&b;&e; <![CDATA[<script>alert(1)</script>]]></content:encoded>")
            .replace("Post 1", "\"\n+++\nevil = \"\"\"'''\\ {{ get_env(name=\"HOME\") }}");
    let nested = item(2, "nested", &"<wp:comment>".repeat(100_000));
    let plus = item(
        3,
        "plus",
        &comment(1, 0, "").replace("Words 1", "a\n+++\ndate = 1\n+++\n```\n+++\n\n- ```\n  x\n```\n~~~\n{{ x }}"),
    );
    let name = item(4, "name", &comment(2, 0, "").replace("CDATA[Jo]", "CDATA[jo@secret.example \"+++\" <b>]"));
    let export = wxr(&[hostile, plus, name, nested].concat()).replacen("<rss", &format!("{bomb}<rss"), 1);
    let report = sound(root.path(), &export);
    assert!(!outside.exists());
    let posts = fs::read_dir(root.path().join("content/posts")).expect("a folder");
    let all: String = posts.flatten().filter_map(|entry| fs::read_to_string(entry.path()).ok()).collect();
    assert!(
        !all.contains("aaaaaaaaaa")
            && !all.contains("root:")
            && !all.contains("alert")
            && !all.contains("secret.example"),
        "{all}"
    );
    assert!(all.contains("&b;"), "{all}");
    assert_eq!(report.counts[&ItemKind::Comments].written, 2, "{}", report.text());
}

#[test]
fn disqus_threads_find_their_pages() {
    let root = site();
    run(root.path(), &wxr(&item(1, "hello", "")));
    fs::write(root.path().join("content/about.md"), "+++\ntitle = \"About\"\n+++\n").expect("a file");
    let thread =
        |id: u32, url: &str| format!("<thread dsq:id=\"{id}\"><id/><link>{url}</link><title>T</title></thread>\n");
    let post = |id: u32, thread: u32, parent: &str| {
        format!(
            "<post dsq:id=\"{id}\"><id/><message><![CDATA[<p>Words <b>{id}</b></p>]]></message><createdAt>2013-06-07T02:50:02Z</createdAt>\
         <isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Jo</name><email>jo@secret.example</email></author><ipAddress>192.0.2.7</ipAddress>\
         <thread dsq:id=\"{thread}\"/>{parent}</post>\n"
        )
    };
    let export = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><disqus xmlns=\"http://disqus.com\" xmlns:dsq=\"http://disqus.com/disqus-internals\">\n{}</disqus>",
        [
            thread(1, "http://www.old.example/2009/05/hello/index.html?utm=1"),
            thread(2, "https://old.example/about"),
            thread(3, "https://old.example/gone/"),
            post(12, 1, "<parent dsq:id=\"11\"/>"),
            post(11, 1, ""),
            post(13, 2, ""),
            post(14, 3, ""),
        ]
        .concat()
    );
    let report = sound(root.path(), &export);
    assert_eq!((report.counts[&ItemKind::Comments].written, report.has_losses()), (3, true), "{}", report.text());
    let hello = text(root.path(), "content/posts/hello.comments.md");
    assert!(
        hello.contains(
            "id = \"12\"\nauthor = \"Jo\"\ndate = 2013-06-07T02:50:02Z\nreply_to = \"11\"\n+++\nWords **12**\n"
        ),
        "{hello}"
    );
    assert!(!hello.contains("secret") && !hello.contains("192.0.2.7"));
    assert!(text(root.path(), "content/about.comments.md").contains("Words **13**"));
    let csv = text(root.path(), "imports/old-example.unmatched.csv");
    assert_eq!(csv, "url,page,title,comments\nhttps://old.example/gone/,,T,1\n");
    let map = root.path().join("map.csv");
    fs::write(&map, csv.replace("gone/,,", "gone/,about.md,")).expect("a file");
    let mapped = import(&Options { map: Some(map), ..options(root.path(), &export) }).expect("an import");
    assert!(!mapped.has_losses(), "{}", mapped.text());
    assert!(text(root.path(), "content/about.comments.md").contains("Words **14**"));
}

#[test]
fn comments_come_back_from_an_export() {
    let root = site();
    let words = "a\nb <b>bold</b> &lt;i&gt; *x*\n\n<blockquote>q</blockquote>\n<pre>+++\n  code</pre>\n<a href=\"https://a.example/?a=1&amp;b=2\">l</a> ]]";
    let own = comment(2, 1, "").replace("<wp:comment_user_id>0", "<wp:comment_user_id>5").replace("Words 2", words);
    let pending = comment(3, 0, "").replace("approved>1", "approved>0");
    run(root.path(), &wxr(&item(1, "tea", &[comment(1, 0, ""), own, pending].concat())));
    let out = export_comments(root.path(), ExportFormat::Wxr).expect("an export");
    let other = site();
    sound(other.path(), &out);
    assert_eq!(text(other.path(), "content/posts/tea.comments.md"), text(root.path(), "content/posts/tea.comments.md"));
    let json: serde_json::Value =
        serde_json::from_str(&export_comments(root.path(), ExportFormat::Json).expect("an export")).expect("JSON");
    assert_eq!(json[0]["comments"][1]["reply_to"], "1");
    assert_eq!(json[0]["comments"][2]["status"], "pending");
    assert_eq!(json[0]["url"], "https://new.example/2009/05/tea/");
}
