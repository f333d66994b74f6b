//! Moderation, on the open internet.

use serde_json::json;

use crate::client::{Answer, ask, get};
use crate::moderate::send;
use crate::moderator::{HOME, Moderator, enter, form, origin, ticket};
use crate::{ENDPOINT, FORM, Inbox, Site};

fn is_untouched(site: &Site) {
    assert!(site.files("content/posts/tea.comments").is_empty());
    assert!(site.waiting().iter().all(|reply| !reply.contains("#: decided")));
}

#[test]
fn no_link_lets_anybody_in_twice_or_by_force() {
    let (site, other) = (Site::new(), Site::new());
    let (inbox, elsewhere) = (Inbox::start(&site), Inbox::start(&other));
    send(&inbox, json!({}));
    let theirs = ticket(&other);
    assert_eq!(enter(&elsewhere, &theirs).status, 303);
    let mine = ticket(&site);
    let (name, end) = mine.rsplit_once('.').expect("a token").0.rsplit_once('.').expect("an end");
    let mac = mine.rsplit('.').next().expect("a mac");
    let later: u64 = end.parse::<u64>().expect("a second") + 1;
    let form_token = get(inbox.address, "/-/comments/token").body;
    let form_token = form_token.split('"').nth(3).expect("a token").to_owned();
    for bad in [
        String::new(),
        "enter".to_owned(),
        theirs,
        format!("{name}.{later}.{mac}"),
        format!("{name}.{end}."),
        format!("{mine}A"),
        mine.to_uppercase(),
        form_token.replacen("form.", "enter.", 1),
        form_token,
        "x".repeat(10_000),
        format!("{mine}\r\nSet-Cookie: a=b"),
    ] {
        let answer = enter(&inbox, &bad);
        assert_eq!((answer.status, answer.header("set-cookie")), (410, ""), "{bad}");
        let looked = get(inbox.address, &format!("{HOME}/enter?{}", form(&[("token", &bad)])));
        assert!(looked.status == 410 || looked.status == 431 || looked.status == 414, "{bad}: {}", looked.status);
    }
    // Several press the button at the same moment: one of them is in.
    let answers = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| enter(&inbox, &mine).status)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
    });
    assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 303 | 410)), "{answers:?}");
    // The same after the inbox was killed and restarted.
    drop(inbox);
    assert_eq!(enter(&Inbox::start(&site), &mine).status, 410);
}

#[test]
fn only_its_own_pages_decide() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let id = send(&inbox, json!({}));
    let (moderator, second) = (Moderator::enter(&site, &inbox), Moderator::enter(&site, &inbox));
    let (act, foreign) = (moderator.act.clone(), second.act.clone());
    let body = |act: &str| form(&[("act", act), ("action", "approve"), ("reply", &id)]);
    // Pages of others, pages of the site where it is somewhere else, and what is no page.
    for headers in [
        "",
        "Origin: null\r\n",
        "Origin: https://evil.example\r\n",
        "Origin: https://tea.example\r\n",
        "Origin: http://127.0.0.1:1\r\n",
        "Origin: https://tea.example\r\nSec-Fetch-Site: same-site\r\n",
        &format!("Origin: http://{}\r\nSec-Fetch-Site: cross-site\r\n", inbox.address),
        &format!("Origin: http://{0}\r\nOrigin: http://{0}\r\n", inbox.address),
        "Sec-Fetch-Site: same-origin\r\n",
    ] {
        for path in ["", "/enter", "/leave", "/leave-everywhere"] {
            let answer = moderator.send(&format!("{HOME}{path}"), headers, &body(&act));
            assert_eq!((answer.status, answer.header("set-cookie")), (403, ""), "{path} {headers}");
        }
    }
    // No token of the page, another session's, the cookie instead of it.
    let session = moderator.cookie.split_once('=').expect("a cookie").1.trim().to_owned();
    for bad in
        ["", "x", &foreign, &session, &session.replacen("session.", "act.", 1), &act.replacen("act.", "change.", 1)]
    {
        assert_eq!(moderator.send(HOME, &origin(&inbox), &body(bad)).status, 403, "{bad}");
    }
    // No cookie, or one that nobody has given.
    for cookie in ["", "Cookie: causerie-moderation=\r\n", &format!("Cookie: causerie-moderation={act}\r\n")] {
        let answer = inbox.post(HOME, &format!("{FORM}{}{cookie}", origin(&inbox)), &body(&act));
        assert_eq!(answer.status, 401, "{cookie}");
    }
    // What is no form, or wants what there is not; and nothing is done by looking.
    let json = "Content-Type: application/json\r\n";
    let answer = inbox.post(HOME, &format!("{json}{}{}", moderator.cookie, origin(&inbox)), "{\"action\":\"approve\"}");
    assert_eq!(answer.status, 415);
    assert_eq!(moderator.post(&[("action", "delete"), ("reply", &id)]).status, 400);
    moderator.get(&format!("?{}", body(&act)));
    for path in ["/leave", "/leave-everywhere"] {
        let answer = moderator.get(path);
        assert_eq!((answer.status, answer.header("location")), (303, HOME));
    }
    is_untouched(&site);
    assert_eq!(moderator.send(HOME, &origin(&inbox), &body(&act)).status, 200);
    assert_eq!(site.files("content/posts/tea.comments").len(), 1);
}

