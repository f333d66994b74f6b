//! Sites of Jekyll and Hugo, with the comments of Staticman.

use super::*;

/// Writes the files of a site into a folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn folder_options(root: &Path, folder: &Path) -> Options {
    Options {
        root: root.to_owned(),
        inputs: vec![folder.to_owned()],
        into: "posts".to_owned(),
        name: Some("old".to_owned()),
        ..Options::default()
    }
}

/// Imports a folder, and checks that the numbers add up and that the site can be built.
fn moved_in(root: &Path, folder: &Path) -> Report {
    let report = import(&folder_options(root, folder)).expect("an import");
    check(root, &report);
    report
}

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"2\" height=\"1\"/>";

const CONFIG: &str = "url: https://old.example\nbaseurl: /blog\npermalink: pretty\ntimezone: Europe/Warsaw\n\
    excerpt_separator: <!--cut-->\ncollections:\n  recipes:\n    output: true\n  hidden:\n    output: false\n\
    defaults:\n  - scope: {path: '', type: posts}\n    values: {author: ada}\n";

const TEA: &str = "---\ntitle: 'Tea: \"hot\"'\ntags: [tea, milk]\ncategory: Life\nredirect_from:\n  - /old-tea/\n\
    last_modified_at: 2019-06-01\n---\nFirst {: .x} *words*{: .lead}.\n\n<!--cut-->\n\n\
    See [cake]({% post_url 2019-05-02-cake %}), [me]({% link about.md %}), [file](2019-05-02-cake.md)\n\
    and [up](/blog/2019/05/02/cake/#milk), ![a cup]({{ site.baseurl }}/assets/cup.svg \"A cup\").\n\n\
    {% highlight ruby %}\nputs {{ x }}\n{% endhighlight %}\n\n{% raw %}{{ raw }}{% endraw %} {% include note.html text=\"Mind *this*\" %}\n\n\
    {% include unknown.html %}\n\n## Milk {: #milk}\n\n* TOC\n{:toc}\n";

fn jekyll() -> tempfile::TempDir {
    folder(&[
        ("_config.yml", CONFIG),
        ("_data/authors.yml", "ada:\n  name: Ada Wren\n  email: ada@secret.example\n"),
        ("_posts/2019-05-01-tea.md", TEA),
        (
            "_posts/2019-05-02-cake.md",
            "---\ntitle: Cake\ndate: 2019-05-02 10:00:00\n---\n# Cake\n\n## Milk\n\n<script>alert(1)</script>\n",
        ),
        ("_posts/2999-01-01-later.md", "---\ntitle: Later\n---\nLater\n"),
        ("_posts/2019-05-03-hidden.md", "---\ntitle: Hidden\npublished: false\n---\nHidden\n"),
        ("_posts/2019-05-04-secret.md", "---\ntitle: Secret\npassword: x\n---\nSecret\n"),
        ("_posts/2019-05-05-old.textile", "---\ntitle: Textile\n---\nh1. Old\n"),
        ("_drafts/idea.md", "---\ntitle: Idea\n---\nIdea\n"),
        ("_recipes/soup.md", "---\ntitle: Soup\ndate: 2018-01-01\n---\nSoup\n"),
        ("_hidden/x.md", "---\ntitle: X\n---\nX\n"),
        ("_includes/note.html", "<!-- note -->**Note**: {% if include.text %}{{ include.text }}{% endif %}"),
        ("_layouts/post.html", "{{ content }}"),
        ("about.md", "---\ntitle: About\n---\nAbout {{ site.title | upcase | slice: 1 }}\n"),
        ("index.html", "---\nlayout: home\n---\n{% for post in site.posts %}{{ post.title }}{% endfor %}\n"),
        ("assets/cup.svg", SVG),
        ("assets/main.css", "a {}"),
        ("README.md", "Not a page"),
        (
            "_data/comments/tea/entry1.yml",
            "_id: a1\n_parent: /blog/2019/05/01/tea/\nname: Jo\nemail: 0123456789abcdef\nurl: 'https://jo.example'\nmessage: \"One\\r\\n\\r\\n* two\"\ndate: '2019-05-03T10:00:00.123Z'\n",
        ),
        (
            "_data/comments/tea/entry2.yml",
            "_id: a2\nname: Ada Wren\nreplying_to: '1'\nmessage: 'By number <b>bold</b>'\ndate: 1556964000\n",
        ),
        (
            "_data/comments/tea/entry3.json",
            "{\"_id\": \"a3\", \"name\": \"Sam\", \"replying_to_uid\": \"a2\", \"message\": \"+++\\n```\\nopen\", \"date\": \"2019-05-05T10:00:00Z\", \"ip\": \"192.0.2.7\"}",
        ),
        (
            "_data/comments/tea/entry4.yml",
            "_id: a4\nname: Lee\nreplying_to_uid: gone\nmessage: Lost parent {{ x }}\ndate: 2019-05-06\n",
        ),
        ("_data/comments/tea/entry5.yml", "_id: [broken\n"),
        (
            "_data/comments/entry6.yml",
            "_id: a6\n_parent: 'https://old.example/blog/2019/05/02/cake.html'\nname: Max\nmessage: Cake!\ndate: 2019-05-07\n",
        ),
        ("_data/comments/no-such-post/entry7.yml", "_id: a7\nname: Kim\nmessage: Where?\ndate: 2019-05-08\n"),
    ])
}

