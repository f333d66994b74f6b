//! Exports of Ghost, Blogger and Movable Type.

use super::*;

fn run_file(root: &Path, name: &str, export: &str) -> Report {
    let file = root.join(name);
    fs::write(&file, export).expect("a file");
    let media = root.join("old-content");
    fs::create_dir_all(media.join("images")).expect("a folder");
    let picture = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"2\" height=\"1\"/>";
    fs::write(media.join("images/a.svg"), picture).expect("a file");
    let report = import(&blog_options(root, vec![file])).expect("an import");
    check(root, &report);
    report
}

fn blog_options(root: &Path, inputs: Vec<PathBuf>) -> Options {
    Options {
        root: root.to_owned(),
        inputs,
        into: "posts".to_owned(),
        name: Some("old".to_owned()),
        media: Some(root.join("old-content")),
        ..Options::default()
    }
}

fn ghost_post(id: u32, more: &str) -> String {
    let row = serde_json::json!({"id": format!("p{id}"), "title": format!("Post {id}"), "slug": format!("post-{id}"), "status": "published",
        "visibility": "public", "type": "post", "published_at": "2021-03-01T10:00:00.000Z", "updated_at": "2021-03-01T10:00:00.000Z",
        "html": format!("<p>Words {{{{ {id} }}}} <a href=\"__GHOST_URL__/post-2/\">two</a></p>"), "lexical": "{\"root\":{}}"});
    let mut row: serde_json::Value = row;
    let more: serde_json::Value = serde_json::from_str(more).expect("JSON");
    for (key, value) in more.as_object().expect("an object") {
        row[key] = value.clone();
    }
    row.to_string()
}

