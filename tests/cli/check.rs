use crate::{PICTURE, Session};

#[test]
fn a_check_and_every_build_warn_of_links_that_lead_nowhere() {
    let blog = Session::with(&[
        (
            "site.toml",
            "base_url = \"https://a.example\"\n[link_checker]\nskip_prefixes = [\"/wiki/\"]\nignored_files = [\"old.md\"]\n",
        ),
        ("templates/page.html", "{{ page.content | safe }}"),
        ("templates/index.html", "home"),
        ("static/pot.jpg", PICTURE),
        (
            "content/tea/index.md",
            "+++\n+++\n![A cup](cup.jpg) and ![a pot](pott.jpg)\n\n[Coffee](../coffee.md), [home](/)\n",
        ),
        ("content/tea/cup.jpg", PICTURE),
        (
            "content/coffee.md",
            "+++\n+++\n[Tee](/tee/), [tea](https://a.example/tea/?a#b), ![pot](/pot.jpg), [w](/wiki/x), [e](//b.example)\n",
        ),
        ("content/old.md", "+++\n+++\n[gone](/gone/)\n"),
    ]);
    let said = blog.causerie(&["check"]);
    assert_eq!(
        said.stderr,
        "warning: nothing of this site is at `/tee/`
 --> content/coffee.md:3:7
  |
3 | [Tee](/tee/), [tea](https://a.example/tea/?a#b), ![pot](/pot.jpg), [w](/wiki/x), [e](//b.example)
  |       ^^^^^
  |
  = help: did you mean `/tea/`?

warning: nothing of this site is at `/tea/pott.jpg`
 --> content/tea/index.md:3:32
  |
3 | ![A cup](cup.jpg) and ![a pot](pott.jpg)
  |                                ^^^^^^^^
  |
  = help: put the file into the page's own folder, beside its `index.md`

warning: nothing of this site is at `/coffee.md`
 --> content/tea/index.md:5:10
  |
5 | [Coffee](../coffee.md), [home](/)
  |          ^^^^^^^^^^^^
  |
  = help: a page is linked to by its file: `@/coffee.md`

Checked 3 pages and 0 comments: 3 warnings
"
    );
    assert_eq!(said.status, 0);
    let (warnings, _) = said.stderr.rsplit_once("Checked").unwrap();
    let build = |expected: &str| {
        let built = blog.causerie(&["build"]);
        let (told, last) = built.stderr.rsplit_once("Built").unwrap();
        assert_eq!(told, expected);
        assert_eq!((built.status, last.contains("with 3 warnings")), (0, true), "{last}");
    };
    build(warnings);
    // The bodies are known from before, whether there is anything to do or not.
    build(warnings);
    blog.write("content/old.md", "+++\n+++\n[gone](/gone/), and more\n");
    build(warnings);
    // Something is there now, and no page changed that leads to it.
    blog.write("content/tee.md", "+++\n+++\n[tea](/te/)\n");
    let told = blog.causerie(&["build"]).stderr;
    assert!(!told.contains("`/tee/`\n -->") && told.contains("`/te/`\n --> content/tee.md:3:7"), "{told}");
}

#[test]
fn a_check_knows_what_a_link_may_have_meant() {
    let blog = Session::with(&[
        (
            "site.toml",
            "base_url = \"https://a.example/blog\"\n[link_checker]\nskip_prefixes = [\"https://a.example/blog/wiki/\"]\n",
        ),
        ("templates/page.html", "{{ page.content | safe }}"),
        ("templates/index.html", "home"),
        (
            "content/tea.md",
            "+++\n+++\n[w](wiki/) [w](/blog/wiki/a) [a](@/nothing.md) [b](/blog/cofee/) [c](coffee/) [d](notes/cup.md#a)\n\n\
             <A HREF=\" /blog/search-index/en.bin \">e</A> [f](@/hidden.md) [g](/blog/\"x)\n",
        ),
        ("content/coffee.md", "+++\n+++\n"),
        ("content/more/cup.md", "+++\n+++\n"),
        ("content/hidden.md", "+++\nrender = false\n+++\n"),
    ]);
    let said = blog.causerie(&["check"]).stderr;
    let told: Vec<&str> = said.lines().filter(|line| line.starts_with(['w', 'e']) || line.contains("= help")).collect();
    assert_eq!(
        told,
        [
            "warning: nothing of this site is at `/blog/\"x`",
            " = help: if something else answers there, say so: skip_prefixes = ['/blog/\"x'] in [link_checker]",
            "warning: nothing of this site is at `/blog/hidden/`",
            " = help: `hidden.md` is not rendered, so that it has no page",
            "warning: nothing of this site is at `/blog/tea/wiki/`",
            "  = help: if something else answers there, say so: skip_prefixes = [\"/blog/tea/wiki/\"] in [link_checker]",
            "error: there is no page or section `nothing.md` to link to",
            "  = help: the path begins in `content/`, as in `@/posts/my-post.md`; drafts are not part of the site",
            "warning: nothing of this site is at `/blog/cofee/`",
            "  = help: did you mean `/blog/coffee/`?",
            "warning: nothing of this site is at `/blog/tea/coffee/`",
            "  = help: did you mean `/blog/coffee/`?",
            "warning: nothing of this site is at `/blog/tea/notes/cup.md`",
            "  = help: a page is linked to by its file: `@/more/cup.md`",
        ]
    );
}

#[test]
fn a_build_reports_some_dead_links_and_a_check_all() {
    let links = |links: std::ops::Range<usize>| links.map(|link| format!("[a](/gone-{link}/) ")).collect::<String>();
    let blog = Session::with(&[
        ("site.toml", "base_url = \"https://a.example/blog\"\n"),
        ("templates/page.html", "{{ page.content | safe }}"),
        ("templates/index.html", "home"),
        ("content/a.md", &format!("+++\n+++\n[b](/b/) [c](/c/) {}\n", links(0..9).replace("(/", "(/blog/"))),
        ("content/b.md", &format!("+++\n+++\n{}\n", links(0..9).replace("(/", "(/blog/"))),
        ("content/c.md", "+++\n+++\nText.\n"),
    ]);
    let told = |command: &str| {
        let told = blog.causerie(&[command]).stderr;
        (told.matches("nothing of this site is at").count(), told.matches("leads out of the site").count(), told)
    };
    let (dead, outside, all) = told("build");
    assert_eq!((dead, outside, all.contains("more link")), (18, 2, false), "{all}");
    blog.write("content/c.md", &format!("+++\n+++\n[a](/a/)[b](/b/) {}\n", links(0..9).replace("(/", "(/blog/")));
    for _ in 0..2 {
        let (dead, outside, all) = told("build");
        assert_eq!(dead + outside, 20, "{all}");
        assert!(all.contains("warning: 11 more links lead to no page or file of this site\n"), "{all}");
        assert!(all.contains("= help: `causerie check` reports all of them"), "{all}");
    }
    let (dead, outside, all) = told("check");
    assert_eq!((dead, outside, all.contains("more links")), (27, 4, false), "{all}");
    assert_eq!(all.matches("write `/blog/b/`, or `@/b.md`, which").count(), 2, "{all}");
}

#[test]
fn links_that_lack_the_path_of_the_site_are_reported_with_what_to_write() {
    let blog = Session::with(&[
        ("site.toml", "base_url = \"https://jo.example/notes\"\n"),
        ("templates/page.html", "{{ page.content | safe }}"),
        ("templates/index.html", "home"),
        ("static/img/a b.jpg", PICTURE),
        ("static/img/a.jpg", PICTURE),
        ("content/posts/hello.md", "+++\n+++\nHello.\n\n## Why\n"),
        (
            "content/a.md",
            "+++\n+++\n![](/img/a.jpg) [h](/posts/hello/#why)\n\n[h](/posts/hello?a=b) <img src=\"/img/a%20b.jpg\"> [r]\n\n\
             [r]: https://jo.example/a/\n",
        ),
        // These are as they should be, or lead to what else there is on the host.
        (
            "content/b.md",
            "+++\n+++\n![](/notes/img/a.jpg) [h](@/posts/hello.md) [h](../posts/hello/) [host](/) [other](/about/) \
             [x](https://jo.example/x/) [y](https://jo.example/notes/a/)\n",
        ),
    ]);
    let said = blog.causerie(&["check"]);
    let told: Vec<&str> =
        said.stderr.lines().filter(|line| line.contains("warning:") || line.contains("help:")).collect();
    assert_eq!(
        told,
        [
            "warning: `/img/a.jpg` leads out of the site, which begins at `/notes/`",
            "  = help: write `/notes/img/a.jpg`",
            "warning: `/posts/hello/#why` leads out of the site, which begins at `/notes/`",
            "  = help: write `/notes/posts/hello/#why`, or `@/posts/hello.md#why`, which holds wherever the site lies",
            "warning: `/posts/hello?a=b` leads out of the site, which begins at `/notes/`",
            "  = help: write `/notes/posts/hello?a=b`, or `@/posts/hello.md`, which holds wherever the site lies",
            "warning: `/img/a%20b.jpg` leads out of the site, which begins at `/notes/`",
            "  = help: write `/notes/img/a%20b.jpg`",
            "warning: `https://jo.example/a/` leads out of the site, which begins at `/notes/`",
            "  = help: write `/notes/a/`, or `@/a.md`, which holds wherever the site lies",
        ],
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains("content/a.md:3:5"), "{}", said.stderr);
    // A build says the same, also from what it knows of an earlier one.
    for _ in 0..2 {
        assert!(blog.causerie(&["build"]).stderr.contains("with 5 warnings"));
    }
    // At the root of a host they lead where they should.
    blog.write("site.toml", "base_url = \"https://jo.example\"\n");
    blog.write("content/b.md", "+++\n+++\n");
    let said = blog.causerie(&["check"]);
    assert_eq!(said.stderr, "Checked 3 pages and 0 comments: all is well\n");
    // What is asked to be passed over is, by its address or its path.
    for prefix in ["/img/", "https://jo.example/img/"] {
        let config =
            format!("base_url = \"https://jo.example/notes\"\n[link_checker]\nskip_prefixes = [\"{prefix}\"]\n");
        blog.write("site.toml", &config);
        let said = blog.causerie(&["check"]);
        assert!(said.stderr.contains("3 warnings"), "{}", said.stderr);
    }
}

#[test]
fn links_to_other_sites_are_requested_when_that_is_wanted() {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or_default();
            let is_there = request[..length].windows(6).any(|part| part == b" /tea ");
            let status = if is_there { "200 OK" } else { "404 Not Found" };
            let _ = write!(stream, "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let blog = Session::with(&[
        ("site.toml", &format!("base_url = \"https://a.example\"\n[fetch]\nprivate_hosts = [\"{host}\"]\n")),
        ("templates/page.html", "{{ page.content | safe }}"),
        ("templates/index.html", "home"),
        ("content/cup.md", &format!("+++\n+++\n[Tea](http://{host}/tea) and\n[cake](http://{host}/cake?a=1)\n")),
    ]);
    for arguments in [&["check"][..], &["check", "--external", "--skip-external-links"]] {
        let said = blog.causerie(arguments);
        assert_eq!((said.stderr.as_str(), said.status), ("Checked 1 page and 0 comments: all is well\n", 0));
    }
    let said = blog.causerie(&["check", "--external"]);
    let link = format!("http://{host}/cake?a=1");
    let mark = "^".repeat(link.len());
    assert_eq!(
        said.stderr,
        format!(
            "error: the link to `{link}` is broken: the server answers 404 Not Found
 --> content/cup.md:4:8
  |
4 | [cake]({link})
  |        {mark}
  |
  = help: nothing is at this address; look for a typo, or for its new place; or leave it out of checks: skip_prefixes = [\"{link}\"] in \
             [link_checker]

1 error
"
        )
    );
    assert_eq!(said.status, 1);
    let said = blog.causerie(&["check", "--external", "--external-level", "warn"]);
    assert!(said.stderr.starts_with("warning: the link to "), "{}", said.stderr);
    assert!(
        said.stderr.ends_with("Checked 1 page and 0 comments, 2 links to other sites: 1 warning\n"),
        "{}",
        said.stderr
    );
    assert_eq!(said.status, 0);
    assert_eq!(blog.causerie(&["check", "--external-level", "warn"]).status, 2);
}
