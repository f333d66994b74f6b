//! Exports of comment systems, into sites that have the pages already.

use super::*;

/// A site with two pages, and the report of importing files into it.
fn imported(files: &[(&str, &str)]) -> (tempfile::TempDir, Report) {
    let root = site();
    fs::create_dir_all(root.path().join("content/posts")).expect("a folder");
    fs::write(root.path().join("content/posts/_index.md"), "+++\ntitle = \"Posts\"\n+++\n").expect("a file");
    fs::write(root.path().join("content/posts/tea.md"), "+++\ntitle = \"Tea\"\ndate = 2020-01-01\n+++\n")
        .expect("a file");
    fs::write(root.path().join("content/about.md"), "+++\ntitle = \"About\"\naliases = [\"old/about.html\"]\n+++\n")
        .expect("a file");
    let inputs = files.iter().map(|(name, text)| {
        let path = root.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    });
    let options = Options {
        root: root.path().to_owned(),
        inputs: inputs.collect(),
        into: "posts".to_owned(),
        ..Options::default()
    };
    let report = import(&options).expect("an import");
    for count in report.counts.values() {
        assert_eq!(count.read, count.written + count.left_out.values().sum::<u64>(), "{}", report.text());
    }
    let checked = build::check(&build::Options { root: root.path().to_owned(), ..build::Options::default() });
    let errors: Vec<_> =
        checked.diagnostics.iter().filter(|d| d.severity == crate::diagnostic::Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    for entry in walkdir::WalkDir::new(root.path())
        .into_iter()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "md" || end == "toml"))
    {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        assert!(!text.contains("secret") && !text.contains("192.0.2."), "{}: {text}", entry.path().display());
    }
    (root, report)
}

const THREADS: &str = r#"[{"id":1,"uri":"/posts/tea/","title":"Tea"},
{"id":2,"uri":"/gone/","title":"Gone"}]
"#;

#[test]
fn isso_comments_come_with_their_states_and_dates() {
    let row = |id: u32, tid: u32, parent: &str, mode: u32, text: &str| {
        format!(
            "{{\"tid\":{tid},\"id\":{id},\"parent\":{parent},\"created\":1370573402.95,\"modified\":null,\"mode\":{mode},\"remote_addr\":\"192.0.2.0\",\
             \"text\":{},\"author\":\"Jo\",\"email\":\"jo@secret.example\",\"website\":\"https://jo.example\",\"likes\":0,\"voters\":\"secret\"}}",
            serde_json::Value::from(text)
        )
    };
    let markdown = "See https://tea.example/a_b, *really*.\n\n```\n+++\nopen";
    let rows = [
        row(1, 1, "null", 1, markdown),
        row(2, 1, "1", 4, ""),
        row(3, 1, "2", 2, "<b>bold</b> & <script>x</script> Vec<String>"),
        row(4, 2, "null", 1, "Lost"),
    ];
    let (root, report) = imported(&[("comments.json", &format!("{THREADS}[{}]\n", rows.join(",\n")))]);
    assert_eq!(
        text(root.path(), "content/posts/tea.comments.md"),
        "+++\nid = \"1\"\nauthor = \"Jo\"\nurl = \"https://jo.example\"\ndate = 2013-06-07T02:50:02Z\n+++\n\
         See <https://tea.example/a_b>, *really*.\n\n```\n\\+++\nopen\n```\n\n\
         +++\nid = \"3\"\nauthor = \"Jo\"\nurl = \"https://jo.example\"\ndate = 2013-06-07T02:50:02Z\nreply_to = \"1\"\nstatus = \"pending\"\n+++\n\
         **bold** & Vec\n"
    );
    assert_eq!(report.counts[&ItemKind::Comments].left_out["they are in the trash"], 1);
    assert!(report.has_losses() && text(root.path(), "imports/comments.unmatched.csv").contains("/gone/,,Gone,1"));
}

