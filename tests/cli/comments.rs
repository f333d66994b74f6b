//! Deciding about replies.

use std::process::Command;

use serde_json::Value;

use crate::{Said, Session};

const JO: &str = "20240531-183000-250-jjjjjj";
const AL: &str = "20240601-090000-000-aaaaaa";

/// A reply as it lies in the inbox.
fn object(id: &str, author: &str, text: &str) -> String {
    format!(
        "+++\n#: state = \"pending\"\n#: page = \"/posts/tea/\"\n#: document = \"content/posts/tea.md\"\n\
         #: folder = \"content/posts/tea.comments\"\n#: received = \"2024-05-31T18:30:00Z\"\nid = \"{id}\"\n\
         author = \"{author}\"\ndate = 2024-05-31T18:30:00Z\nstatus = \"pending\"\n+++\n{text}\n"
    )
}

/// A site with two replies that wait.
fn site(settings: &str) -> Session {
    Session::with(&[
        ("site.toml", &format!("base_url = \"https://tea.example\"\ntheme = \"salon\"\nauthor = \"Ada\"\n{settings}")),
        ("content/posts/_index.md", "+++\n+++\n"),
        ("content/posts/tea.md", "+++\ntitle = \"Tea\"\ndate = 2024-01-01\n+++\nText.\n"),
        (&format!("inbox/{JO}.md"), &object(JO, "Jo Field", "I *agree*.\n\nReally.")),
        (&format!("inbox/{AL}.md"), &object(AL, "Al \u{202e}", "Buy\u{1b}[31m pills!")),
    ])
}

fn json(said: &Said) -> Value {
    assert_eq!(said.status, 0, "{}", said.stderr);
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}", said.stdout))
}

fn page(session: &Session) -> String {
    session.read("public/posts/tea/index.html")
}

