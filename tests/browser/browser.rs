//! One headless Chromium, driven through chromedriver. Everything here blocks: a test reads from top to bottom.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::{By, ChromeCapabilities, LoggingPrefsLogLevel, WebDriver, WebElement};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// How long Chromium may take to go away before it is ended.
const FAREWELL: Duration = Duration::from_secs(10);

/// A program on the `PATH`.
pub fn program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A chromedriver, which ends together with this value; Chromium ends with its chromedriver.
struct Chromedriver {
    process: Child,
    /// Held open, because chromedriver may write to it.
    _output: BufReader<ChildStdout>,
    url: String,
}

impl Chromedriver {
    /// Starts one that keeps its own and Chromium's passing files in a folder.
    fn start(folder: &Path) -> Self {
        let program = program("chromedriver").expect("chromedriver is on the PATH");
        // Port 0: chromedriver takes a free port by itself and tells which.
        let mut process = Command::new(program)
            .arg("--port=0")
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut output = BufReader::new(process.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        let port: u16 = loop {
            line.clear();
            let read = output.read_line(&mut line).expect("chromedriver's output is text");
            assert!(read > 0, "chromedriver ended before it told its port");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim().trim_end_matches('.').parse().expect("a port is a number");
            }
        };
        Self { process, _output: output, url: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser with one tab and a profile of its own.
pub struct Browser {
    runtime: Runtime,
    driver: WebDriver,
    // The order of the fields is the order of their end: first the driver, then the folder that it wrote to.
    _chromedriver: Chromedriver,
    _profile: TempDir,
}

impl Browser {
    /// Starts one, wide and light.
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let profile = tempfile::tempdir().expect("a temporary folder");
        let chromedriver = Chromedriver::start(profile.path());
        let driver = runtime
            .block_on(async {
                let mut wanted = ChromeCapabilities::new();
                wanted.set_binary(&program("chromium").expect("chromium is on the PATH").to_string_lossy())?;
                for argument in [
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--disable-dev-shm-usage",
                    "--hide-scrollbars",
                    "--no-proxy-server",
                    // Whatever a page asks for, nothing leaves this machine.
                    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                ] {
                    wanted.add_arg(argument)?;
                }
                wanted.add_arg(&format!("--user-data-dir={}", profile.path().join("profile").display()))?;
                wanted.set_logging_prefs("browser", LoggingPrefsLogLevel::All)?;
                wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
                WebDriver::new(&chromedriver.url, wanted).await
            })
            .expect("Chromium starts");
        let browser = Self { runtime, driver, _chromedriver: chromedriver, _profile: profile };
        browser.resize(1280, 900);
        browser.colour_scheme("light");
        // The page that Chromium itself opens with is nobody's concern.
        browser.open("about:blank");
        browser.events();
        browser.complaints();
        browser
    }

    /// A command of the DevTools protocol.
    pub fn devtools(&self, method: &str, parameters: Value) -> Value {
        self.runtime
            .block_on(self.driver.cdp().send_raw(method, parameters))
            .unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Goes to an address and waits until it has loaded.
    pub fn open(&self, url: &str) {
        self.runtime.block_on(self.driver.goto(url)).unwrap_or_else(|error| panic!("{url}: {error}"));
        // A browser that has only just begun can still be at its own blank page.
        if url != "about:blank" {
            self.wait_until("location.href !== 'about:blank'");
        }
    }

    /// What a JavaScript expression gives; a promise is awaited.
    pub fn eval(&self, expression: &str) -> Value {
        self.try_eval(expression).unwrap_or_else(|problem| panic!("{expression}: {problem}"))
    }

    /// What an expression gives, or what it throws.
    fn try_eval(&self, expression: &str) -> Result<Value, Value> {
        let answer = self.devtools(
            "Runtime.evaluate",
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true }),
        );
        match &answer["exceptionDetails"] {
            Value::Null => Ok(answer["result"]["value"].clone()),
            problem => Err(problem.clone()),
        }
    }

    /// The string that an expression gives; empty for anything else.
    pub fn text(&self, expression: &str) -> String {
        self.eval(expression).as_str().unwrap_or_default().to_owned()
    }

    /// The text of the first element that a selector finds, with its white space folded.
    pub fn text_of(&self, selector: &str) -> String {
        let found = self.eval(&format!("document.querySelector({})?.textContent", json!(selector)));
        let found = found.as_str().unwrap_or_else(|| panic!("there is no {selector} on {}", self.address()));
        found.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The number that an expression gives.
    pub fn number(&self, expression: &str) -> f64 {
        self.eval(expression).as_f64().unwrap_or_else(|| panic!("{expression} gives no number"))
    }

    /// How many elements a selector finds.
    pub fn count(&self, selector: &str) -> usize {
        self.number(&format!("document.querySelectorAll({}).length", json!(selector))) as usize
    }

    /// Whether an expression holds.
    pub fn holds(&self, expression: &str) -> bool {
        self.eval(expression) == Value::Bool(true)
    }

    /// Waits until an expression holds. A page that is just being replaced may have none of the elements that it speaks of:
    /// what throws does not hold yet.
    pub fn wait_until(&self, expression: &str) {
        let start = Instant::now();
        loop {
            let given = self.try_eval(expression);
            if given == Ok(Value::Bool(true)) {
                return;
            }
            let is_time_left = start.elapsed() < Duration::from_secs(10);
            assert!(is_time_left, "{expression} does not come true on {}: {given:?}", self.address());
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// The address shown, with its fragment.
    pub fn address(&self) -> String {
        self.runtime.block_on(self.driver.current_url()).expect("the page has an address").to_string()
    }

    /// The first element that a selector finds.
    pub fn find(&self, selector: &str) -> WebElement {
        self.runtime
            .block_on(self.driver.find(By::Css(selector)))
            .unwrap_or_else(|error| panic!("{selector} on {}: {error}", self.address()))
    }

    /// Clicks as a hand does: only what can be seen and reached.
    pub fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.runtime.block_on(element.click()).unwrap_or_else(|error| panic!("clicking {selector}: {error}"));
    }

    /// Types into whatever has the focus.
    pub fn press(&self, keys: impl AsRef<str>) {
        self.runtime
            .block_on(async { self.driver.action_chain().send_keys(keys.as_ref()).perform().await })
            .expect("keys can be pressed");
    }

    /// Makes the window this wide and high, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// `light` or `dark`, as if the reader's system said so. Nothing moves, so that every look sees the end of a motion.
    pub fn colour_scheme(&self, scheme: &str) {
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [
                { "name": "prefers-color-scheme", "value": scheme },
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ] }),
        );
    }

