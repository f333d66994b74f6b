//! Checks of links against servers on the loopback interface.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use super::checker::{Checker, Politeness};
use super::{Fault, Faults};
use crate::build::{self, Options, Report};
use crate::diagnostic::Severity;
use crate::fetch::testing::{Server, answer};
use crate::fetch::{Client, Limits};

/// A site with links to a server, and the rules of `[link_checker]`.
fn site(server: &Server, rules: &str, body: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "base_url = \"https://a.example\"\n[fetch]\nprivate_hosts = [\"{}\"]\ntimeout = 2\n[link_checker]\n{rules}\n",
        server.host()
    );
    fs::write(folder.path().join("site.toml"), config.replace("URL", &server.url(""))).unwrap();
    fs::create_dir_all(folder.path().join("content")).unwrap();
    let page = format!("+++\ntitle = \"Tea\"\n+++\n{}", body.replace("URL", &server.url("")));
    fs::write(folder.path().join("content/tea.md"), page).unwrap();
    fs::create_dir_all(folder.path().join("templates")).unwrap();
    for (name, text) in [("page.html", "{{ page.content | safe }}"), ("index.html", "home")] {
        fs::write(folder.path().join("templates").join(name), text).unwrap();
    }
    folder
}

fn check(site: &tempfile::TempDir, options: Options) -> Report {
    build::check(&Options { root: site.path().to_owned(), external_links: true, ..options })
}

/// The problems as `line message`, sorted and without the server's address.
fn problems(report: &Report, server: &Server) -> Vec<String> {
    let problems = report.diagnostics.iter().map(|problem| {
        let place = problem.location.as_ref().and_then(|location| location.line_column());
        format!("{} {}", place.unwrap_or_default().0, problem.message).replace(&server.url(""), "URL")
    });
    let mut problems: Vec<String> = problems.collect();
    problems.sort();
    problems
}

fn pages() -> Server {
    Server::start(|request, stream| {
        let mut words = request.split_whitespace();
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let html = "Content-Type: text/html\r\n";
        let reply = match path {
            "/no-head" if method == "HEAD" => answer("405 No", "", ""),
            "/lies" if method == "HEAD" => answer("404 Not Found", "", ""),
            "/good" | "/no-head" | "/lies" => {
                answer("200 OK", html, "<p id=one><a name=\"tw&#111;\">x</a><h2 id='user-content-three'>")
            }
            "/umlaut" => answer("200 OK", html, "<p id=\"größe\">"),
            "/moved" => answer("301 Moved", "Location: /good\r\n", ""),
            "/text" => answer("200 OK", "Content-Type: text/plain\r\n", "x"),
            "/broken" => answer("500 Oops", "", ""),
            _ => answer("404 Not Found", html, "<p id=one>"),
        };
        let reply =
            if method == "HEAD" { reply.split("\r\n\r\n").next().unwrap().to_owned() + "\r\n\r\n" } else { reply };
        let _ = stream.write_all(reply.as_bytes());
    })
}

#[test]
fn broken_links_are_reported_where_they_are() {
    let server = pages();
    let body = "[a](URL/good) [b](URL/good#one) [c](URL/good#two), [d](URL/good#three)\n\
        [e](URL/good#four)\n\n\
        ![f](URL/gone.png) <URL/gone?x=1&y=2>\n\n\
        <a href=\"URL/broken\">x</a> [g](URL/no-head) [h](URL/lies) [i](URL/moved#one)\n\
        [j](URL/text#x) [k](URL/good#/script) [l](URL/good#:~:text=x) [m](URL/good#top) [n](URL/umlaut#größe)\n\
        [o](https://:1/) [p](mailto:a@b.example) [q](https://a.example/) [r](tel:1)\n";
    let site = site(&server, "", body);
    let report = check(&site, Options::default());
    let expected = [
        "11 `https://:1/` is not an address (empty host)",
        "5 the page `URL/good` has no anchor `#four`",
        "7 the link to `URL/gone.png` is broken: the server answers 404 Not Found",
        "7 the link to `URL/gone?x=1&y=2` is broken: the server answers 404 Not Found",
        "9 the link to `URL/broken` is broken: the server answers 500 Internal Server Error",
    ];
    let found = problems(&report, &server);
    assert_eq!(found, expected);
    let columns = report.diagnostics.iter().map(|problem| problem.location.as_ref()?.line_column());
    assert!(columns.flatten().any(|place| place == (5, 5)));
    assert!(report.diagnostics.iter().all(|problem| problem.severity == Severity::Error));
    let help = report
        .diagnostics
        .iter()
        .find_map(|problem| problem.help.as_ref()?.contains("skip_prefixes").then_some(problem));
    assert!(help.is_some());
    // A page with several links is requested once.
    assert_eq!(
        server.requests().iter().filter(|request| request.contains(" /good ")).count(),
        2,
        "with the redirect to it"
    );
    // What was in order is not requested again.
    let before = server.requests().len();
    let again = check(&site, Options::default());
    assert_eq!(problems(&again, &server), found);
    assert!(
        server.requests()[before..].iter().all(|request| !request.contains("/lies") && !request.contains("/umlaut"))
    );
}

