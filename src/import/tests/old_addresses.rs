//! Addresses of the old blog: rules for servers, links with a fragment. And what is left out on purpose.

use super::*;

#[test]
fn addresses_with_a_query_become_rules() {
    let root = site();
    let page = item(7, "über-uns", "").replace("<wp:post_type>post<", "<wp:post_type>page<");
    let draft = item(8, "draft", "").replace("<wp:status>publish<", "<wp:status>draft<");
    let hostile = item(9, "nine", "").replace("<wp:post_id>9<", "<wp:post_id>9\"; } $x<");
    sound(root.path(), &wxr(&(item(5, "tea", "") + &page + &draft + &hostile)));
    let rules = |name: &str| text(root.path(), &format!("imports/old-example.redirects/{name}"));
    assert!(
        rules("nginx.conf").contains("    \"5:\" \"/2009/05/tea/\";\n    \":7\" \"/2009/05/%C3%BCber-uns/\";\n}\n"),
        "{}",
        rules("nginx.conf")
    );
    assert!(
        rules("htaccess").contains(
            "RewriteCond %{QUERY_STRING} (?:^|&)page_id=7(?:&|$)\nRewriteRule ^(?:index\\.php)?$ /2009/05/\\%C3\\%BCber-uns/? [R=301,L,NE]\n"
        ),
        "{}",
        rules("htaccess")
    );
    assert!(
        rules("netlify").ends_with("/ p=5 /2009/05/tea/ 301!\n/ page_id=7 /2009/05/%C3%BCber-uns/ 301!\n"),
        "{}",
        rules("netlify")
    );
    assert!(rules("cloudflare.js").contains("  [\"p=5\", \"/2009/05/tea/\"],\n"), "{}", rules("cloudflare.js"));
    for name in ["nginx.conf", "htaccess", "netlify", "cloudflare.js"] {
        assert!(!rules(name).contains("$x") && !rules(name).contains("draft"), "{name}: {}", rules(name));
    }
    // They are no part of the site.
    let out = root.path().join("out");
    let built = build::build(&build::Options {
        root: root.path().to_owned(),
        output: Some(out.clone()),
        ..build::Options::default()
    });
    assert!(built.output.is_some());
    let is_rule = |path: &Path| path.to_string_lossy().contains("redirects");
    assert!(!walkdir::WalkDir::new(out).into_iter().flatten().any(|entry| is_rule(entry.path())));
}

#[test]
fn links_keep_the_comment_that_they_lead_to() {
    let root = site();
    let link = |fragment: &str| format!("<a href=\"https://old.example/2009/05/tea/{fragment}\">x</a>\n");
    let links = ["#comment-3", "#comment-4", "#comment-99", "#respond", "#more-5", "#leaves", "#old-theme", ""]
        .map(link)
        .concat();
    let hidden = comment(4, 3, "").replace("approved>1", "approved>0");
    let leaves = "<content:encoded><![CDATA[<h2 id=\"leaves\">Leaves</h2>]]></content:encoded>".to_owned();
    let export = item(5, "tea", &(leaves + &comment(3, 0, "") + &hidden))
        + &item(6, "cake", &format!("<content:encoded><![CDATA[{links}]]></content:encoded>"));
    run(root.path(), &wxr(&export));
    let cake = text(root.path(), "content/posts/cake.md");
    let found: Vec<&str> = cake.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let plain = "@/posts/tea.md";
    assert_eq!(found, ["@/posts/tea.md#comment-3", plain, plain, plain, plain, "@/posts/tea.md#leaves", plain, plain]);
}

