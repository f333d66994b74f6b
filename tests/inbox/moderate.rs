//! Deciding in a browser: what is shown, and what comes of it.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{ask, get};
use crate::moderator::{HOME, Moderator, enter, ticket};
use crate::{ENDPOINT, Inbox, Site};

/// Sends a reply and gives back its id.
pub fn send(inbox: &Inbox, fields: Value) -> String {
    let mut form = json!({ "page": "/posts/tea/", "author": "Jo", "comment": "I *agree*." });
    form.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    let (status, told) = inbox.script(ENDPOINT, &form);
    assert_eq!(status, 200, "{told}");
    told["id"].as_str().expect("an id").to_owned()
}

fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn a_moderator_signs_in_and_sees_what_a_decision_needs() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let id = send(&inbox, json!({ "reply_to": "jo-1", "url": "https://zoe.example/about", "author": "Zoë" }));
    let outside = get(inbox.address, HOME);
    assert_eq!(outside.status, 401);
    has(&outside.body, &["causerie comments link"]);
    assert!(!outside.body.contains("Zoë"));

    // A program that opens the link, such as a mail scanner, does not use it up.
    let ticket = ticket(&site);
    for _ in 0..2 {
        let door = get(inbox.address, &format!("{HOME}/enter?token={ticket}"));
        assert!(door.status == 200 && door.header("set-cookie").is_empty(), "{}", door.body);
        has(&door.body, &["<form class=\"door\" method=\"post\"", &ticket]);
    }
    let answer = enter(&inbox, &ticket);
    assert_eq!((answer.status, answer.header("location")), (303, HOME));
    let cookie = answer.header("set-cookie");
    has(cookie, &["causerie-moderation=session.", "Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=43200"]);

    let moderator = Moderator::with(&inbox, crate::moderator::cookie(&answer));
    let page = moderator.get("");
    assert_eq!(page.status, 200);
    has(
        &page.body,
        &[
            "<title>Waiting (1) – Tea</title>",
            "<a href=\"https://tea.example/posts/tea/\"><bdi>Tea &amp; &lt;milk&gt;</bdi></a>",
            "<bdi class=\"author\">Zoë</bdi>",
            "href=\"https://zoe.example/about\" rel=\"nofollow ugc noopener noreferrer\"><bdi>zoe.example</bdi>",
            "href=\"https://tea.example/posts/tea/#comment-jo-1\"><bdi>Jo</bdi>",
            "<blockquote dir=\"auto\"><p>Why?</p>",
            "<p>I <em>agree</em>.</p>",
            &format!("value=\"{id}.0.pending\""),
        ],
    );
    assert!(inbox.log().contains("\"event\":\"moderate\",\"status\":303,\"outcome\":\"signed-in\""), "{}", inbox.log());
    assert!(!inbox.log().contains(&ticket) && !inbox.log().contains("Zoë"));
}

#[test]
fn decisions_are_those_of_the_command_line() {
    let site = Site::with("rebuild = true\n");
    let inbox = Inbox::start(&site);
    let moderator = Moderator::enter(&site, &inbox);
    let id = send(&inbox, json!({}));
    let public = || site.read("public/posts/tea/index.html");

    let page = moderator.decide("approve", &id);
    assert_eq!(page.status, 200);
    has(&page.body, &["Approved the reply by Jo.", "Nothing waits.", "value=\"undo\""]);
    assert!(site.read(&format!("content/posts/tea.comments/{id}.md")).ends_with("I *agree*.\n"));
    assert!(public().contains(&format!("id=\"comment-{id}\"")), "it is built as well");
    has(&moderator.get("?state=decided").body, &["<p>I <em>agree</em>.</p>", &format!("/posts/tea/#comment-{id}\"")]);

    has(&moderator.decide("undo", &id).body, &["Taken back: the decision about the reply by Jo."]);
    assert!(!site.path(&format!("content/posts/tea.comments/{id}.md")).exists() && !public().contains(&id));

    let edit = [("author", "Jo Field"), ("url", "jo.example"), ("comment", "I **agree**.\r\nMostly.")];
    let fields = [&[("action", "edit"), ("reply", id.as_str())], &edit[..]].concat();
    has(
        &moderator.post(&fields).body,
        &["Changed the reply by Jo Field.", "<strong>agree</strong>", "https://jo.example"],
    );
    let page = moderator.decide("approve", &id);
    has(&page.body, &["this reply is not what it was when you looked at it", "<strong>agree</strong>"]);
    assert!(site.files("content/posts/tea.comments").is_empty());
    // What cannot be taken is not lost.
    let bad =
        [("action", "edit"), ("reply", &*format!("{id}.1")), ("url", "javascript:alert(1)"), ("comment", "Typed.")];
    has(&moderator.post(&bad).body, &["What you had written", "Typed.</textarea>"]);

    let answer = [("action", "answer"), ("reply", &*format!("{id}.1")), ("answer", "So do *I*.")];
    has(&moderator.post(&answer).body, &["Approved and answered the reply by Jo Field."]);
    has(&public(), &["<strong>agree</strong>", "So do <em>I</em>.", "author-badge"]);
    assert_eq!(site.files("content/posts/tea.comments").len(), 2);

    for (action, word, state) in
        [("spam", "Put aside as spam: the reply by Jo.", "spam"), ("reject", "Rejected", "rejected")]
    {
        let id = send(&inbox, json!({ "comment": action }));
        has(&moderator.decide(action, &id).body, &[word]);
        has(&site.causerie(&["comments", "show", &id]), &[state]);
    }
    has(&moderator.get("?state=spam").body, &["<p>spam</p>", "<title>Spam (1)"]);
}

