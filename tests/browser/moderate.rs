//! Moderation in the author's browser.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use thirtyfour::Key;

use crate::accessibility::faults;
use crate::browser::Browser;
use crate::inbox::Published;
use crate::sink::Sink;

/// Where the reply stands that has the focus, by its writer's name.
const AT: &str = "document.activeElement.closest('.reply')?.querySelector('.author').textContent ?? ''";

/// A link that signs in.
fn link(site: &Published) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_causerie"))
        .args(["comments", "link", "--root"])
        .arg(site.path(""))
        .output()
        .expect("the program can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("an address").trim().to_owned()
}

/// Lets a reply come, and gives back the link in the author's mail that approves it.
fn mailed(site: &Published, sink: &Sink) -> String {
    put(site, 1, "state = \"pending\"", "author = \"Zoë\"\nreply_to = \"1\"\n", "I *agree*.");
    // The composer of mails looks for new replies at its start, and when one arrives.
    let reader = Browser::start();
    site.open(&reader);
    reader.eval("document.querySelector('[name=comment]').value = 'Another.'");
    reader.click("#respond button[type=submit]");
    let mails = sink.wait(2);
    let mail = mails.iter().find(|mail| mail.text().contains("by Zoë")).expect("it was told of");
    mail.link("/decide?token=decide.approve-")
}

/// Puts a reply where replies wait.
fn put(site: &Published, number: usize, notes: &str, front: &str, text: &str) {
    let id = format!("20240531-1830{number:02}-000-jjjj{number:02}");
    let notes: String = notes.lines().map(|line| format!("#: {line}\n")).collect();
    let object = format!(
        "+++\n#: page = \"/posts/hello/\"\n#: document = \"content/posts/hello.md\"\n\
         #: folder = \"content/posts/hello.comments\"\n#: received = \"2024-05-31T18:30:{number:02}Z\"\n{notes}\
         id = \"{id}\"\ndate = 2024-05-31T18:30:{number:02}Z\nstatus = \"pending\"\n{front}+++\n{text}\n"
    );
    fs::create_dir_all(site.path("inbox")).expect("a folder");
    fs::write(site.path(&format!("inbox/{id}.md")), object).expect("a file");
}

/// A site with replies of every kind.
fn site() -> Published {
    let site = Published::configured("keep_days = 36500\nrebuild = true\n", "");
    let config = fs::read_to_string(site.path("site.toml")).expect("a configuration");
    fs::write(site.path("site.toml"), format!("author = \"Ada\"\n{config}")).expect("a file");
    let strict = "state = \"pending\"\n[guard]\nscore = 60\ndecision = \"strict\"\n\
                  [[guard.reasons]]\nname = \"links\"\ncount = 2\nmost = 1\nweight = 35\n\
                  [[guard.reasons]]\nname = \"too-quick\"\nseconds = 2\nleast = 4\nweight = 25";
    let pending = "state = \"pending\"";
    put(
        &site,
        1,
        pending,
        "author = \"Zoë\"\nurl = \"https://zoe.example/about\"\nreply_to = \"1\"\n",
        "I *agree*: `tea` first.",
    );
    put(
        &site,
        2,
        strict,
        "author = \"Best Offers\"\n",
        "Look at <https://a.example> and <https://b.example>, friends!",
    );
    put(&site, 3, pending, "author = \"יעל\"\n", "אני מסכימה לגמרי.\n\n> Who said that?\n\n- one\n- two");
    put(
        &site,
        4,
        pending,
        "author = \"Anexceedinglylongnamewithoutanyplacewhereitcouldbebrokenintotwolinesofanything\"\n",
        "https://long.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\n\
         ```\nlet a = \"a line of code that is far too long for any telephone that anybody holds in a hand\";\n```\n\n\
         | a | b | c |\n|---|---|---|\n| a cell with words | another with words | a third one with words |",
    );
    put(
        &site,
        5,
        "state = \"spam\"\n[guard]\nscore = 140\ndecision = \"spam\"\n[[guard.reasons]]\nname = \"word\"\nword = \"casino\"\nweight = 140",
        "author = \"Casino\"\n",
        "Buy.",
    );
    site
}

fn enter(site: &Published, browser: &Browser) {
    browser.open(&link(site));
    browser.click("button.chief");
    browser.wait_until("document.querySelector('.tabs') !== null");
}

fn press(browser: &Browser, key: Key) {
    browser.press(char::from(key).to_string());
}

/// Presses a key that leads to another page. The driver would press it again there.
fn decide(browser: &Browser, key: &str) {
    for kind in ["keyDown", "keyUp"] {
        browser.devtools("Input.dispatchKeyEvent", json!({ "type": kind, "key": key, "text": key }));
    }
}

fn tab_to(browser: &Browser, selector: &str) {
    for _ in 0..80 {
        if browser.holds(&format!("document.activeElement.matches({selector:?})")) {
            return;
        }
        press(browser, Key::Tab);
    }
    panic!("Tab never comes to {selector}");
}