#[test]
fn a_jekyll_site_moves_in() {
    let root = site();
    let old = jekyll();
    let report = moved_in(root.path(), old.path());
    let counts = |kind| (report.counts[&kind].read, report.counts[&kind].written);
    assert_eq!(counts(ItemKind::Posts), (8, 6), "{}", report.text());
    assert_eq!(counts(ItemKind::Pages), (2, 1), "{}", report.text());
    assert_eq!(counts(ItemKind::Media), (1, 1), "{}", report.text());
    assert_eq!(counts(ItemKind::Comments), (7, 5), "{}", report.text());
    assert!(report.has_losses(), "a damaged comment, a thread without a page and Textile are losses");
    let tea = text(root.path(), "content/posts/tea.md");
    assert_eq!(
        tea,
        "+++\ntitle = \"Tea: \\\"hot\\\"\"\ndate = 2019-05-01\nupdated = 2019-06-01\npath = \"blog/life/2019/05/01/tea\"\naliases = [\"blog/old-tea\"]\n\
         authors = [\"Ada Wren\"]\n\n[taxonomies]\ntags = [\"tea\", \"milk\"]\ncategories = [\"Life\"]\n+++\n\n\
         First {: .x} *words*.\n\n<!-- more -->\n\n\
         See [cake](@/posts/cake.md), [me](@/about.md), [file](@/posts/cake.md)\nand [up](@/posts/cake.md#milk), \
         ![a cup](/blog/assets/cup.svg \"A cup\").\n\n```ruby\nputs {% raw %}{{{% endraw %} x }}\n```\n\n\n\
         {% raw %}{{{% endraw %} raw }} <!-- note -->**Note**: Mind *this*\n\n{% raw %}{%{% endraw %} include unknown.html %}\n\n## Milk {#milk}\n\n"
            .trim_end()
            .to_owned()
            + "\n"
    );
    assert!(text(root.path(), "content/posts/cake.md").contains("date = 2019-05-02T10:00:00+02:00\n"));
    assert!(!text(root.path(), "content/posts/cake.md").contains("script"));
    for draft in ["later", "hidden", "idea"] {
        assert!(text(root.path(), &format!("content/posts/{draft}.md")).contains("draft = true"), "{draft}");
    }
    assert!(!root.path().join("content/posts/secret.md").exists());
    assert!(text(root.path(), "content/posts/soup.md").contains("path = \"blog/recipes/soup\""));
    let thread = text(root.path(), "content/posts/tea.comments.md");
    assert!(
        thread.starts_with(
            "+++\nid = \"a1\"\nauthor = \"Jo\"\nurl = \"https://jo.example\"\ndate = 2019-05-03T10:00:00Z\n+++\nOne\n\n* two\n\n\
             +++\nid = \"a2\"\nauthor = \"Ada Wren\"\ndate = 2019-05-04T10:00:00Z\nreply_to = \"a1\"\n+++\nBy number **bold**\n"
        ),
        "{thread}"
    );
    assert!(thread.contains("reply_to = \"a2\"\n") && thread.contains("Lost parent {{ x }}"), "{thread}");
    assert!(text(root.path(), "content/posts/cake.comments.md").contains("Cake!"));
    assert!(text(root.path(), "imports/old.unmatched.csv").contains("no-such-post"));
    assert_eq!(report.concerns[&Concern::Parents].count, 1);
    assert_eq!(report.concerns[&Concern::Programs].names, ["index.html"]);
    assert!(report.unknown_tags.contains_key("{% include unknown.html %}"), "{:?}", report.unknown_tags);
    let everything = all_text(root.path());
    for personal in ["secret.example", "0123456789abcdef", "192.0.2.7"] {
        assert!(!everything.contains(personal), "{personal}");
    }
}