#[test]
fn many_are_decided_at_once_and_committed_together() {
    let site = Site::with("commit = true\n");
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@tea.example"])
            .args(arguments)
            .current_dir(site.path(""))
            .output()
            .expect("git can be started");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    git(&["init", "--quiet"]);
    git(&["config", "user.name", "Ada"]);
    git(&["config", "user.email", "ada@tea.example"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message=Begin"]);
    let inbox = Inbox::start(&site);
    let moderator = Moderator::enter(&site, &inbox);
    let ids: Vec<String> = (0..3).map(|n| send(&inbox, json!({ "comment": format!("Number {n}.") }))).collect();
    let mut fields = vec![("action", "approve")];
    fields.extend(ids.iter().map(|id| ("reply", id.as_str())));
    // Twice the same one is one, and one that is not there hinders no other.
    fields.extend([("reply", ids[0].as_str()), ("reply", "nobody")]);
    let page = moderator.post(&fields);
    has(&page.body, &["Approved 3 replies.", "there is no reply `nobody`"]);
    assert_eq!(git(&["log", "--format=%s"]).lines().next(), Some("Approve 3 replies"));
    assert_eq!(git(&["show", "--name-only", "--format="]).lines().count(), 3);
    fields[0].1 = "undo";
    has(&moderator.post(&fields[..4]).body, &["Taken back: the decision about 3 replies."]);
    assert!(site.files("content/posts/tea.comments").is_empty());
    has(&moderator.post(&[("action", "approve")]).body, &["No reply was chosen."]);
    // Nobody can be kept waiting by a list without an end.
    let endless: Vec<(&str, &str)> =
        [("action", "spam")].into_iter().chain((0..2000).map(|_| ("reply", "x"))).collect();
    assert_eq!(moderator.post(&endless).status, 200);
}

#[test]
fn a_thousand_replies_are_pages() {
    let site = Site::new();
    let long = "A *long* thought, & \"another\" <one>. ".repeat(500);
    for number in 0..1000 {
        let id = format!("20240531-{:02}{:02}{:02}-000-{number:06}", number / 3600, number / 60 % 60, number % 60);
        let (state, text) = match number {
            900.. => ("spam", "Buy tea."),
            _ if number % 40 == 0 => ("pending", long.as_str()),
            _ => ("pending", "A thought."),
        };
        let guard = if number % 100 == 1 { "strict" } else { "queue" };
        site.write(
            &format!("inbox/{id}.md"),
            &format!(
                "+++\n#: state = \"{state}\"\n#: page = \"/posts/tea/\"\n#: document = \"content/posts/tea.md\"\n\
                 #: folder = \"content/posts/tea.comments\"\n#: received = \"2024-05-31T18:30:00Z\"\n\
                 #: [guard]\n#: score = 15\n#: decision = \"{guard}\"\n#: [[guard.reasons]]\n\
                 #: name = \"links\"\n#: count = 2\n#: most = 1\n#: weight = 15\nid = \"{id}\"\n\
                 author = \"Reader {number}\"\ndate = 2024-05-31T18:30:00Z\nstatus = \"pending\"\n+++\n{text}\n"
            ),
        );
    }
    // They are not older than what is kept.
    site.write("site.toml", &site.read("site.toml").replace("[comments]\n", "[comments]\nkeep_days = 36500\n"));
    let inbox = Inbox::start(&site);
    let moderator = Moderator::enter(&site, &inbox);
    let mut seen = std::collections::BTreeSet::new();
    let mut next = Some("?state=waiting".to_owned());
    let mut slowest = Duration::ZERO;
    while let Some(query) = next {
        let start = Instant::now();
        let page = moderator.get(&query);
        slowest = slowest.max(start.elapsed());
        assert!(page.status == 200 && page.body.len() < 400_000, "{query}: {}", page.body.len());
        for part in page.body.split("<bdi class=\"author\">").skip(1) {
            seen.insert(part.split('<').next().expect("a name").to_owned());
        }
        next = page
            .body
            .split("rel=\"next\" href=\"")
            .nth(1)
            .map(|rest| rest.split('"').next().expect("an address").replace("&amp;", "&").replace(HOME, ""));
    }
    assert_eq!(seen.len(), 900);
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    let page = moderator.get("").body;
    has(
        &page,
        &[
            "Waiting <span class=\"count\">900</span>",
            "Spam <span class=\"count\">100</span>",
            "Spam points: 15",
            "<li>It has 2 links; one is usual. <span>+15</span></li>",
        ],
    );
    has(&page, &["Look closely <span class=\"count\">9</span>", "Decided <span class=\"count\">0</span>"]);
    has(&moderator.get("?search=reader+123").body, &["<title>Waiting (1)", "1 with “<bdi>reader 123</bdi>”"]);
    has(&moderator.get("?page=99999").body, &["Page 36 of 36"]);
    let start = Instant::now();
    let ids: Vec<String> = (1..26).map(|n| format!("20240531-0000{n:02}-000-{n:06}")).collect();
    let mut fields = vec![("action", "reject")];
    fields.extend(ids.iter().map(|id| ("reply", id.as_str())));
    has(&moderator.post(&fields).body, &["Rejected 25 replies."]);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn two_moderators_decide_once() {
    let site = Site::unlimited();
    let inbox = Inbox::start(&site);
    let (one, other) = (Moderator::enter(&site, &inbox), Moderator::enter(&site, &inbox));
    for round in 0..5 {
        let id = send(&inbox, json!({ "comment": format!("Round {round}.") }));
        let pages = thread::scope(|scope| {
            let decide = |who: &'static str| {
                let moderator = if who == "one" { &one } else { &other };
                let id = id.clone();
                scope.spawn(move || moderator.decide("approve", &id).body)
            };
            let both = [decide("one"), decide("other")];
            both.map(|page| page.join().expect("no panic"))
        });
        let approved = pages.iter().filter(|page| page.contains("Approved the reply by Jo.")).count();
        let told = pages.iter().filter(|page| page.contains("this reply is approved already")).count();
        assert_eq!((approved, told), (1, 1), "round {round}");
    }
    assert_eq!(site.files("content/posts/tea.comments").len(), 5);
    // One rejects what the other takes for spam: the later one sees what it is, and may change it.
    let id = send(&inbox, json!({ "comment": "Hm." }));
    one.decide("spam", &id);
    has(&other.decide("spam", &id).body, &["this reply is spam already"]);
}

#[test]
fn a_reply_outlives_what_it_answers() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let moderator = Moderator::enter(&site, &inbox);
    let id = send(&inbox, json!({ "reply_to": "jo-1" }));
    let wait_for = |part: &str| {
        let start = Instant::now();
        while !moderator.get("").body.contains(part) {
            assert!(start.elapsed() < Duration::from_secs(10), "{part}: {}", moderator.get("").body);
            thread::sleep(Duration::from_millis(50));
        }
    };
    std::fs::remove_file(site.path("content/posts/tea.comments.md")).expect("it was there");
    wait_for("<bdi>jo-1</bdi>, which is not there");
    std::fs::remove_file(site.path("content/posts/tea.md")).expect("it was there");
    wait_for("<bdi>/posts/tea/</bdi> (this page is gone)");
    has(&moderator.decide("approve", &id).body, &["the page /posts/tea/ that this reply answers is gone"]);
    has(&moderator.decide("reject", &id).body, &["Rejected the reply by Jo."]);
}

#[test]
fn who_signs_out_is_out_wherever_the_cookie_is() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let (here, there) = (Moderator::enter(&site, &inbox), Moderator::enter(&site, &inbox));
    let leave = |moderator: &Moderator, path: &str| {
        let body = crate::moderator::form(&[("act", &moderator.act)]);
        moderator.send(&format!("{HOME}{path}"), &crate::moderator::origin(&inbox), &body)
    };
    let answer = leave(&here, "/leave");
    assert!(answer.status == 200 && answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.body);
    // A copy of the cookie is worthless too.
    assert_eq!((here.get("").status, there.get("").status), (401, 200));
    let unused = ticket(&site);
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(leave(&there, "/leave-everywhere").status, 200);
    assert_eq!((there.get("").status, enter(&inbox, &unused).status), (401, 410));
    thread::sleep(Duration::from_millis(1100));
    assert_eq!(Moderator::enter(&site, &inbox).get("").status, 200);
    // What was typed when a session had ended is shown once more.
    let body = crate::moderator::form(&[("action", "answer"), ("reply", "x"), ("answer", "A long </textarea> answer")]);
    let answer = there.send(HOME, &crate::moderator::origin(&inbox), &body);
    assert_eq!(answer.status, 401);
    has(&answer.body, &["A long &lt;/textarea&gt; answer</textarea>"]);
}

#[test]
fn the_pages_own_files_can_be_kept() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let moderator = Moderator::enter(&site, &inbox);
    let page = moderator.get("").body;
    for (mark, mime) in [("rel=\"stylesheet\" href=\"", "text/css"), ("<script src=\"", "text/javascript")] {
        let path = page.split(mark).nth(1).expect("a file").split('"').next().expect("a name");
        let file = get(inbox.address, path);
        assert!(file.status == 200 && file.header("content-type").starts_with(mime), "{path}");
        assert!(file.header("cache-control").contains("immutable") && file.body.len() > 1000);
    }
    assert_eq!(get(inbox.address, &format!("{HOME}/moderate.css")).status, 404);
    assert_eq!(get(inbox.address, &format!("{HOME}/../../site.toml")).status, 404);
    assert_eq!(ask(inbox.address, "DELETE", HOME, "").status, 405);
}