#[test]
fn commento_names_its_commenters_at_the_end() {
    let comment = |id: &str, parent: &str, who: &str, state: &str, is_deleted: bool| {
        format!(
            r#"{{"commentHex":"{id}","domain":"new.example","url":"/posts/tea","commenterHex":"{who}","markdown":"Words *{id}*","html":"","parentHex":"{parent}","score":1,"state":"{state}","creationDate":"2021-03-17T12:09:47.722181Z","deleted":{is_deleted}}}"#
        )
    };
    let comments = [
        comment("aa", "root", "c1", "approved", false),
        comment("bb", "aa", "anonymous", "unapproved", false),
        comment("cc", "bb", "c1", "flagged", false),
        comment("dd", "cc", "c1", "approved", false),
        comment("ee", "root", "c1", "approved", true),
    ];
    let export = format!(
        r#"{{"version":1,"comments":[{}],"commenters":[{{"commenterHex":"c1","email":"jo@secret.example","name":"Jo Tern","link":"https://jo.example","photo":"https://gravatar.example/secret"}}]}}"#,
        comments.join(",")
    );
    let (root, report) = imported(&[("export.json", &export)]);
    let thread = text(root.path(), "content/posts/tea.comments.md");
    assert!(thread.starts_with("+++\nid = \"aa\"\nauthor = \"Jo Tern\"\nurl = \"https://jo.example\"\ndate = 2021-03-17T12:09:47Z\n+++\nWords *aa*\n"), "{thread}");
    assert!(
        thread.contains("id = \"bb\"\ndate = 2021-03-17T12:09:47Z\nreply_to = \"aa\"\nstatus = \"pending\"\n+++\n"),
        "{thread}"
    );
    assert!(thread.contains("id = \"dd\"\nauthor = \"Jo Tern\"\nurl = \"https://jo.example\"\ndate = 2021-03-17T12:09:47Z\nreply_to = \"bb\"\n"), "{thread}");
    let counts = &report.counts[&ItemKind::Comments];
    assert_eq!((counts.read, counts.written, report.has_losses()), (5, 3, false), "{}", report.text());
}