/// All files of a site, one after the other.
fn all_text(root: &Path) -> String {
    let files = walkdir::WalkDir::new(root).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.filter_map(|file| fs::read_to_string(file.path()).ok()).collect()
}

#[test]
fn a_folder_can_be_imported_again() {
    let root = site();
    let old = jekyll();
    moved_in(root.path(), old.path());
    let before = all_text(root.path());
    let again = moved_in(root.path(), old.path());
    assert_eq!(all_text(root.path()), before);
    assert!(!again.files.contains_key("created") && !again.files.contains_key("updated"), "{}", again.text());
    fs::write(old.path().join("_data/comments/tea/entry9.yml"), "_id: a9\nname: Nia\nmessage: New\ndate: 2019-06-01\n")
        .expect("a file");
    let cake = root.path().join("content/posts/cake.md");
    fs::write(&cake, "+++\ntitle = \"Mine\"\n+++\n").expect("a file");
    fs::remove_file(root.path().join("content/about.md")).expect("a file");
    let dry = import(&Options { dry_run: true, ..folder_options(root.path(), old.path()) }).expect("an import");
    assert!(dry.plan.iter().any(|line| line == "updated: content/posts/tea.comments.md"), "{:?}", dry.plan);
    assert_eq!(text(root.path(), "content/posts/tea.comments.md").matches("Nia").count(), 0);
    // What links to the deleted page is for the author to mend.
    let third = import(&folder_options(root.path(), old.path())).expect("an import");
    assert_eq!(
        // The source has nothing new for the edited file, so that there is nothing to say about it.
        (third.files.get("edited here"), third.files.get("deleted here")),
        (None, Some(&1)),
        "{}",
        third.text()
    );
    assert!(text(root.path(), "content/posts/tea.comments.md").contains("Nia"));
    assert!(
        text(root.path(), "content/posts/cake.md").contains("Mine") && !root.path().join("content/about.md").exists()
    );
}