/// From the link to the last decision without a mouse.
pub fn everything_by_keyboard() {
    let site = site();
    let browser = Browser::start();
    browser.open(&link(&site));
    tab_to(&browser, "button.chief");
    press(&browser, Key::Enter);
    browser.wait_until("document.querySelectorAll('.reply').length === 4");
    assert!(browser.address().ends_with("/-/moderate"), "{}", browser.address());
    assert!(browser.text_of(".answers").contains("in answer to"));

    browser.press("j");
    assert_eq!(browser.text(AT), "Zoë");
    browser.press("j");
    assert_eq!(browser.text(AT), "Best Offers");
    browser.press("k");
    browser.press("e");
    assert!(browser.holds("document.activeElement.matches('textarea[name=comment]')"));
    // In a field letters are letters.
    browser.press(" Really as.");
    tab_to(&browser, ".edit button");
    press(&browser, Key::Enter);
    browser.wait_until("document.querySelector('.told')?.textContent.includes('Changed the reply by Zoë')");
    assert_eq!(browser.text(AT), "Zoë", "the place is kept");
    assert!(browser.text_of(".reply .text").ends_with("Really as."));
    decide(&browser, "a");
    browser.wait_until("document.querySelector('.told')?.textContent.includes('Approved the reply by Zoë')");
    assert_eq!(browser.text(AT), "Best Offers", "the next one is in its place");
    let published = || fs::read_to_string(site.path("public/posts/hello/index.html")).expect("a page");
    assert!(published().contains("Really as."));
    decide(&browser, "u");
    browser.wait_until("document.querySelector('.told')?.textContent.includes('Taken back')");
    assert!(!published().contains("Really as.") && browser.count(".reply") == 4);

    browser.press("j");
    decide(&browser, "s");
    browser.wait_until("document.querySelector('.told')?.textContent.includes('spam')");
    browser.press("k");
    browser.press("k");
    browser.press("c");
    assert!(browser.holds("document.activeElement.matches('textarea[name=answer]')"), "{}", browser.text(AT));
    browser.press("So do *I*.");
    tab_to(&browser, ".answer button");
    press(&browser, Key::Enter);
    browser.wait_until("document.querySelector('.told')?.textContent.includes('Approved and answered')");
    assert!(published().contains("So do <em>I</em>."));

    // Two at once, chosen with a key each.
    browser.press("x");
    browser.press("j");
    browser.press("x");
    assert!(browser.text_of("#chosen").contains("2 chosen"));
    tab_to(&browser, ".many button[value=reject]");
    press(&browser, Key::Enter);
    browser.wait_until("document.querySelector('.told')?.textContent.includes('Rejected 2 replies')");
    assert!(browser.text_of(".nothing").contains("Nothing waits"));
    // A switch turns single keys off.
    tab_to(&browser, ".keys summary");
    press(&browser, Key::Enter);
    tab_to(&browser, "#keys");
    browser.press(" ");
    browser.press("/");
    assert!(browser.holds("document.activeElement.id === 'keys'"));
    assert!(browser.complaints().is_empty());
}

/// What was typed is not lost by a decision about another reply.
pub fn what_is_typed_is_asked_for() {
    let site = site();
    let browser = Browser::start();
    enter(&site, &browser);
    browser.press("j");
    browser.press("c");
    browser.press("Half an answer");
    press(&browser, Key::Escape);
    let asks = "(() => { const event = new Event('beforeunload', { cancelable: true }); window.dispatchEvent(event);
        return event.defaultPrevented })()";
    assert!(browser.holds(asks));
    browser.eval("document.querySelectorAll('textarea').forEach(field => { field.value = field.defaultValue })");
    assert!(!browser.holds(asks));
}

/// No script at all: every decision is a button.
pub fn everything_without_javascript() {
    let site = site();
    let browser = Browser::start();
    browser.without_javascript();
    enter(&site, &browser);
    assert_eq!(browser.count(".keys:not([hidden])"), 0);
    browser.click(".reply .decide button[value=approve]");
    browser.wait_until("document.querySelector('.told')?.textContent.includes('Approved the reply by Zoë')");
    browser.click(".told button");
    browser.wait_until("document.querySelector('.told')?.textContent.includes('Taken back')");
    browser.click(".reply details.edit summary");
    browser.click(".reply textarea[name=comment]");
    browser.press("Indeed. ");
    browser.click(".reply .edit button");
    browser.wait_until("document.querySelector('.told')?.textContent.includes('Changed')");
    browser.click(".reply details.answer summary");
    browser.click(".reply textarea[name=answer]");
    browser.press("Thank you.");
    browser.click(".reply .answer button");
    browser.wait_until("document.querySelector('.told')?.textContent.includes('Approved and answered')");
    browser.click("li:nth-child(1) > .reply input[type=checkbox]");
    browser.click("li:nth-child(2) > .reply input[type=checkbox]");
    browser.click(".many button[value=spam]");
    browser.wait_until("document.querySelector('.told')?.textContent.includes('2 replies')");
    browser.click(".tabs li:nth-child(3) a");
    browser.wait_until("document.title.startsWith('Spam (3)')");
    browser.click("#search");
    browser.press("casino");
    press(&browser, Key::Enter);
    browser.wait_until("document.title.startsWith('Spam (1)')");
    browser.click(".bottom button");
    browser.wait_until("document.querySelector('h1').textContent === 'Signed out'");
    browser.click(".site a");
    browser.wait_until("document.querySelector('h1').textContent === 'Not signed in'");
}