    /// From the next page on no script of a page runs.
    pub fn without_javascript(&self) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    }

    /// Runs a script before any of a page's own, on every page from now on.
    pub fn before_every_page(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// What the browser saw of pages and their requests since this was last asked.
    pub fn events(&self) -> Vec<Event> {
        let log = self.runtime.block_on(self.driver.get_log("performance")).expect("there is a log");
        log.iter()
            .filter_map(|entry| serde_json::from_str::<Value>(&entry.message).ok())
            .map(|mut entry| Event {
                method: entry["message"]["method"].as_str().unwrap_or_default().to_owned(),
                parameters: entry["message"]["params"].take(),
            })
            .collect()
    }

    /// The page that is shown, as the server sent it.
    pub fn source(&self) -> String {
        let events = self.events();
        let mut documents = events.iter().filter(|event| {
            event.method == "Network.responseReceived" && event.parameters["type"].as_str() == Some("Document")
        });
        let request = &documents.next_back().expect("a page was loaded since the last look").parameters["requestId"];
        let answer = self.devtools("Network.getResponseBody", json!({ "requestId": request }));
        answer["body"].as_str().expect("a page is text").to_owned()
    }

    /// Warnings and errors of the console since this was last asked.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.runtime.block_on(self.driver.browser_log()).expect("there is a log");
        log.into_iter()
            .filter(|entry| entry.level == "SEVERE" || entry.level == "WARNING")
            .map(|entry| entry.message)
            .collect()
    }

    /// Writes what the window shows.
    pub fn screenshot(&self, path: &Path) {
        self.runtime.block_on(self.driver.screenshot(path)).expect("a screenshot can be written");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let quit = self.driver.clone().quit();
        let _ = self.runtime.block_on(async { timeout(FAREWELL, quit).await });
    }
}

/// An event of the DevTools protocol.
pub struct Event {
    /// `Network.requestWillBeSent` …
    pub method: String,
    /// What the protocol says of it.
    pub parameters: Value,
}

/// The addresses that were asked for, in order; not those that need no network.
pub fn requested(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .filter(|event| event.method == "Network.requestWillBeSent")
        .filter_map(|event| event.parameters["request"]["url"].as_str())
        .filter(|url| !url.starts_with("data:") && !url.starts_with("about:"))
        .map(str::to_owned)
        .collect()
}

/// The answers that were not what was asked for: their status and address.
pub fn refused(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .filter(|event| event.method == "Network.responseReceived")
        .map(|event| &event.parameters["response"])
        .filter(|response| response["status"].as_u64().is_some_and(|status| status >= 400))
        .map(|response| format!("{} {}", response["status"], response["url"].as_str().unwrap_or_default()))
        .collect()
}
