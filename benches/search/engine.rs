//! What can be asked, in a browser: Causerie's search, and Pagefind's, of the same pages.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::questions::Question;
use crate::server::{Fetched, Server};
use crate::shared::cost::files;

/// A search with its pages on a server.
pub struct Engine {
    pub name: &'static str,
    server: Server,
    /// Number and bytes of the files of its index.
    pub size: (usize, u64),
}

/// How long a key press lasts, for somebody who types quickly.
const KEY: Duration = Duration::from_millis(100);
/// When waiting is given up.
const PATIENCE: Duration = Duration::from_secs(10);

impl Engine {
    /// Causerie's, of a site that was built into a folder.
    pub fn causerie(output: &Path) -> Result<Self, String> {
        let folder = output.join("search-index");
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        let script = |begin: &str| {
            let name = names.iter().find(|name| name.starts_with(begin) && name.ends_with(".js"));
            name.map(|name| format!("search-index/{name}")).ok_or(format!("{} has no {begin}….js", folder.display()))
        };
        let page =
            include_str!("causerie.html").replace("CLIENT", &script("client-")?).replace("BOX", &script("box-")?);
        let server = Server::start(vec![("", output.to_owned())], page)?;
        Ok(Self { name: "Causerie", server, size: files(&folder) })
    }

    /// Pagefind's, from the folder that it wrote.
    pub fn pagefind(folder: &Path) -> Result<Self, String> {
        let server = Server::start(vec![("pagefind/", folder.to_owned())], include_str!("pagefind.html").to_owned())?;
        Ok(Self { name: "Pagefind", server, size: files(folder) })
    }

    /// The first post for each question, and those behind it: `count` at most.
    pub fn answers(&self, browser: &Browser, questions: &[Question], count: usize) -> Result<Vec<Vec<usize>>, String> {
        browser.open(&self.server.page("quality"));
        let mut answers = Vec::with_capacity(questions.len());
        for some in questions.chunks(20) {
            let some: Vec<(&str, bool)> = some.iter().map(|it| (it.text.as_str(), it.is_typing)).collect();
            let found = browser.eval(&format!(
                "(async () => {{
                    const all = [];
                    for (const [query, isTyping] of {}) {{
                        const urls = await find(query, isTyping, {count});
                        all.push(urls.map((url) => Number(url.match(/post-(\\d+)/)?.[1] ?? 1e9)));
                    }}
                    return all;
                }})()",
                json!(some)
            ));
            let found: Vec<Vec<usize>> = serde_json::from_value(found).map_err(|error| error.to_string())?;
            answers.extend(found);
        }
        Ok(answers)
    }

    /// What is fetched for a first question and its first five results, and for the next. The others are fetched when they
    /// come into view.
    pub fn wire(&self, browser: &Browser, visit: &str, questions: [&str; 2]) -> Result<[Fetched; 2], String> {
        browser.open(&self.server.page(visit));
        let mut ask = |question: &str| {
            browser.eval(&format!("find({}, false, 5)", json!(question)));
            self.server.fetched(visit)
        };
        let [first, both] = questions.map(&mut ask);
        if first.files == 0 {
            return Err(format!("{} fetched nothing for “{}”", self.name, questions[0]));
        }
        Ok([first, both.since(&first)])
    }

    /// What is fetched while a question is typed into the box, and how long it takes from the last key until results are
    /// in the page, in milliseconds.
    pub fn typed(&self, browser: &Browser, visit: &str, question: &str) -> Result<(Fetched, f64), String> {
        browser.open(&self.server.page(visit));
        browser.eval(
            "pressed = 0; shown = 0;
             document.forms[0].addEventListener('input', ({ timeStamp }) => { pressed = timeStamp; }, { capture: true });
             new MutationObserver(() => { shown = performance.now(); })
                 .observe(document.forms[0], { childList: true, subtree: true });
             document.querySelector('#q').focus(); 0",
        );
        // Whoever goes to a box needs a moment to begin.
        thread::sleep(3 * KEY);
        for letter in question.chars() {
            thread::sleep(KEY);
            browser.press(letter.to_string());
        }
        let started = Instant::now();
        loop {
            // Nothing is shown any more for longer than two keys take.
            let times = browser.eval("[pressed, shown, performance.now()]");
            let time = |place: usize| times.get(place).and_then(Value::as_f64).unwrap_or_default();
            let (pressed, shown, now) = (time(0), time(1), time(2));
            if shown > pressed && now - shown > 200.0 {
                return Ok((self.server.fetched(visit), shown - pressed));
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("{} shows nothing for “{question}”", self.name));
            }
            thread::sleep(KEY / 2);
        }
    }
}
