//! Another blog moves in: what its import prints, again after edits, and what it says of files that are no export.

use crate::Session;

const BLOG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>Tea</title>
<link>https://tea.example</link>
<item>
<title>Green tea</title>
<link>https://tea.example/2019/05/green-tea/</link>
<content:encoded><![CDATA[Pour it at <strong>eighty</strong> degrees.]]></content:encoded>
<wp:post_id>1</wp:post_id>
<wp:post_date>2019-05-06 12:00:00</wp:post_date>
<wp:post_date_gmt>2019-05-06 10:00:00</wp:post_date_gmt>
<wp:post_name>green-tea</wp:post_name>
<wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type>
<wp:comment>
<wp:comment_id>7</wp:comment_id>
<wp:comment_author>Jo</wp:comment_author>
<wp:comment_author_email>jo@secret.example</wp:comment_author_email>
<wp:comment_date>2019-05-07 12:00:00</wp:comment_date>
<wp:comment_date_gmt>2019-05-07 10:00:00</wp:comment_date_gmt>
<wp:comment_content>Eighty? Seventy.</wp:comment_content>
<wp:comment_approved>1</wp:comment_approved>
</wp:comment>
</item>
<item>
<title>Diary</title>
<link>https://tea.example/diary/</link>
<content:encoded>Nobody may read this.</content:encoded>
<wp:post_id>2</wp:post_id>
<wp:post_date>2019-06-06 12:00:00</wp:post_date>
<wp:post_name>diary</wp:post_name>
<wp:status>private</wp:status>
<wp:post_type>post</wp:post_type>
</item>
</channel>
</rss>
"#;

const SITE: &str = "base_url = \"https://new.example\"\ntitle = \"Tea\"\ntheme = \"salon\"\n";

const COUNTS: &str = "\
posts: 2 read = 1 written + 1 left out
  1 left out: private or with a password: --drafts draft brings them as drafts
comments: 1 read = 1 written + 0 left out
";

#[test]
fn a_blog_moves_in_and_again_after_edits() {
    let session = Session::with(&[("site.toml", SITE), ("content/_index.md", "+++\n+++\n"), ("blog.xml", BLOG)]);
    let before = session.files();
    let said = session.causerie(&["import", "blog.xml", "--dry-run"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.stdout.contains("created: content/posts/green-tea.md\n") && said.stdout.contains(COUNTS), "{said:?}");
    assert_eq!(session.files(), before);

    let said = session.causerie(&["import", "blog.xml"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.stdout.contains(COUNTS), "{said:?}");
    let post = session.read("content/posts/green-tea.md");
    assert!(post.contains("path = \"2019/05/green-tea\"") && post.contains("at **eighty** degrees."), "{post}");
    assert_eq!(
        session.read("content/posts/green-tea.comments.md"),
        "+++\nid = \"7\"\nauthor = \"Jo\"\ndate = 2019-05-07T12:00:00+02:00\n+++\nEighty? Seventy.\n"
    );
    assert!(session.files().iter().all(|(path, text)| path == "blog.xml" || !text.contains("secret.example")));
    let said = session.causerie(&["check"]);
    assert_eq!(said.status, 0, "{said:?}");

    // The next export has another name, and another text; the author has edited the post here.
    session.write("content/posts/green-tea.md", &post.replace("eighty", "seventy"));
    let edited = session.read("content/posts/green-tea.md");
    session.write("blog (1).xml", &BLOG.replace("Pour it", "Pour").replace("Eighty?", "At eighty?"));
    let said = session.causerie(&["import", "blog (1).xml"]);
    assert_eq!(said.status, 0, "{said:?}");
    assert!(said.stdout.contains("files: 1 edited here, 1 unchanged, 1 updated\n"), "{said:?}");
    assert_eq!(session.read("content/posts/green-tea.md"), edited);
    assert!(session.read("content/posts/green-tea.comments.md").contains("At eighty? Seventy."));
}

#[test]
fn what_is_lost_is_said_and_the_status_tells() {
    let session = Session::with(&[("site.toml", SITE), ("cut.xml", &BLOG[..BLOG.len() - 200])]);
    let said = session.causerie(&["import", "cut.xml"]);
    assert_eq!(said.status, 1, "{said:?}");
    assert!(said.stdout.contains("  1 left out: it is damaged: its end is missing\n"), "{said:?}");
    let list = session.read("imports/tea-example.md");
    assert!(list.contains("## Lost: these items could not be imported\n\n- line 26"), "{list}");
}

#[test]
fn files_that_are_no_export_are_errors_that_say_what_to_do() {
    let session = Session::with(&[("site.toml", SITE), ("words.txt", "Words\n"), ("empty/words.txt", "")]);
    let before = session.files();
    for (arguments, message, help) in [
        (&["import", "missing.xml"][..], "missing.xml cannot be read", ""),
        (&["import", "words.txt"], "words.txt is not an export that Causerie knows", "say which with --from: disqus, "),
        (
            &["import", "words.txt", "--from", "jekyll"],
            "words.txt is a file, and a site of jekyll is a folder",
            "name the main folder of the site",
        ),
        (&["import", "empty"], "empty is no site that Causerie knows", "--from says which kind it is: hugo, jekyll"),
    ] {
        let said = session.causerie(arguments);
        assert_eq!(said.status, 1, "{said:?}");
        assert!(said.stderr.contains(message) && said.stderr.contains(help), "{said:?}");
        assert_eq!(session.files(), before, "{arguments:?}");
    }
}