#[test]
fn links_within_a_post_lead_to_their_places_or_to_its_beginning() {
    let root = site();
    let body = "<h2 id=\"first\">First</h2>\n<h2 id=\"über\">Second</h2>\n<p id=\"there\">There</p>\n<p id=\"unused\">Words</p>\n\
        <p><a href=\"#first\">1</a> <a href=\"#über\">2</a> <a href=\"#there\">3</a> <a href=\"#wrapper\">top</a></p>\n\
        <p>Milk<sup data-fn=\"f-1\" class=\"fn\"><a href=\"#f-1\" id=\"f-1-link\">1</a></sup></p>\n<!-- wp:footnotes {\"x\":1} /-->";
    let notes = "[{\"content\":\"From <em>cows<\\/em>.\",\"id\":\"f-1\"},{\"content\":\"<script>x<\\/script>\",\"id\":\"f\\\" onclick=1\"}]";
    let more = format!(
        "<content:encoded><![CDATA[{body}]]></content:encoded><wp:postmeta><wp:meta_key>footnotes</wp:meta_key>\
         <wp:meta_value><![CDATA[{notes}]]></wp:meta_value></wp:postmeta>"
    );
    let report = sound(root.path(), &wxr(&item(1, "tea", &more)));
    assert_eq!(report.concerns[&Concern::Anchors].count, 1, "{}", report.text());
    let tea = text(root.path(), "content/posts/tea.md");
    for part in ["## First {#first}", "id=\"there\"", "[top](@/posts/tea.md)", "id=\"f-1\"", "<em>cows</em>"] {
        assert!(tea.contains(part), "{part}\n{tea}");
    }
    assert!(!tea.contains("unused") && !tea.contains("script") && !tea.contains(" onclick=1"), "{tea}");
}

#[test]
fn addresses_that_the_site_has_for_something_else_stay_there() {
    let root = site();
    let page = |id: u32, path: &str| {
        item(id, path, "")
            .replace(&format!("/2009/05/{path}/"), &format!("/{path}/"))
            .replace("post_type>post<", "post_type>page<")
    };
    for path in ["content/about.md", "content/search/index.md", "content/notes/_index.md"] {
        fs::create_dir_all(root.path().join(path).parent().expect("a folder")).expect("a folder");
        fs::write(root.path().join(path), "+++\ntitle = \"Mine\"\n+++\n").expect("a file");
    }
    let pages = ["about", "search", "notes", "tags", "posts", "contact"];
    let export = wxr(&(1..).zip(pages).map(|(id, path)| page(id, path)).collect::<String>());
    for _ in 0..2 {
        let report = sound(root.path(), &export);
        assert_eq!(report.concerns[&Concern::Addresses].count, 5, "{}", report.text());
        assert!(text(root.path(), "content/contact.md").contains("path = \"contact\""));
        assert!(text(root.path(), "content/about.md").contains("Mine"));
        assert!(!text(root.path(), "content/about-2.md").contains("path = "));
    }
}

#[test]
fn types_of_plugins_are_lost_unless_they_are_not_wanted() {
    let root = site();
    let of = |id: u32, kind: &str| {
        item(id, &format!("p{id}"), &comment(id, 0, "")).replace("post_type>post<", &format!("post_type>{kind}<"))
    };
    let export = wxr(&[of(1, "portfolio"), of(2, "event"), of(3, "nav_menu_item"), of(4, "post")].concat());
    let report = sound(root.path(), &export);
    assert_eq!(
        (report.concerns[&Concern::Lost].count, report.counts[&ItemKind::Others].read),
        (2, 3),
        "{}",
        report.text()
    );
    let asked =
        Options { leave_out: vec!["portfolio".to_owned(), "event".to_owned()], ..options(root.path(), &export) };
    let report = import(&asked).expect("an import");
    assert!(!report.has_losses(), "{}", report.text());
    assert_eq!(report.counts[&ItemKind::Others].left_out.values().sum::<u64>(), 3);
}

#[test]
fn posts_with_one_id_or_none_are_all_kept() {
    let root = site();
    let without = |id: u32| {
        item(id, &format!("p{id}"), &comment(id, 0, "")).replace(&format!("<wp:post_id>{id}</wp:post_id>"), "")
    };
    let twice = item(3, "p4", &comment(4, 0, "")).replace("Post 3", "Post 4");
    let export = wxr(&[without(1), without(2), item(3, "p3", &comment(3, 0, "")), twice.clone(), twice].concat());
    let report = sound(root.path(), &export);
    assert_eq!(report.counts[&ItemKind::Posts].written, 4, "{}", report.text());
    for id in 1..5 {
        assert!(text(root.path(), &format!("content/posts/p{id}.comments.md")).contains(&format!("Words {id}")));
    }
}