#[test]
fn nothing_is_requested_unless_it_is_wanted() {
    let server = pages();
    let site = site(&server, "", "[a](URL/gone) [b](URL/good)\n");
    let report = build::check(&Options { root: site.path().to_owned(), ..Options::default() });
    assert!(report.diagnostics.is_empty() && server.requests().is_empty(), "{:?}", report.diagnostics);
    let report = check(&site, Options { offline: true, ..Options::default() });
    assert_eq!(
        problems(&report, &server),
        ["0 2 links to other sites are not checked, because `--offline` sends no requests"]
    );
    assert!(server.requests().is_empty());
    check(&site, Options::default());
    let report = check(&site, Options { offline: true, ..Options::default() });
    assert_eq!(
        problems(&report, &server),
        ["0 1 link to another site is not checked, because `--offline` sends no requests"]
    );
}

#[test]
fn the_configuration_leaves_out_links_and_sets_the_level() {
    let server = pages();
    let rules = "skip_prefixes = [\"URL/go\"]\nskip_anchor_prefixes = [\"URL/no-head\"]\nexternal_level = \"warn\"";
    let site = site(&server, rules, "[a](URL/gone) [b](URL/no-head#x) [c](URL/lies#x)\n");
    let report = check(&site, Options::default());
    assert_eq!(problems(&report, &server), ["4 the page `URL/lies` has no anchor `#x`"]);
    assert_eq!(report.diagnostics[0].severity, Severity::Warning);
    let report = check(&site, Options { external_level: Some(Severity::Error), ..Options::default() });
    assert_eq!(report.diagnostics[0].severity, Severity::Error);
    let site = self::site(&server, "ignored_files = [\"tea.md\"]", "[a](URL/gone)\n");
    assert!(check(&site, Options::default()).diagnostics.is_empty());
}

fn checker(allowed: &[&Server], pause: u64) -> Checker {
    let allowed: Vec<_> = allowed.iter().map(|server| server.allowed()).collect();
    Checker {
        client: Client::new(&allowed),
        limits: Limits { time: Duration::from_millis(300), ..Limits::default() },
        politeness: Politeness { pause: Duration::from_millis(pause), longest_wait: Duration::from_secs(3) },
        progress: None,
    }
}

fn targets(urls: impl IntoIterator<Item = String>) -> super::Targets {
    urls.into_iter().map(|url| (url.parse().unwrap(), BTreeSet::new())).collect()
}

#[test]
fn one_request_at_a_time_goes_to_a_host() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static ACTIVE: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let server = Server::start(|_, stream| {
        MOST.fetch_max(ACTIVE.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        ACTIVE.fetch_sub(1, Ordering::SeqCst);
        let _ = stream.write_all(answer("200 OK", "", "").as_bytes());
    });
    let start = Instant::now();
    let faults = checker(&[&server], 50).check(&targets((0..5).map(|number| server.url(&format!("/{number}")))));
    assert!(faults.is_empty(), "{faults:?}");
    assert!(start.elapsed() >= Duration::from_millis(4 * 50));
    assert_eq!(MOST.load(Ordering::SeqCst), 1);
}

#[test]
fn a_server_that_asks_for_patience_gets_it() {
    for (wait, is_fault) in [("1", false), ("3600", true)] {
        let first = std::sync::Mutex::new(true);
        let server = Server::start(move |_, stream| {
            let is_first = std::mem::take(&mut *first.lock().unwrap());
            let reply = match is_first || wait == "3600" {
                true => answer("429 Slow", &format!("Retry-After: {wait}\r\n"), ""),
                false => answer("200 OK", "", ""),
            };
            let _ = stream.write_all(reply.as_bytes());
        });
        let faults = checker(&[&server], 0).check(&targets([server.url("/")]));
        assert_eq!(!faults.is_empty(), is_fault, "{faults:?}");
    }
}

#[test]
fn a_host_that_is_down_is_left_alone() {
    let server = Server::start(|_, _| std::thread::sleep(Duration::from_secs(5)));
    let start = Instant::now();
    let faults = checker(&[&server], 0).check(&targets((0..50).map(|number| server.url(&format!("/{number}")))));
    assert_eq!(faults.len(), 50);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert!(faults.values().all(|fault| matches!(fault, Faults::Page(Fault::Page(_)))));
    let private: BTreeMap<_, _> = checker(&[], 0).check(&targets([server.url("/x")]));
    assert_eq!(private.len(), 1);
}