#[test]
fn a_ghost_blog_moves_in() {
    let root = site();
    let posts = [
        ghost_post(1, "{\"custom_excerpt\": \"In short\", \"feature_image\": \"__GHOST_URL__/content/images/a.svg\"}"),
        ghost_post(2, "{\"type\": \"page\"}"),
        ghost_post(3, "{\"visibility\": \"paid\"}"),
        ghost_post(4, "{\"status\": \"draft\"}"),
        ghost_post(5, "{\"status\": \"scheduled\", \"published_at\": \"2999-01-01 00:00:00\"}"),
        ghost_post(6, "{\"status\": \"sent\", \"visibility\": \"members\"}"),
    ]
    .join(",\n");
    let export = format!(
        "{{\"db\": [{{\"meta\": {{\"exported_on\": 1, \"version\": \"5.0.0\"}}, \"data\": {{\"posts\": [{posts}],\n\
         \"posts_authors\": [{{\"post_id\": \"p1\", \"author_id\": \"u2\", \"sort_order\": 1}}, {{\"post_id\": \"p1\", \"author_id\": \"u1\", \"sort_order\": 0}}],\n\
         \"posts_meta\": [{{\"post_id\": \"p2\", \"meta_description\": \"Meta\"}}],\n\
         \"posts_tags\": [{{\"post_id\": \"p1\", \"tag_id\": \"t1\", \"sort_order\": 0}}, {{\"post_id\": \"p1\", \"tag_id\": \"t2\", \"sort_order\": 1}}],\n\
         \"tags\": [{{\"id\": \"t1\", \"name\": \"Tea\"}}, {{\"id\": \"t2\", \"name\": \"#inner\", \"visibility\": \"internal\"}}],\n\
         \"users\": [{{\"id\": \"u1\", \"name\": \"Ada Wren\", \"email\": \"ada@secret.example\", \"password\": \"$2a$hash\"}}, {{\"id\": \"u2\", \"name\": \"Jo\"}}]}}}}]}}"
    );
    let report = run_file(root.path(), "blog.ghost.json", &export);
    let counts = |kind| (report.counts[&kind].read, report.counts[&kind].written);
    assert_eq!((counts(ItemKind::Posts), counts(ItemKind::Pages)), ((5, 3), (1, 1)), "{}", report.text());
    assert_eq!(
        text(root.path(), "content/posts/post-1.md"),
        "+++\ntitle = \"Post 1\"\ndate = 2021-03-01T10:00:00Z\ndescription = \"In short\"\npath = \"post-1\"\nauthors = [\"Ada Wren\", \"Jo\"]\n\n\
         [taxonomies]\ntags = [\"Tea\"]\n+++\n\n![](/content/images/a.svg)\n\nWords {% raw %}{{{% endraw %} 1 }} [two](@/post-2.md)\n"
    );
    assert!(text(root.path(), "content/post-2.md").contains("description = \"Meta\""));
    for draft in ["post-4", "post-5"] {
        assert!(text(root.path(), &format!("content/posts/{draft}.md")).contains("draft = true"));
    }
    assert!(
        !root.path().join("content/posts/post-3.md").exists() && !root.path().join("content/posts/post-6.md").exists()
    );
    let ledger = text(root.path(), "imports/old.toml");
    assert!(!ledger.contains("secret") && !ledger.contains("$2a"));

    // The comments come later, in a file of their own, and find the posts of the ledger.
    let comments = "[{\"id\": \"c1\", \"post_id\": \"p1\", \"member_id\": \"m1\", \"parent_id\": null, \"status\": \"published\", \"html\": \"<p>One</p>\", \"created_at\": \"2021-03-02 10:00:00\", \"member_name\": \"Sam\", \"member_email\": \"s@secret.example\"},\n\
         {\"id\": \"c2\", \"post_id\": \"p1\", \"member_id\": \"m2\", \"parent_id\": \"c1\", \"in_reply_to_id\": null, \"status\": \"published\", \"html\": \"<p>Two</p>\", \"created_at\": \"2021-03-03T10:00:00.000Z\", \"member_name\": \"Lee\"},\n\
         {\"id\": \"c3\", \"post_id\": \"p1\", \"member_id\": \"m2\", \"parent_id\": \"c1\", \"in_reply_to_id\": \"c2\", \"status\": \"published\", \"html\": \"<p>Three</p>\", \"created_at\": 1614852000, \"member_name\": \"Sam\"},\n\
         {\"id\": \"c4\", \"post_id\": \"p1\", \"status\": \"hidden\", \"html\": \"<p>No</p>\", \"created_at\": \"2021-03-03 10:00:00\"},\n\
         {\"id\": \"c5\", \"post_id\": \"p1\", \"status\": \"deleted\", \"html\": \"\", \"created_at\": \"2021-03-03 10:00:00\"}]";
    let file = root.path().join("comments.json");
    fs::write(&file, comments).expect("a file");
    let options = blog_options(root.path(), vec![root.path().join("blog.ghost.json"), file]);
    let report = import(&options).expect("an import");
    check(root.path(), &report);
    assert_eq!(
        (report.counts[&ItemKind::Comments].read, report.counts[&ItemKind::Comments].written),
        (5, 3),
        "{}",
        report.text()
    );
    let thread = text(root.path(), "content/posts/post-1.comments.md");
    assert_eq!(
        thread,
        "+++\nid = \"c1\"\nauthor = \"Sam\"\ndate = 2021-03-02T10:00:00Z\n+++\nOne\n\n\
         +++\nid = \"c2\"\nauthor = \"Lee\"\ndate = 2021-03-03T10:00:00Z\nreply_to = \"c1\"\n+++\nTwo\n\n\
         +++\nid = \"c3\"\nauthor = \"Sam\"\ndate = 2021-03-04T10:00:00Z\nreply_to = \"c2\"\n+++\nThree\n"
    );
    // The same table as CSV gives the same thread.
    let csv = "id,post_id,member_id,parent_id,in_reply_to_id,status,html,created_at,member_name\n\
               c1,p1,m1,NULL,NULL,published,<p>One</p>,2021-03-02 10:00:00,Sam\n\
               c2,p1,m2,c1,,published,\"<p>Two</p>\",2021-03-03 10:00:00,Lee\n\
               c3,p1,m2,c1,c2,published,<p>Three</p>,2021-03-04 10:00:00,Sam\n";
    let file = root.path().join("comments.csv");
    fs::write(&file, csv).expect("a file");
    let report =
        import(&Options { inputs: vec![root.path().join("blog.ghost.json"), file], ..options }).expect("an import");
    assert!(!report.files.contains_key("updated"), "{}", report.text());
    assert_eq!(text(root.path(), "content/posts/post-1.comments.md"), thread);
}

fn blogger_entry(kind: &str, id: u32, more: &str) -> String {
    format!(
        "<entry><id>tag:blogger.com,1999:blog-1.post-{id}</id><published>2010-05-0{}T10:00:00.001-07:00</published>\
         <updated>2010-05-01T10:00:00.001-07:00</updated>\
         <category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#{kind}'/>\
         <title type='text'>Entry {id}</title><content type='html'>&lt;p&gt;Words {id} &amp;amp; more&lt;/p&gt;</content>{more}</entry>\n",
        id % 9 + 1
    )
}

fn blogger_author(name: &str, profile: u32) -> String {
    let uri = if profile > 0 { format!("<uri>http://www.blogger.com/profile/{profile}</uri>") } else { String::new() };
    format!("<author><name>{name}</name>{uri}<email>{name}@secret.example</email></author>")
}

