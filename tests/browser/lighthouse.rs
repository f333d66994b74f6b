//! What Lighthouse says of pages on a phone. It costs ten seconds for each, so it sees one page of each kind in one of the languages.

use std::process::Command;

use serde_json::Value;

use crate::browser::program;
use crate::checkers::{file, missing as missing_file};
use crate::grid::{Grid, POST, THREAD};

const LIGHTHOUSE: &str = "lighthouse/cli/index.js";

/// The pages: a language, a path, and whether search engines are kept away from it on purpose.
const PAGES: [(&str, &str, bool); 6] = [
    ("en", "/", false),
    ("de", POST, false),
    ("ar", THREAD, false),
    ("de", "/archive/", false),
    ("ar", "/search/", true),
    ("en", "/404.html", true),
];

/// What is missing for these tests, if anything.
pub fn missing() -> Option<String> {
    missing_file(LIGHTHOUSE, Some("node"))
}

/// All points for accessibility, good practices and search engines, and nothing that moves while the page loads. How fast a
/// page is depends on the machine, so that is printed and not asserted.
pub fn pages_have_all_points(grid: &Grid) {
    let mut found = Vec::new();
    for (lang, path, is_hidden) in PAGES {
        let url = grid.site(lang).url(path);
        let mut report = report(&url, is_hidden);
        if !report["runtimeError"].is_null() {
            // On a busy machine Lighthouse can give up; a second time it has to succeed.
            report = self::report(&url, is_hidden);
        }
        let page = format!("{lang} {path}");
        let score = |category: &str| report["categories"][category]["score"].as_f64().unwrap_or_default();
        let figure = |audit: &str| report["audits"][audit]["numericValue"].as_f64().unwrap_or(f64::NAN);
        println!(
            "Lighthouse, {page}: performance {:.0}, largest paint {:.0} ms, blocked {:.0} ms, shift {:.3}",
            score("performance") * 100.0,
            figure("largest-contentful-paint"),
            figure("total-blocking-time"),
            figure("cumulative-layout-shift"),
        );
        for category in ["accessibility", "best-practices", "seo"] {
            if score(category) < 1.0 {
                found.push(format!(
                    "{page}: {} for {category}: {}",
                    score(category),
                    faults(&report, category).join("; ")
                ));
            }
        }
        let shift = figure("cumulative-layout-shift");
        if shift.is_nan() || shift > 0.02 {
            found.push(format!("{page}: the page moves while it loads: {shift}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Lets Lighthouse look at a page.
fn report(url: &str, is_hidden: bool) -> Value {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new("node");
    command
        .arg(file(LIGHTHOUSE))
        .args([url, "--quiet", "--output=json", "--no-enable-error-reporting"])
        .arg("--only-categories=accessibility,best-practices,performance,seo")
        // Nothing leaves this machine.
        .arg("--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-proxy-server \
              --disable-background-networking --disable-component-update --host-resolver-rules=\"MAP * ~NOTFOUND, EXCLUDE 127.0.0.1\"")
        .env("CHROME_PATH", program("chromium").expect("chromium is on the PATH"))
        .env("TMPDIR", folder.path());
    if is_hidden {
        // The page says `noindex`, which this audit counts as a fault.
        command.arg("--skip-audits=is-crawlable");
    }
    let output = command.output().expect("node can be started");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{url}: {error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// The audits of a category that fail, with the places that they name.
fn faults(report: &Value, category: &str) -> Vec<String> {
    let audits = report["categories"][category]["auditRefs"].as_array().into_iter().flatten();
    let failed = audits.filter_map(|audit| audit["id"].as_str()).map(|id| (id, &report["audits"][id]));
    let failed = failed.filter(|(_, audit)| audit["score"].as_f64().is_some_and(|score| score < 1.0));
    failed.map(|(id, audit)| format!("{id} {}", audit["details"]["items"])).collect()
}