#[test]
fn a_name_that_is_not_ours_moderates_nothing() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let moderator = Moderator::enter(&site, &inbox);
    let at = |host: &str| {
        let cookie = &moderator.cookie;
        inbox.send(&format!("GET {HOME} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{cookie}\r\n"))
    };
    assert_eq!((at("rebound.example").status, at(&inbox.address.to_string()).status), (421, 200));
    // Under the site's own name, over HTTPS, another cookie counts, which no other host can set.
    assert_eq!(at("tea.example").status, 401);
    let body = form(&[("token", &ticket(&site))]);
    let answer = inbox.send(&format!(
        "POST {HOME}/enter HTTP/1.1\r\nHost: tea.example\r\nOrigin: https://tea.example\r\nConnection: close\r\n{FORM}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-causerie-moderation=session.") && cookie.ends_with("; Secure"), "{cookie}");
    assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Strict;") && !cookie.contains("Domain"), "{cookie}");
}

/// What every answer of moderation says.
fn is_guarded(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"),
        "{what}: {policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains('*') && policy.contains("base-uri 'none'"),
        "{what}: {policy}"
    );
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("access-control-allow-origin", ""),
    ] {
        assert_eq!(answer.header(name), value, "{what}");
    }
}

#[test]
fn every_answer_is_guarded() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let moderator = Moderator::enter(&site, &inbox);
    let site_origin = "Origin: https://tea.example\r\n";
    is_guarded(&moderator.get(""), "replies");
    is_guarded(&ask(inbox.address, "GET", HOME, &format!("{site_origin}{}", moderator.cookie)), "asked by the site");
    is_guarded(&get(inbox.address, HOME), "outside");
    is_guarded(&get(inbox.address, &format!("{HOME}/enter?token=x")), "closed");
    is_guarded(&get(inbox.address, &format!("{HOME}/enter?token={}", ticket(&site))), "door");
    is_guarded(&enter(&inbox, &ticket(&site)), "entered");
    is_guarded(&moderator.post(&[("action", "approve"), ("reply", "nobody")]), "not done");
    is_guarded(&inbox.post(HOME, &format!("{FORM}{site_origin}"), "a=b"), "foreign");
    // Where somebody is led is never what a request says.
    for query in ["?next=https://evil.example", "?state=//evil.example&search=https://evil.example"] {
        let page = moderator.get(query).body;
        assert!(!page.contains("href=\"https://evil") && !page.contains("href=\"//evil"), "{page}");
    }
}

