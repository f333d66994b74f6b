//! What open pages hear.

use causerie::Fingerprint;
use serde_json::{Value, json};

use crate::client::{Events, get};
use crate::fake::{Fake, Server, problem};

const SITE: &[(&str, &str)] = &[
    ("index.html", "home"),
    ("404.html", "nothing"),
    ("tea/index.html", "tea"),
    ("salon.css", "a {}"),
    ("print.css", "b {}"),
    ("leaf.png", "png"),
];

fn tag(text: &str) -> String {
    format!("{:032x}", Fingerprint::of(text.as_bytes()).0)
}

fn watch(path: &str, text: &str) -> String {
    format!("{}{path}", tag(text))
}

/// The next event; there has to be one.
fn next(events: &mut Events) -> (String, Value) {
    events.next().expect("the stream goes on")
}

fn all_is_well(events: &mut Events) {
    let well = json!({ "summary": "", "problems": [], "more": 0 });
    assert_eq!(next(events), ("problems".to_owned(), well));
}

fn event(name: &str, data: Value) -> (String, Value) {
    (name.to_owned(), data)
}

#[test]
fn only_what_a_page_shows_reaches_it() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    let watched =
        [watch("/tea/", "tea"), watch("/salon.css", "a {}"), "/print.css".to_owned(), watch("/leaf.png", "png")];
    let mut events = Events::of(server.address, &watched.each_ref().map(String::as_str));
    all_is_well(&mut events);
    assert_eq!(next(&mut events), event("tags", json!({ "/print.css": tag("b {}") })));

    fake.put("index.html", "another page");
    fake.put("tea/index.html", "tea");
    fake.put("salon.css", "a { color: red }");
    assert_eq!(next(&mut events), event("styles", json!({ "/salon.css": tag("a { color: red }") })));
    fake.put("print.css", "b { color: red }");
    assert_eq!(next(&mut events), event("styles", json!({ "/print.css": tag("b { color: red }") })));
    fake.put("leaf.png", "greener");
    assert_eq!(next(&mut events), event("reload", json!("/leaf.png")));
    fake.put("tea/index.html", "more tea");
    assert_eq!(next(&mut events), event("reload", json!("/tea/")));
}

#[test]
fn a_page_that_was_away_hears_what_it_missed() {
    let fake = Fake::of(SITE);
    let mut server = Server::start(&fake);
    let port = server.address.port();
    let watched = [watch("/tea/", "tea"), watch("/salon.css", "a {}")];
    let watched = watched.each_ref().map(String::as_str);
    let mut events = Events::of(server.address, &watched);
    all_is_well(&mut events);
    assert!(server.stop());
    assert_eq!(events.next(), None);

    fake.put("salon.css", "a { color: red }");
    let mut server = Server::on(&fake, port);
    let mut events = Events::of(server.address, &watched);
    all_is_well(&mut events);
    assert_eq!(next(&mut events).0, "styles");
    drop(events);
    assert!(server.stop());

    fake.put("tea/index.html", "more tea");
    let server = Server::on(&fake, port);
    assert_eq!(next(&mut Events::of(server.address, &watched)), event("reload", json!("/tea/")));
}

#[test]
fn a_page_that_goes_and_comes_back() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    let mut events = Events::of(server.address, &[&watch("/tea/", "tea")]);
    all_is_well(&mut events);
    fake.remove("tea/index.html");
    assert_eq!(next(&mut events), event("reload", json!("/tea/")));

    let missing = get(server.address, "/tea/").body;
    let tag = missing.split('"').find(|part| part.starts_with("missing-")).expect("the page is live");
    let mut events = Events::of(server.address, &[&format!("{tag}/tea/")]);
    all_is_well(&mut events);
    fake.put("index.html", "another page");
    fake.put("404.html", "nothing at all");
    assert_eq!(next(&mut events), event("reload", json!("/tea/")), "the 404 page is live itself");
    fake.put("tea/index.html", "tea");
    assert_eq!(next(&mut events), event("reload", json!("/tea/")));
}

#[test]
fn problems_and_their_end_are_reported() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    let mut events = Events::of(server.address, &[&watch("/tea/", "tea")]);
    all_is_well(&mut events);
    fake.spoil("tea/index.html");
    let text = "error: <b>tea/index.html</b> is spoilt\n |\n = help: mend it";
    let told = json!({ "summary": "1 error", "problems": [{ "level": "error", "text": text }], "more": 0 });
    assert_eq!(next(&mut events), event("problems", told), "the page keeps what it has");
    fake.complain((0..100).map(|number| problem(&number.to_string())).collect());
    let (_, told) = next(&mut events);
    assert_eq!((&told["summary"], &told["more"]), (&json!("100 errors"), &json!(70)));
    assert_eq!(told["problems"].as_array().map(Vec::len), Some(30));
    fake.complain(Vec::new());
    all_is_well(&mut events);

    // A page that could not be made reloads once it can.
    let mut events = Events::of(server.address, &["broken/tea/"]);
    all_is_well(&mut events);
    fake.put("tea/index.html", "tea");
    assert_eq!(next(&mut events), event("reload", json!("/tea/")));
}

#[test]
fn a_page_that_is_closed_is_forgotten() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    let mut events = [(); 20].map(|()| Events::of(server.address, &["/tea/"]));
    events.iter_mut().for_each(all_is_well);
    fake.wait_for_listeners(20);
    drop(events);
    fake.wait_for_listeners(0);
}

#[test]
fn odd_things_to_watch() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    let mut events = Events::of(server.address, &["7/../../etc/passwd", "", "%ff", "7//tea/", "7/panic/", "/tea/"]);
    assert_eq!(next(&mut events).0, "reload", "no such path is the same as before");
    assert!(fake.asked().iter().all(|path| !path.contains("..")));
    assert_eq!(get(server.address, "/").status, 200);
}