fn hugo() -> tempfile::TempDir {
    folder(&[
        (
            "hugo.toml",
            "baseURL = 'https://old.example/'\ndefaultContentLanguage = 'en'\n[permalinks]\nposts = '/:year/:month/:slug/'\n[taxonomies]\ntag = 'tags'\nmood = 'moods'\n[languages.en]\n[languages.pl]\n",
        ),
        ("content/posts/_index.md", "---\ntitle: All posts\n---\n"),
        ("content/_index.md", "---\ntitle: Home\n---\nWelcome\n"),
        (
            "content/posts/Tea Time.md",
            "+++\ntitle = 'Tea Time!'\ndate = 2019-05-01T10:00:00+02:00\ntags = ['tea']\nmoods = 'calm'\naliases = ['/old/tea/', 'older']\n+++\n\
            Words {{ x }}[^1]\n\n<!--more-->\n\n{{< figure src=\"/cup.svg\" alt=\"A cup\" caption=\"Tea\" >}}\n\n[cake]({{< relref \"cake\" >}}) [me](/about.md) [cup](/cup.svg)\n\n\
            {{< highlight go \"hl_lines=1\" >}}\nx := 1\n{{< /highlight >}}\n\n{{</* youtube x */>}} {{< mystery >}}\n\n```go {linenos=true}\ny\n```\n\n[^1]: Note\n",
        ),
        (
            "content/posts/cake/index.md",
            "---\ntitle: Cake\ndate: 2019-06-01\nslug: the-cake\n---\n![](cup.svg) ![](sub/two.svg) [note](note.md)\n",
        ),
        ("content/posts/cake/cup.svg", SVG),
        ("content/posts/cake/sub/two.svg", SVG),
        ("content/posts/cake/note.md", "Not a page\n"),
        ("content/posts/draft.md", "{\"title\": \"Draft\", \"date\": \"2019-07-01\", \"draft\": true}\n\nDraft\n"),
        ("content/posts/future.md", "---\ntitle: Future\ndate: 2019-07-01\npublishDate: 2999-01-01\n---\nx\n"),
        ("content/posts/expired.md", "---\ntitle: Expired\ndate: 2019-07-01\nexpiryDate: 2019-08-01\n---\nx\n"),
        ("content/posts/headless/index.md", "---\ntitle: Headless\ndate: 2019-07-01\nheadless: true\n---\nx\n"),
        ("content/posts/herbata.pl.md", "---\ntitle: Herbata\ndate: 2019-07-01\n---\nPo polsku\n"),
        ("content/posts/org.org", "#+TITLE: Org\n"),
        ("content/about.md", "---\ntitle: About\nurl: /who/\n---\n<iframe src='https://v.example/1'></iframe>\n"),
        ("static/cup.svg", SVG),
        ("static/style.css", "a {}"),
        (
            "data/comments/tea-time/entry1.yml",
            "_id: b1\nname: Jo\nemail: 0123456789abcdef\nmessage: First\ndate: 2019-05-02T10:00:00Z\nreply_to: ''\n",
        ),
        (
            "data/comments/tea-time/entry2.yml",
            "_id: b2\nname: Sam\nmessage: Second\ndate: 2019-05-03T10:00:00Z\nreplyID: b1\nreplyThread: b1\n",
        ),
        ("data/comments/201906the-cake/entry3.yml", "_id: b3\nname: Lee\nmessage: Third\ndate: 2019-05-03T10:00:00Z\n"),
    ])
}

#[test]
fn a_hugo_site_moves_in() {
    let root = site();
    let old = hugo();
    let report = moved_in(root.path(), old.path());
    let counts = |kind| (report.counts[&kind].read, report.counts[&kind].written);
    assert_eq!(counts(ItemKind::Posts), (7, 6), "{}", report.text());
    assert_eq!(counts(ItemKind::Pages), (4, 2), "{}", report.text());
    assert_eq!(counts(ItemKind::Media), (3, 3), "{}", report.text());
    assert_eq!(counts(ItemKind::Comments), (3, 3), "{}", report.text());
    assert_eq!(
        text(root.path(), "content/posts/tea-time.md"),
        "+++\ntitle = \"Tea Time!\"\ndate = 2019-05-01T10:00:00+02:00\npath = \"2019/05/tea-time\"\naliases = [\"old/tea\", \"2019/05/older\"]\n\n\
         [taxonomies]\ntags = [\"tea\"]\n\n[extra]\nmoods = [\"calm\"]\n+++\n\n\
         Words {% raw %}{{{% endraw %} x }}[^1]\n\n<!--more-->\n\n![A cup](</cup.svg>)\n\n*Tea*\n\n[cake](@/posts/the-cake.md) [me](@/about.md) [cup](/cup.svg)\n\n\
         ```go,hl_lines=1\nx := 1\n```\n\n\n{% raw %}{{{% endraw %}< youtube x >}} {% raw %}{{{% endraw %}< mystery >}}\n\n```go,linenos\ny\n```\n\n[^1]: Note\n"
    );
    let cake = text(root.path(), "content/posts/the-cake.md");
    assert!(cake.contains("path = \"2019/06/the-cake\""), "{cake}");
    assert!(cake.contains("![](/2019/06/the-cake/cup.svg) ![](/2019/06/the-cake/sub/two.svg)"), "{cake}");
    assert!(
        root.path().join("static/2019/06/the-cake/sub/two.svg").exists() && root.path().join("static/cup.svg").exists()
    );
    for draft in ["draft", "future", "expired"] {
        assert!(text(root.path(), &format!("content/posts/{draft}.md")).contains("draft = true"), "{draft}");
    }
    assert!(text(root.path(), "content/posts/herbata.md").contains("path = \"pl/2019/07/herbata\""));
    assert!(
        text(root.path(), "content/about.md").contains("path = \"who\"")
            && text(root.path(), "content/about.md").contains("<https://v.example/1>")
    );
    let thread = text(root.path(), "content/posts/tea-time.comments.md");
    assert!(
        thread.contains("id = \"b2\"\nauthor = \"Sam\"\ndate = 2019-05-03T10:00:00Z\nreply_to = \"b1\"\n"),
        "{thread}"
    );
    assert!(root.path().join("content/posts/the-cake.comments.md").exists());
    assert!(report.unknown_tags.contains_key("{{< mystery >}}"));
    assert!(!all_text(root.path()).contains("0123456789abcdef"));
}