#[test]
fn a_blogger_blog_moves_in() {
    let root = site();
    let link =
        |path: &str| format!("<link rel='alternate' type='text/html' href='http://old.blogspot.example/{path}'/>");
    let label = "<category scheme='http://www.blogger.com/atom/ns#' term='Tea &amp; milk'/>";
    let reply = |to: u32| {
        format!(
            "<thr:in-reply-to href='http://old.blogspot.example/2010/05/a.html' ref='tag:blogger.com,1999:blog-1.post-{to}'/>"
        )
    };
    let related =
        |to: u32| format!("<link rel='related' href='http://www.blogger.com/feeds/1/10/comments/default/{to}'/>");
    let export = format!(
        "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom'><id>tag:blogger.com,1999:blog-1.archive</id>\n{}</feed>",
        [
            blogger_entry("settings", 1, ""),
            // A reply can come before its post, and before the comment that it answers.
            blogger_entry("comment", 22, &[blogger_author("Ada", 7), reply(10), related(21)].concat()),
            blogger_entry("comment", 21, &[blogger_author("Sam", 0), reply(10)].concat()),
            blogger_entry(
                "comment",
                23,
                &[
                    blogger_author("Lee", 8),
                    reply(10),
                    "<gd:extendedProperty name='blogger.contentRemoved' value='true'/>".to_owned()
                ]
                .concat()
            ),
            blogger_entry("post", 10, &[link("2010/05/a.html"), blogger_author("Ada", 7), label.to_owned()].concat()),
            blogger_entry(
                "post",
                11,
                &[blogger_author("Ada", 7), "<app:control><app:draft>yes</app:draft></app:control>".to_owned()]
                    .concat()
            ),
            blogger_entry("page", 12, &[link("p/about.html"), blogger_author("Ada", 7)].concat()),
        ]
        .concat()
    );
    let report = run_file(root.path(), "blog.xml", &export);
    assert!(!report.has_losses(), "{}", report.text());
    let counts = |kind| (report.counts[&kind].read, report.counts[&kind].written);
    assert_eq!(
        (counts(ItemKind::Posts), counts(ItemKind::Pages), counts(ItemKind::Comments)),
        ((2, 2), (1, 1), (3, 2)),
        "{}",
        report.text()
    );
    assert_eq!(
        text(root.path(), "content/posts/a.md"),
        "+++\ntitle = \"Entry 10\"\ndate = 2010-05-02T10:00:00-07:00\naliases = [\"2010/05/a.html\"]\nauthors = [\"Ada\"]\n\n[taxonomies]\ntags = [\"Tea & milk\"]\n+++\n\nWords 10 & more\n"
    );
    assert!(text(root.path(), "content/posts/entry-11.md").contains("draft = true"));
    let thread = text(root.path(), "content/posts/a.comments.md");
    assert!(thread.contains("id = \"22\"\nauthor = \"Ada\"\nurl = \"http://www.blogger.com/profile/7\"\ndate = 2010-05-05T10:00:00-07:00\nreply_to = \"21\"\nby_author = true\n"), "{thread}");
    assert!(thread.contains("author = \"Sam\"\ndate = 2010-05-04T10:00:00-07:00\nby_author = false\n"), "{thread}");
    assert!(!thread.contains("secret.example"));
}

#[test]
fn takeouts_atom_is_read_too() {
    let root = site();
    let entry = |kind: &str, id: u32, status: &str, more: &str| {
        format!(
            "<entry><id>tag:blogger.com,1999:blog-1.post-{id}</id><blogger:type>{kind}</blogger:type><blogger:status>{status}</blogger:status>\
             <author><name>Ada</name><uri></uri><blogger:type>BLOGGER</blogger:type></author><title>Entry {id}</title>\
             <content type='html'>&lt;p&gt;Words&lt;/p&gt;</content><published>2020-01-02T03:04:05Z</published>{more}</entry>\n"
        )
    };
    let file = |name: &str| {
        format!(
            "<blogger:filename>/2020/01/{name}.html</blogger:filename><category term='Tea' scheme='tag:blogger.com,1999:blog-1'/>"
        )
    };
    let of = |post: u32, comment: &str| {
        format!(
            "<blogger:parent>tag:blogger.com,1999:blog-1.post-{post}</blogger:parent><blogger:inReplyTo>{comment}</blogger:inReplyTo>"
        )
    };
    let export = format!(
        "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom' xmlns:blogger='http://schemas.google.com/blogger/2018'>\n{}</feed>",
        [
            entry("POST", 1, "LIVE", &file("a")),
            entry("POST", 2, "DRAFT", &file("b")),
            entry("POST", 3, "LIVE", &(file("c") + "<blogger:trashed>2021-01-01T00:00:00Z</blogger:trashed>")),
            entry("COMMENT", 4, "LIVE", &of(1, "")),
            entry("COMMENT", 5, "LIVE", &of(1, "tag:blogger.com,1999:blog-1.post-4")),
            entry("COMMENT", 6, "SPAM_COMMENT", &of(1, "")),
        ]
        .concat()
    );
    let report = run_file(root.path(), "feed.atom", &export);
    let counts = |kind| (report.counts[&kind].read, report.counts[&kind].written);
    assert_eq!((counts(ItemKind::Posts), counts(ItemKind::Comments)), ((3, 2), (3, 2)), "{}", report.text());
    assert!(text(root.path(), "content/posts/a.md").contains("aliases = [\"2020/01/a.html\"]"));
    assert!(
        text(root.path(), "content/posts/a.comments.md")
            .contains("id = \"5\"\nauthor = \"Ada\"\ndate = 2020-01-02T03:04:05Z\nreply_to = \"4\"\n")
    );
    // A file that is cut off names the line of what is lost.
    let other = site();
    let cut = run_file(other.path(), "feed.atom", &export[..export.len() - 60]);
    assert!(cut.has_losses(), "{}", cut.text());
}