/// On the narrowest telephone nothing sticks out, and everything can be hit with a thumb.
pub fn it_fits_narrow_screens() {
    let site = site();
    let browser = Browser::start();
    enter(&site, &browser);
    for width in [320, 390, 768, 1280] {
        browser.resize(width, 700);
        for state in ["waiting", "spam", "decided"] {
            let address = browser.text("location.origin");
            browser.open(&format!("{address}/-/moderate?state={state}"));
            browser.eval("document.querySelectorAll('details').forEach(details => { details.open = true })");
            let wide = browser.number("document.documentElement.scrollWidth");
            assert!(wide <= f64::from(width), "{state} at {width}: {wide}");
            let small = browser.eval(
                "[...document.querySelectorAll('button, summary, .tabs a')].filter(one => one.checkVisibility())
                    .filter(one => one.getBoundingClientRect().height < 36).map(one => one.outerHTML)",
            );
            assert_eq!(small.as_array().map(Vec::len), Some(0), "{small}");
        }
    }
    // The bar of those that are chosen stays in sight, and hides nothing that has the focus.
    browser.resize(320, 600);
    browser.open(&format!("{}/-/moderate", browser.text("location.origin")));
    browser.click(".reply input[type=checkbox]");
    for _ in 0..30 {
        press(&browser, Key::Tab);
        let hidden = browser.eval(
            "(() => { const one = document.activeElement, bar = document.querySelector('.many');
                if (bar.contains(one) || !one.closest('.reply')) return false;
                return one.getBoundingClientRect().bottom > bar.getBoundingClientRect().top + 1 })()",
        );
        assert_eq!(hidden, false, "{}", browser.text("document.activeElement.outerHTML.slice(0, 200)"));
    }
}

/// Opens every kind of page, from the door to the way out, and lets a function look at it.
pub fn walk(browser: &Browser, look: &mut impl FnMut(&Browser, &str)) {
    let site = site();
    browser.open(&link(&site));
    look(browser, "door");
    browser.click("button.chief");
    browser.wait_until("document.querySelector('.tabs') !== null");
    browser.eval("document.querySelectorAll('details').forEach(details => { details.open = true })");
    look(browser, "waiting");
    browser.click(".tabs li:nth-child(3) a");
    browser.wait_until("document.title.startsWith('Spam')");
    look(browser, "spam");
    browser.click(".decide button[value=reject]");
    browser.wait_until("document.querySelector('.told') !== null");
    look(browser, "told");
    browser.click(".tabs li:nth-child(4) a");
    browser.wait_until("document.title.startsWith('Decided')");
    look(browser, "decided");
    browser.click(".bottom button");
    browser.wait_until("document.querySelector('h1').textContent === 'Signed out'");
    look(browser, "signed-out");
    let sink = Sink::start();
    let mailed_to = Published::configured("", &format!("\n{}", sink.settings_of_author()));
    browser.open(&mailed(&mailed_to, &sink));
    look(browser, "link");
    browser.resize(320, 700);
    assert!(browser.number("document.documentElement.scrollWidth") <= 320.0);
    browser.click("button.chief");
    browser.wait_until("document.querySelector('h1').textContent === 'Done'");
    look(browser, "done");
}

/// Nothing serious or critical, at the door and inside, light and dark.
pub fn axe_finds_nothing() {
    let mut found = Vec::new();
    walk(&Browser::start(), &mut |browser, page| {
        found.extend(faults(browser).into_iter().map(|fault| format!("{page}, {fault}")));
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Writes what it looks like into `target/moderation/`.
pub fn pictures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/moderation");
    fs::create_dir_all(&folder).expect("a folder");
    let site = site();
    let browser = Browser::start();
    browser.open(&link(&site));
    browser.screenshot(&folder.join("door.png"));
    browser.click("button.chief");
    browser.wait_until("document.querySelector('.tabs') !== null");
    for (name, width, height) in [("wide", 1280, 1500), ("narrow", 320, 2200)] {
        browser.resize(width, height);
        for scheme in ["light", "dark"] {
            browser.colour_scheme(scheme);
            browser.screenshot(&folder.join(format!("{name}-{scheme}.png")));
        }
    }
    browser.resize(390, 900);
    browser.press("jx");
    decide(&browser, "a");
    browser.wait_until("document.querySelector('.told') !== null");
    browser.press("xe");
    browser.screenshot(&folder.join("told.png"));
    let sink = Sink::start();
    let site = Published::configured("", &format!("\n{}", sink.settings_of_author()));
    let link = mailed(&site, &sink);
    for (name, width) in [("link", 1280), ("link-narrow", 320)] {
        browser.resize(width, 700);
        browser.open(&link);
        browser.screenshot(&folder.join(format!("{name}.png")));
    }
}