#[test]
fn remark42_backups_keep_markdown_or_html() {
    let line = |id: &str, parent: &str, more: &str| {
        format!(
            r#"{{"id":"{id}","pid":"{parent}","text":"<p>HTML <b>{id}</b></p>","user":{{"name":"Jo","id":"github_secret","picture":"https://p.example/secret","ip":"192.0.2.1","admin":{}}},"locator":{{"site":"s","url":"https://new.example/about/?x=1"}},"score":0,"votes":{{}},"time":"2017-12-20T15:18:22-06:00"{more}}}"#,
            id == "b"
        )
    };
    let backup = [
        r#"{"version":1,"users":[{"id":"github_secret"}],"posts":[{"url":"https://new.example/about/"}]}"#.to_owned(),
        line("a", "", r#","orig":"Markdown *a*""#),
        line("b", "a", ""),
        line("c", "b", r#","delete":true"#),
        r#"{"id":"d","pid":"c","text":"x","user":{"name":"#.to_owned(),
    ];
    let (root, report) = imported(&[("backup.json", &(backup.join("\n") + "\n"))]);
    let thread = text(root.path(), "content/about.comments.md");
    assert_eq!(
        thread,
        "+++\nid = \"a\"\nauthor = \"Jo\"\ndate = 2017-12-20T15:18:22-06:00\nby_author = false\n+++\nMarkdown *a*\n\n\
         +++\nid = \"b\"\nauthor = \"Jo\"\ndate = 2017-12-20T15:18:22-06:00\nreply_to = \"a\"\nby_author = true\n+++\nHTML **b**\n"
    );
    // The last line is cut off.
    assert_eq!((report.counts[&ItemKind::Comments].read, report.concerns[&Concern::Lost].count), (4, 1));
}

#[test]
fn cusdis_answers_and_tables_give_the_same() {
    let comment = |id: &str, more: &str| {
        format!(
            r#"{{"id":"{id}","createdAt":"2022-05-01T10:00:0{}.000Z","content":"Words **{id}**","by_nickname":"Jo","by_email":"jo@secret.example"{more}}}"#,
            id.len()
        )
    };
    let page = r#""page":{"id":"p","slug":"about","url":"https://old.example/old/about.html","title":"About"}"#;
    let approved = r#","moderatorId":null,"approved":true"#;
    let owner = r#","moderatorId":"u","approved":true"#;
    let reply = comment("bb", &format!("{owner},{page},\"replies\":{{\"data\":[]}}"));
    let first = comment("a", &format!("{approved},{page},\"replies\":{{\"data\":[{reply}]}}"));
    // The dashboard lists a reply by itself, too, and there without its parent.
    let api = format!("{{\"data\":{{\"commentCount\":2,\"data\":[{reply},{first}]}}}}\n");
    let (by_api, report) = imported(&[("page1.json", &api)]);
    let thread = text(by_api.path(), "content/about.comments.md");
    assert_eq!(
        thread,
        "+++\nid = \"a\"\nauthor = \"Jo\"\ndate = 2022-05-01T10:00:01Z\nby_author = false\n+++\nWords **a**\n\n\
         +++\nid = \"bb\"\nauthor = \"Jo\"\ndate = 2022-05-01T10:00:02Z\nreply_to = \"a\"\nby_author = true\n+++\nWords **bb**\n"
    );
    assert!(!report.has_losses() && !report.concerns.contains_key(&Concern::Parents), "{}", report.text());
    let tables = format!(
        r#"[{{"id":"p","slug":"about","url":null,"title":"About","projectId":"x"}}][{},{},{}]"#,
        comment("bb", &format!("{owner},\"pageId\":\"p\",\"parentId\":\"a\"")),
        comment("a", &format!("{approved},\"pageId\":\"p\",\"parentId\":null,\"deletedAt\":null"))
            .replace("\"2022-05-01T10:00:01.000Z\"", "1651399201000"),
        comment("ccc", r#","pageId":"p","approved":0"#),
    );
    let (by_tables, _) = imported(&[("dump.json", &tables)]);
    let other = text(by_tables.path(), "content/about.comments.md");
    assert!(other.starts_with(&thread), "{other}");
    assert!(other.ends_with("status = \"pending\"\nby_author = false\n+++\nWords **ccc**\n"), "{other}");
}

#[test]
fn discussions_and_issues_of_github_are_read() {
    let comment = |id: &str, association: &str, more: &str| {
        format!(
            r#"{{"id":"{id}","body":"Words\r\n> *{id}* :tea:","createdAt":"2023-01-01T10:00:00Z","author":{{"login":"jo","url":"https://github.com/jo"}},"authorAssociation":"{association}"{more}}}"#
        )
    };
    let hidden = r#","isMinimized":true,"minimizedReason":"#;
    let replies = [
        comment("r1", "OWNER", r#","replyTo":{"id":"c1"}"#),
        comment("r2", "NONE", &format!("{hidden}\"SPAM\"")),
        comment("r3", "MEMBER", &format!("{hidden}\"OUTDATED\"")),
    ];
    let first = comment("c1", "NONE", &format!(r#","replies":{{"totalCount":4,"nodes":[{}]}}"#, replies.join(",")));
    let giscus = format!(
        r##"{{"data":{{"repository":{{"discussions":{{"nodes":[{{"number":3,"title":"posts/tea","url":"https://github.com/o/r/discussions/3","body":"# posts/tea\n\n[https://old.example/posts/tea.html](https://old.example/posts/tea.html)","comments":{{"totalCount":1,"nodes":[{first}]}}}}]}}}}}}}}"##
    );
    let (root, report) = imported(&[("discussions.json", &giscus)]);
    let thread = text(root.path(), "content/posts/tea.comments.md");
    assert!(thread.starts_with("+++\nid = \"c1\"\nauthor = \"jo\"\nurl = \"https://github.com/jo\"\ndate = 2023-01-01T10:00:00Z\nby_author = false\n+++\nWords\n> *c1* :tea:\n"), "{thread}");
    assert!(thread.contains("id = \"r1\"\nauthor = \"jo\"\nurl = \"https://github.com/jo\"\ndate = 2023-01-01T10:00:00Z\nreply_to = \"c1\"\nby_author = true\n"), "{thread}");
    assert!(thread.contains("reply_to = \"c1\"\nstatus = \"pending\"\n+++\n") && !thread.contains("r2"), "{thread}");
    // The answer has three of four replies.
    assert_eq!((report.counts[&ItemKind::Comments].read, report.has_losses()), (5, true), "{}", report.text());

    let issues = r##"[{"url":"https://api.github.com/repos/o/r/issues/5","number":5,"title":"about","body":"# About\n\nx\n\n[https://new.example/about/](https://new.example/about/)","comments":1,"comments_url":"https://api.github.com/x","user":{"login":"utterances-bot"}},
        {"url":"https://api.github.com/repos/o/r/issues/6","number":6,"title":"Fix","pull_request":{},"comments":3}]"##;
    let comments = r#"[{"issue_url":"https://api.github.com/repos/o/r/issues/5","id":7,"body":"<details><summary>More</summary>Words</details>","user":{"login":"ada","html_url":"https://github.com/ada"},"created_at":"2023-01-02T10:00:00Z","author_association":"OWNER"}]"#;
    let (root, report) = imported(&[("comments.json", comments), ("issues.json", issues)]);
    let thread = text(root.path(), "content/about.comments.md");
    assert_eq!(
        thread,
        "+++\nid = \"7\"\nauthor = \"ada\"\nurl = \"https://github.com/ada\"\ndate = 2023-01-02T10:00:00Z\nby_author = true\n+++\nMore\n\nWords\n"
    );
    assert!(!report.has_losses(), "{}", report.text());
}

#[test]
fn a_blog_and_its_comments_from_elsewhere_are_one_import() {
    let export = wxr(&(item(1, "hello", &super::comment(3, 0, "")) + &item(2, "other", "")));
    let isso = r#"[{"id":1,"uri":"/2009/05/hello/","title":"Hello"}][{"tid":1,"id":1,"parent":null,"created":1370573402,"mode":1,"remote_addr":"192.0.2.0","text":"Later","author":"Bo"}]"#;
    let (root, report) = imported(&[("blog.xml", &export), ("isso.json", isso)]);
    assert_eq!((report.counts[&ItemKind::Comments].written, report.has_losses()), (2, false), "{}", report.text());
    assert!(text(root.path(), "content/posts/hello.comments.md").contains("Words 3"));
    let later = fs::read_dir(root.path().join("content/posts/hello.comments"))
        .expect("a folder")
        .flatten()
        .next()
        .expect("a file");
    assert!(fs::read_to_string(later.path()).expect("a file").contains("Later"));
}

#[test]
fn comments_that_disqus_has_copied_come_once() {
    let copy = super::comment(
        3,
        0,
        "<wp:commentmeta><wp:meta_key>dsq_post_id</wp:meta_key><wp:meta_value>900</wp:meta_value></wp:commentmeta>",
    );
    let export = wxr(&item(1, "hello", &copy));
    let post = |id: u32, parent: &str| {
        format!(
            "<post dsq:id=\"{id}\"><message>Words {id}</message><createdAt>2013-06-07T02:50:02Z</createdAt><author><name>Jo</name></author><thread dsq:id=\"1\"/>{parent}</post>\n"
        )
    };
    let disqus = format!(
        "<disqus xmlns:dsq=\"http://disqus.com/disqus-internals\"><thread dsq:id=\"1\"><link>https://old.example/2009/05/hello/</link></thread>\n{}{}</disqus>",
        post(900, ""),
        post(901, "<parent dsq:id=\"900\"/>")
    );
    let (root, report) = imported(&[("disqus.xml", &disqus), ("blog.xml", &export)]);
    assert_eq!(report.counts[&ItemKind::Comments].left_out["the export of the blog has them, too"], 1);
    assert!(!report.concerns.contains_key(&Concern::Parents), "{}", report.text());
    let later = fs::read_dir(root.path().join("content/posts/hello.comments"))
        .expect("a folder")
        .flatten()
        .next()
        .expect("a file");
    let later = fs::read_to_string(later.path()).expect("a file");
    assert!(later.contains("id = \"901\"") && later.contains("reply_to = \"3\"") && !later.contains("900"), "{later}");
}

#[test]
fn webmentions_are_comments_and_counts() {
    let mention = |id: u32, property: &str, more: &str| {
        format!(
            r#"{{"type":"entry","author":{{"type":"card","name":"Jo Tern","photo":"https://p.example/secret","url":"https://jo.example"}},"url":"https://jo.example/{id}","published":null,"wm-received":"2021-03-04T05:06:07Z","wm-id":{id},"wm-source":"https://jo.example/{id}","wm-target":"https://new.example/about/#x","wm-property":"{property}","wm-private":false{more}}}"#
        )
    };
    let reply = r#","content":{"html":"<p>Words <b>here</b><script>x</script></p>","text":"Words here"}"#;
    let article = format!(r#","name":"My <week>","content":{{"text":"{}"}}"#, "word ".repeat(200));
    let children = [
        mention(1, "in-reply-to", reply),
        mention(2, "mention-of", &article),
        mention(3, "like-of", ""),
        mention(4, "like-of", ""),
        mention(5, "repost-of", ""),
        mention(3, "like-of", ""),
        mention(6, "in-reply-to", reply).replace("\"wm-private\":false", "\"wm-private\":true"),
        mention(7, "like-of", "").replace("about", "none"),
    ];
    let feed = format!(r#"{{"type":"feed","name":"Webmentions","children":[{}]}}"#, children.join(","));
    let (root, report) = imported(&[("mentions.json", &feed)]);
    let thread = text(root.path(), "content/about.comments.md");
    assert!(
        thread.starts_with(
            "+++\nid = \"1\"\nauthor = \"Jo Tern\"\nurl = \"https://jo.example/1\"\ndate = 2021-03-04T05:06:07Z\n\
             kind = \"webmention\"\nby_author = false\n+++\nWords **here**\n"
        ),
        "{thread}"
    );
    assert!(thread.contains("[My \\<week>](https://jo.example/2)\n\nword word") && thread.len() < 1200, "{thread}");
    assert!(!thread.contains("id = \"6\"") && !thread.contains("secret"), "{thread}");
    let reactions = text(root.path(), "content/about.reactions.toml");
    assert!(
        reactions.contains("network = \"web\"\nurl = \"https://webmention.io\"\nlikes = 2\nreposts = 1\n"),
        "{reactions}"
    );
    assert!(report.concerns.contains_key(&Concern::WithoutPage), "{}", report.text());

    let old = r#"{"links":[{"source":"https://jo.example/9","verified":true,"verified_date":"2013-04-25T17:09:33-07:00","id":9,"private":false,"data":{"author":{"name":"Jo","url":"https://jo.example"},"url":"https://jo.example/9","name":null,"content":"Words","published":"2013-04-25T17:09:33-07:00"},"activity":{"type":"reply"},"target":"https://new.example/about/"}]}"#;
    let (root, _) = imported(&[("links.json", old)]);
    let thread = text(root.path(), "content/about.comments.md");
    assert!(
        thread.contains("author = \"Jo\"")
            && thread.contains("date = 2013-04-25T17:09:33-07:00")
            && thread.ends_with("Words\n"),
        "{thread}"
    );
}