const MOVABLE: &str = "AUTHOR: Ada Wren\nTITLE: Tea &amp; milk\nBASENAME: tea_milk\nSTATUS: Publish\nALLOW COMMENTS: 1\nCONVERT BREAKS: 1\nPRIMARY CATEGORY: Life\nCATEGORY: Life\nTAGS: tea,\"hot, milk\"\nUNIQUE URL: http://old.example/2002/01/tea_milk.html\nDATE: 01/31/2002 03:31:05 PM\n-----\nBODY:\nOne\ntwo\n\n-----\nnot a section {{ x }}\n-----\nEXTENDED BODY:\nMore\n-----\nEXCERPT:\nIn short\n-----\nKEYWORDS:\n\n-----\nCOMMENT:\nAUTHOR: Sam\nEMAIL: sam@secret.example\nIP: 192.0.2.7\nURL: https://sam.example\nDATE: 02/01/2002 10:00:00 AM\nNice\ntea\n-----\nCOMMENT:\nAUTHOR: Lee\nDATE: 02/01/2002 10:00:00 AM\nNote: <b>bold</b>\n--------\nNot an entry\n-----\nPING:\nTITLE: About tea\nURL: https://other.example/tea\nIP: 192.0.2.8\nBLOG NAME: Other\nDATE: 02/02/2002 10:00:00\nSomebody wrote\n-----\n--------\nTITLE: Draft\nSTATUS: Draft\nCONVERT BREAKS: markdown\nDATE: 02/01/2002 12:00:00 AM\n-----\nBODY:\n*Idea*\n-----\n--------\n";

#[test]
fn a_movable_type_blog_moves_in() {
    let root = site();
    let report = run_file(root.path(), "export.txt", MOVABLE);
    assert!(!report.has_losses(), "{}", report.text());
    let counts = |kind| (report.counts[&kind].read, report.counts[&kind].written);
    assert_eq!((counts(ItemKind::Posts), counts(ItemKind::Comments)), ((2, 2), (3, 3)), "{}", report.text());
    assert_eq!(
        text(root.path(), "content/posts/tea-milk.md"),
        "+++\ntitle = \"Tea & milk\"\ndate = 2002-01-31T15:31:05\ndescription = \"In short\"\naliases = [\"2002/01/tea_milk.html\"]\nauthors = [\"Ada Wren\"]\n\n\
         [taxonomies]\ncategories = [\"Life\"]\ntags = [\"tea\", \"hot, milk\"]\n+++\n\nOne\\\ntwo\n\n\\-----\\\nnot a section {% raw %}{{{% endraw %} x }}\n\n<!-- more -->\n\nMore\n"
    );
    assert!(text(root.path(), "content/posts/draft.md").ends_with("*Idea*\n"));
    let thread = text(root.path(), "content/posts/tea-milk.comments.md");
    assert!(
        thread.starts_with("+++\nid = \"20020201100000\"\nauthor = \"Sam\"\nurl = \"https://sam.example\"\ndate = 2002-02-01T10:00:00\n+++\nNice\ntea\n\n+++\nid = \"20020201100000-2\"\nauthor = \"Lee\"\n"),
        "{thread}"
    );
    assert!(thread.contains("Note: **bold**\n") && thread.contains("Not an entry"), "{thread}");
    assert!(thread.contains("author = \"Other\"\nurl = \"https://other.example/tea\"\ndate = 2002-02-02T10:00:00\nkind = \"trackback\"\n"), "{thread}");
    assert!(!thread.contains("secret.example") && !thread.contains("192.0.2"));
    // Damage: bytes of another encoding, a missing end, nothing but a head.
    let other = site();
    for damaged in [
        "TITLE: A\n-----\nBODY:\nx",
        "AUTHOR: x\nTITLE: B\nDATE: 99/99/9999\n-----\nCOMMENT:\nAUTHOR: y\n",
        "TITLE: C\n-----\n-----\n",
    ] {
        run_file(other.path(), "export.txt", damaged);
    }
    assert!(other.path().join("content/posts/a.md").exists() && other.path().join("content/posts/c.md").exists());
}