#[test]
fn what_waits_is_listed() {
    let session = site("");
    let said = session.causerie(&["comments", "list"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(
        said.stdout,
        "ID      RECEIVED          STATE    PAGE         FROM      TEXT\n\
         jjjjjj  2024-05-31 18:30  pending  /posts/tea/  Jo Field  I *agree*.\n\
         aaaaaa  2024-05-31 18:30  pending  /posts/tea/  Al        Buy[31m pills!\n"
    );
    assert_eq!(said.stderr, "2 replies\n");
    let listed = json(&session.causerie(&["comments", "list", "--json", "--limit", "1"]));
    assert_eq!(listed["more"], 1);
    let [reply] = &listed["replies"].as_array().expect("a list")[..] else { panic!("{listed}") };
    assert_eq!(
        (&reply["handle"], &reply["state"], &reply["page"]),
        (&AL.into(), &"pending".into(), &"/posts/tea/".into())
    );
    for (filter, number) in
        [(["--page", "/posts/*"], 2), (["--page", "/about/"], 0), (["--search", "AGREE"], 1), (["--state", "spam"], 0)]
    {
        let listed = json(&session.causerie(&["comments", "list", "--json", filter[0], filter[1]]));
        assert_eq!(listed["replies"].as_array().map(Vec::len), Some(number), "{filter:?}");
    }
    let said = session.causerie(&["comments", "show", "jjj"]);
    assert!(said.stdout.contains("From       Jo Field\n") && said.stdout.ends_with("\n\nI *agree*.\n\nReally.\n"));
    let none = Session::with(&[("site.toml", "base_url = \"https://tea.example\"\n")]);
    let said = none.causerie(&["comments", "list"]);
    assert_eq!((said.status, said.stdout.as_str(), said.stderr.as_str()), (0, "", "0 replies\n"));
}

#[test]
fn an_approved_reply_is_published() {
    let session = site("[comments]\nrebuild = true\n");
    session.causerie(&["build"]);
    assert!(!page(&session).contains("agree") && !session.names().iter().any(|name| name.starts_with("public/inbox")));
    let said = session.causerie(&["comments", "approve", "jjjjjj"]);
    let path = format!("content/posts/tea.comments/{JO}.md");
    assert_eq!((said.status, said.stdout), (0, format!("{JO} is approved: {path}\n")), "{}", said.stderr);
    assert!(page(&session).contains("<em>agree</em>"));
    let said = session.causerie(&["comments", "undo"]);
    assert_eq!((said.status, said.stdout), (0, format!("{JO} is pending: {path}\n")), "{}", said.stderr);
    assert!(!page(&session).contains("agree"));
    let done = json(&session.causerie(&["comments", "reply", "jjj", "--text", "So do *I*.", "--json"]));
    assert_eq!(done["replies"].as_array().map(Vec::len), Some(2));
    assert!(page(&session).contains("<em>agree</em>") && page(&session).contains("<em>I</em>"));
    assert!(page(&session).contains("by-author"));
}

#[test]
fn what_is_not_wanted_is_not_published() {
    let session = site("");
    let said = session.causerie(&["comments", "spam", "aaa", "--build"]);
    assert_eq!((said.status, said.stdout), (0, format!("{AL} is spam\n")));
    assert!(!session.path("public").exists(), "the site is as it was");
    assert_eq!(session.causerie(&["comments", "reject", "jjj"]).status, 0);
    assert_eq!(session.causerie(&["comments", "list"]).stderr, "0 replies\n");
    let all = json(&session.causerie(&["comments", "list", "--json", "--state", "spam", "--state", "rejected"]));
    assert_eq!(all["replies"].as_array().map(Vec::len), Some(2));
}

#[test]
fn words_can_be_changed() {
    let session = site("");
    let said = session.causerie(&["comments", "edit", "jjj", "--author", "Jo", "--text", "I agree."]);
    assert_eq!((said.status, said.stdout), (0, format!("{JO}.1 is pending\n")), "{}", said.stderr);
    let said = session.causerie(&["comments", "approve", "jjj"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("not what it was") && said.stderr.contains(&format!("{JO}.1")), "{}", said.stderr);
    session.write("words.md", "+++\nFrom a file.\n");
    let said = session.causerie(&["comments", "edit", "jjj.1", "--file", "words.md"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(session.causerie(&["comments", "approve", "jjj.2"]).status, 0);
    assert!(session.read(&format!("content/posts/tea.comments/{JO}.md")).ends_with("+++\n\\+++\nFrom a file.\n"));
    // Tests have no terminal to open an editor in.
    let said = session.causerie(&["comments", "edit", "aaa"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("--text"), "{}", said.stderr);
    let said = session.causerie(&["comments", "edit", "aaa", "--url", "javascript:alert(1)"]);
    assert!(said.status == 1 && said.stderr.contains("website"), "{}", said.stderr);
}

#[test]
fn what_cannot_be_done_is_reported() {
    let session = site("");
    for (arguments, status, words) in [
        (&["comments", "approve", "nobody"][..], 1, "there is no reply `nobody`"),
        (&["comments", "approve", "../../site"], 1, "there is no reply"),
        (&["comments", "show", "\u{1b}[2J"], 1, "there is no reply"),
        (&["comments", "undo"], 1, "nothing was decided"),
        (&["comments", "reply", "jjj", "--text", " "], 1, "no text"),
        (&["comments", "approve"], 2, "<ID>"),
        (&["comments", "list", "--state", "gone"], 2, "gone"),
        (&["comments"], 2, "Usage"),
    ] {
        let said = session.causerie(arguments);
        assert_eq!(said.status, status, "{arguments:?} {}", said.stderr);
        assert!(said.stderr.contains(words) && said.stdout.is_empty(), "{arguments:?} {}", said.stderr);
        assert!(!said.stderr.contains('\u{1b}'), "{}", said.stderr);
    }
    // What can be done of several is done.
    let said = session.causerie(&["comments", "approve", "nobody", "jjj"]);
    assert!(said.status == 1 && said.stdout.contains("is approved"), "{} {}", said.stdout, said.stderr);
    // What is no reply does not hide the others.
    session.write("inbox/broken.md", "not a comment");
    let said = session.causerie(&["comments", "list"]);
    assert_eq!((said.status, said.stdout.lines().count()), (1, 2), "{}", said.stderr);
    assert!(said.stderr.contains("inbox/broken.md"), "{}", said.stderr);
}

#[test]
fn a_person_is_forgotten() {
    let session = site("");
    let path = format!("inbox/{JO}.md");
    let object = session.read(&path).replacen("+++\n", "+++\n#: email = \"jo@example.org\"\n", 1);
    session.write(&path, &object);
    assert_eq!(session.causerie(&["comments", "approve", "jjj"]).status, 0);
    assert!(session.read(&path).contains("jo@example.org"));
    assert!(!session.read(&format!("content/posts/tea.comments/{JO}.md")).contains("jo@example.org"));
    let said = session.causerie(&["comments", "forget", "JO@example.org"]);
    assert_eq!((said.status, said.stdout), (0, format!("content/posts/tea.comments/{JO}.md\n")), "{}", said.stderr);
    assert!(session.files().iter().all(|(_, text)| !text.contains("jo@example.org")));
}

#[test]
fn decisions_are_committed() {
    let session = site("[comments]\ncommit = true\n");
    let git = |arguments: &[&str]| {
        let output =
            Command::new("git").arg("-C").arg(session.path("")).args(arguments).output().expect("git is there");
        assert!(output.status.success(), "{arguments:?} {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    git(&["init", "--quiet"]);
    git(&["config", "user.email", "ada@tea.example"]);
    git(&["config", "user.name", "Ada"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=Begin"]);
    session.write("content/posts/unfinished.md", "+++\n+++\n");
    git(&["add", "."]);
    let said = session.causerie(&["comments", "approve", "jjj"]);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    let path = format!("content/posts/tea.comments/{JO}.md");
    assert_eq!(
        git(&["show", "--name-status", "--format=%s"]),
        format!("Approve a reply to /posts/tea/\n\nA\t{path}\n")
    );
    assert!(git(&["status", "--porcelain"]).contains("A  content/posts/unfinished.md"), "what was prepared still is");
    assert_eq!(session.causerie(&["comments", "undo"]).status, 0);
    assert_eq!(
        git(&["show", "--name-status", "--format=%s"]),
        format!("Take back a reply to /posts/tea/\n\nD\t{path}\n")
    );
    assert!(git(&["log", "--format=%s"]).lines().count() == 3);
}

#[test]
fn a_decision_stands_where_git_fails() {
    let session = site("[comments]\ncommit = true\n");
    let said = session.causerie(&["comments", "approve", "jjj"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stderr.contains("git could not commit"), "{}", said.stderr);
    assert!(session.path(&format!("content/posts/tea.comments/{JO}.md")).exists());
}

#[test]
fn a_link_signs_in() {
    let session = site("[comments]\nendpoint = \"https://talk.tea.example/reply\"\n");
    let (one, other) = (session.causerie(&["comments", "link"]), session.causerie(&["comments", "link"]));
    assert_eq!((one.status, one.stderr.lines().count()), (0, 1), "{}", one.stderr);
    let start = "https://talk.tea.example/-/moderate/enter?token=enter.";
    assert!(one.stdout.starts_with(start) && one.stdout.lines().count() == 1, "{}", one.stdout);
    assert_ne!(one.stdout, other.stdout);
    let said = site("").causerie(&["comments", "link"]);
    assert!(said.status == 1 && said.stdout.is_empty() && said.stderr.contains("endpoint"), "{}", said.stderr);
}
