//! Sites on hosts: the files that they need, a path before every address, and pages without inline styles and scripts.

use regex::Regex;

use crate::Session;

#[test]
fn each_host_gets_its_files() {
    for (host, names, command) in [
        ("github", &[".github/workflows/publish.yml"][..], "--base-url \"${{ steps.pages.outputs.base_url }}\""),
        ("gitlab", &[".gitlab-ci.yml"], "--base-url \"$CI_PAGES_URL\""),
        ("netlify", &["netlify.toml", "static/_headers"], "--base-url \\\"$URL\\\""),
        ("cloudflare", &["wrangler.toml", "static/_headers"], "causerie build"),
    ] {
        let session = Session::new();
        let said = session.causerie(&["init", "--deploy", host]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        assert!(said.stderr.contains("publishes the site"), "{}", said.stderr);
        let first = session.read(names[0]);
        assert!(first.contains(command) && !first.contains("{version}"), "{first}");
        assert!(first.contains(env!("CARGO_PKG_VERSION")), "{first}");
        if names[0].ends_with(".toml") {
            first.parse::<toml::Table>().unwrap();
        }
        assert_eq!(session.causerie(&["build"]).status, 0);
        let published = session.path("public/_headers").is_file();
        assert_eq!(published, names.contains(&"static/_headers"), "{host}");
    }
}

#[test]
fn a_site_that_is_there_gets_them_too() {
    let session = Session::with(&[("site.toml", "base_url = \"https://a.example\"\n"), ("content/_index.md", "mine")]);
    assert_eq!(session.causerie(&["init", "--deploy", "gitlab"]).status, 1);
    let said = session.causerie(&["init", "--force", "--deploy", "gitlab"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(session.path(".gitlab-ci.yml").is_file());
    assert_eq!(session.read("content/_index.md"), "mine");
    assert!(said.stderr.starts_with("Created .gitlab-ci.yml.\n"), "{}", said.stderr);
    assert_eq!(session.names(), [".gitlab-ci.yml", "content/_index.md", "site.toml"], "no other file");
    let said = session.causerie(&["init", "--force", "--deploy", "gitlab"]);
    assert!(said.stderr.starts_with("Nothing was created"), "{}", said.stderr);
    let said = session.causerie(&["init", "--deploy", "ftp"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("github, gitlab, netlify, cloudflare"), "{}", said.stderr);
}

/// A new site with one post of everything.
fn everything() -> Session {
    let session = Session::new();
    assert_eq!(session.causerie(&["init"]).status, 0);
    let settings = "accent = \"#0b6e4f\"\nlogo = \"logo.svg\"\nfooter = \"Mine, *all* of it\"\nsidebar = \"everywhere\"\n\
                    social = [{ title = \"Elsewhere\", url = \"https://social.example/@jo\" }]\n[extra.authors.Jo]\ntext = \"Me\"\nimage = \"logo.svg\"\n";
    let config = session.read("site.toml");
    let config = config.replace("# endpoint =", "endpoint =");
    let (before, quotes) = config.split_once("[[quotes]]").unwrap();
    session.write("site.toml", &format!("{before}{settings}\n[[quotes]]{quotes}"));
    session.write("static/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>");
    let post = "+++\ntitle = \"All\"\ndate = 2024-05-06\nauthors = [\"Jo\"]\n[taxonomies]\ntags = [\"a\"]\n[extra]\nimage = \"/logo.svg\"\nseries = \"S\"\n+++\n\
                ## One\n\n## Two\n\n## Three\n\n```rust,linenos,hl_lines=1\nfn main() {}\n```\n\n| a | b |\n|:-|-:|\n| 1 | 2 |\n\n\
                - [x] done\n\n{{ <figure src=\"/logo.svg\" caption=\"c\" /> }}\n\n{{ <gallery images={[\"/logo.svg\"]} /> }}\n\n\
                {{ <youtube id=\"abcdefghijk\" /> }}\n\n> [!NOTE]\n> Note.\n\nA note.[^1]\n\n[^1]: It.\n";
    session.write("content/posts/all.md", post);
    session.write("content/posts/more.md", &post.replace("05-06", "05-07"));
    let comment = "+++\nauthor = \"Al\"\ndate = 2024-05-07\n+++\n| a | b |\n|:-:|-:|\n| 1 | 2 |\n";
    session.write("content/posts/all.comments.md", comment);
    session
}

#[test]
fn pages_have_no_inline_styles_or_scripts() {
    let session = everything();
    let said = session.causerie(&["build"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let inline = Regex::new(
        r#"(?i)<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|<script(?:\s+type="module"|\s+defer)*>"#,
    )
    .unwrap();
    let scripts = Regex::new(r#"<script([^>]*)>"#).unwrap();
    let mut pages = 0;
    for (name, text) in session.files() {
        // A redirect works without its script.
        if name.starts_with("public/") && name.ends_with(".html") && !text.contains("http-equiv=\"refresh\"") {
            pages += 1;
            let found: Vec<&str> = inline.find_iter(&text).map(|it| it.as_str()).collect();
            // The address that a redirect shows needs no script.
            assert_eq!(found, Vec::<&str>::new(), "{name}");
            for script in scripts.captures_iter(&text) {
                let is_data = script[1].contains("application/ld+json");
                assert!(is_data || script[1].contains("src=\""), "{name}: {}", &script[0]);
            }
        }
    }
    assert!(pages > 6, "{pages} pages");
    let page = session.read("public/posts/all/index.html");
    assert!(page.contains("class=\"align-right\"") && page.contains("data-accent=\"#0b6e4f\""), "{page}");
}

#[test]
fn a_site_below_a_path_has_it_in_every_address() {
    let session = everything();
    let said = session.causerie(&["build", "--base-url", "https://x.github.io/blog"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    // Addresses that begin at the host's root, or at the host itself, outside of the path.
    let outside = Regex::new(
        r#"(?:href|src|srcset|action|content|data-[a-z]+)="/|url\(["']?/|"(?:start_url|src)": "/|https://x\.github\.io(?:/[^b]|["<])"#,
    )
    .unwrap();
    for (name, text) in session.files() {
        let is_text = [".html", ".xml", ".css", ".webmanifest", ".txt"].iter().any(|end| name.ends_with(end));
        if !name.starts_with("public/") || !is_text {
            continue;
        }
        // The address of the inbox is the one that the author wrote.
        let text = text.replace("action=\"/-/comments\"", "").replace("href=\"/-/webmention\"", "");
        let found: Vec<&str> = outside.find_iter(&text).map(|it| it.as_str()).collect();
        assert_eq!(found, Vec::<&str>::new(), "{name}");
    }
    let page = session.read("public/posts/all/index.html");
    for address in ["salon.css?h=", "site.webmanifest\"", "apple-touch-icon.png\"", "posts/more/\"", "tags/a/\""] {
        assert!(page.contains(&format!("\"https://x.github.io/blog/{address}")), "{address}: {page}");
    }
}