#[test]
fn no_reply_gets_a_script_into_moderation() {
    let site = Site::unlimited();
    site.write(
        "content/posts/evil.md",
        "+++\ntitle = \"</title><script>alert(1)</script>{{ 123457 * 8 }}\"\ndate = 2024-01-01\n+++\nText.\n",
    );
    let inbox = Inbox::start(&site);
    let moderator = Moderator::enter(&site, &inbox);
    let vectors = include_str!("../security/xss-vectors.txt");
    let others = [
        "{{ 123457 * 8 }}{% for x in range(end=9) %}x{% endfor %}",
        "{{ <buttons reply={reply} act={act} here={act} /> }}",
        "</textarea></form><form action=//evil.example><button name=action value=approve>",
        "\"><input name=act value=x><button formaction=//evil.example>",
        "a\r\nSet-Cookie: a=b\r\n\r\n<script>",
        "\u{202e}\u{2066}evil\u{0}\u{1b}[2J\u{7f}\u{2028}",
        "' onfocus=alert(1) autofocus tabindex=0 x='",
        "[a]: http://x.example/?\n[a][a][a]",
    ];
    let own = moderator.get("").body.to_lowercase().matches("<script").count();
    let mut taken = 0;
    for (number, vector) in vectors.lines().chain(others).filter(|line| !line.trim().is_empty()).enumerate() {
        let mut form =
            json!({ "page": "/posts/tea/", "author": vector, "comment": vector, "url": "https://a.example" });
        if number % 3 == 0 {
            form["url"] = format!("https://a.example/{vector}").into();
        }
        if number % 5 == 0 {
            form["page"] = "/posts/evil/".into();
        }
        if inbox.script(ENDPOINT, &form).0 != 200 {
            form["author"] = "Jo".into();
            form["url"] = "".into();
            inbox.script(ENDPOINT, &form);
        }
        taken += 1;
        // Also where it is searched for, chosen, and typed.
        let query = crate::moderator::form(&[("state", vector), ("page", vector), ("search", vector)]);
        is_harmless(&moderator.get(&format!("?{query}")).body, own, vector);
        if number % 4 == 0 {
            let typed = [("action", "edit"), ("reply", vector), ("comment", vector), ("author", vector)];
            is_harmless(&moderator.post(&typed).body, own, vector);
        }
    }
    assert!(taken > 50);
    for state in ["waiting", "strict", "spam", "decided"] {
        for page in 1..=6 {
            is_harmless(&moderator.get(&format!("?state={state}&page={page}")).body, own, state);
        }
    }
    is_untouched(&site);
}

/// Nothing in a page is an element that it has not itself.
fn is_harmless(page: &str, scripts: usize, vector: &str) {
    assert!(page.contains("</html>"), "{vector}: {page}");
    let lower = page.to_lowercase();
    assert_eq!(lower.matches("<script").count(), scripts, "{vector}: {page}");
    for bad in [
        "<img",
        "<svg",
        "<iframe",
        "<object",
        "<embed",
        "<style",
        "<base",
        "<meta http",
        "<math",
        "formaction=//",
        "action=//",
        "href=\"javascript:",
        "href=\"data:",
        "href=\"vbscript:",
        " onfocus=",
    ] {
        // What looks like an attribute may be text: between tags, or quoted.
        let found = lower.match_indices(bad).any(|(place, _)| is_in_tag(&lower, place) || bad.starts_with('<'));
        assert!(!found, "{bad}: {vector}: {page}");
    }
    assert!(!page.contains("987656"), "{vector}: a template has run");
    assert!(!page.contains('\u{0}') && !page.contains('\u{1b}'), "{vector}");
}

/// Whether a place is in a tag, outside of its quoted values.
fn is_in_tag(page: &str, place: usize) -> bool {
    let start = page[..place].rfind('<').unwrap_or(0);
    let within = &page[start..place];
    !within.contains('>') && within.matches('"').count().is_multiple_of(2)
}