#[test]
fn hostile_folders_reach_nothing_outside() {
    let root = site();
    let deep = "---\ntitle: Deep\n---\n".to_owned() + &"> ".repeat(20_000) + &"<div>".repeat(20_000);
    let tags = "---\ntitle: Tags\n---\n".to_owned() + &"{% include a.html %}{% raw %}{{<".repeat(2_000);
    let bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e]\ntitle: Bomb\n---\nBomb\n";
    let old = folder(&[
        ("_config.yml", "url: https://old.example\npermalink: /../../:title\ndata_dir: ../..\n"),
        ("_includes/a.html", "{% include a.html %}"),
        ("_posts/2019-05-01-deep.md", &deep),
        ("_posts/2019-05-02-tags.md", &tags),
        ("_posts/2019-05-03-bomb.md", bomb),
        (
            "_posts/2019-05-04-path.md",
            "---\ntitle: \"+++\\nevil = 1\\n'''\"\nslug: ../../../evil\npermalink: /../../evil\nredirect_from: /../evil\n---\n{% include ../../../../etc/passwd %} {{ 'x' | append: site.url }}\n<a href='javascript:alert(1)'>x</a>\n",
        ),
        (
            "_data/comments/path/x.yml",
            "_id: '../../x'\nname: \"+++\\nj@secret.example\"\nmessage: \"+++\\nid = 1\\n+++\\n<script>alert(1)</script>\"\ndate: 2019-01-01\nurl: 'javascript:x'\n",
        ),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", old.path().join("_posts/2019-05-06-link.md")).expect("a link");
    let report = moved_in(root.path(), old.path());
    assert_eq!(report.counts[&ItemKind::Posts].written, 4, "{}", report.text());
    assert!(!root.path().parent().expect("a folder").join("evil.md").exists());
    let everything = all_text(root.path());
    for evil in ["root:", "javascript:", "<script", "secret.example"] {
        assert!(!everything.contains(evil), "{evil}");
    }
}

#[test]
fn a_folder_that_is_no_site_is_an_error() {
    let root = site();
    let old = folder(&[("notes.txt", "x")]);
    let problem = import(&folder_options(root.path(), old.path())).expect_err("an error");
    assert!(problem.message.contains("no site that Causerie knows"), "{problem:?}");
    // A site of Zola, or of Causerie, is none of these.
    let old = folder(&[("config.toml", "base_url = 'https://x.example'"), ("content/a.md", "+++\n+++\n")]);
    assert!(import(&folder_options(root.path(), old.path())).is_err());
}
