//! The pages and messages that are not outputs of the site.

use pulldown_cmark_escape::escape_html;

use super::live_script;
use crate::diagnostic::{self, Diagnostic};

/// The number of problems that a page shows in full. The terminal shows all of them.
pub const MAX_PROBLEMS: usize = 30;

const STYLE: &str = "\
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
pre { overflow-x: auto; padding: 1rem; border-left: 3px solid #c4314b; background: light-dark(#f6f3f1, #25211f); }
";

/// The message for a request for another host.
pub fn untrusted_host(host: &str) -> String {
    let host: String = host.chars().filter(|c| !c.is_control()).take(100).collect();
    format!(
        "This is the preview of a site, and it is not called \"{host}\".\n\
         It answers to localhost, and to the address that was given with --interface.\n"
    )
}

/// The page that replaces a page that cannot be rendered.
pub fn broken(problems: &[Diagnostic]) -> String {
    let mut body = String::from("<p>It appears here as soon as the site is mended.</p>");
    for problem in problems.iter().take(MAX_PROBLEMS) {
        body.push_str("\n<pre>");
        escape(&diagnostic::plain(problem), &mut body);
        body.push_str("</pre>");
    }
    page("This page cannot be shown yet", &body, Some(live_script::BROKEN))
}

/// The page for a path without an output, if the site has no `404.html`.
pub fn missing(path: &str, base: &str) -> String {
    let mut body = String::from("<p>The site has nothing at <code>");
    escape(path, &mut body);
    body.push_str("</code>. <a href=\"");
    escape(base, &mut body);
    body.push_str("\">To its first page</a></p>");
    page("Not found", &body, Some(&live_script::missing_tag(None)))
}

/// The page for a path outside the path of `base_url`. The published site has no page there either.
pub fn outside(path: &str, base: &str) -> String {
    let mut body = String::from("<p>The site lies at <a href=\"");
    escape(base, &mut body);
    body.push_str("\"><code>");
    escape(base, &mut body);
    body.push_str("</code></a>, as <code>base_url</code> in site.toml says, and <code>");
    escape(path, &mut body);
    body.push_str("</code> is outside of it. A link to it leads nowhere once the site is published: write <code>");
    escape(base.trim_end_matches('/'), &mut body);
    escape(path, &mut body);
    body.push_str(
        "</code> instead, or a link that holds wherever the site lies, such as <code>@/posts/my-post.md</code>.</p>",
    );
    page("Not found", &body, Some(&live_script::missing_tag(None)))
}

/// The page after a refused reply. It has no live script, because the response to a form cannot be reloaded.
pub fn refused(message: &str, back: &str) -> String {
    let mut body = String::from("<p>");
    escape(message, &mut body);
    // The browser's history keeps the text of the form.
    body.push_str("</p>\n<p><a onclick=\"history.back(); return false\" href=\"");
    escape(back, &mut body);
    body.push_str("\">Back to the page</a></p>");
    page("The reply was not taken", &body, None)
}

fn page(title: &str, body: &str, tag: Option<&str>) -> String {
    let script = tag.map(live_script::element).unwrap_or_default();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n{script}\n</body>\n</html>\n"
    )
}

fn escape(text: &str, to: &mut String) {
    // Writing to a string cannot fail.
    let _ = escape_html(to, text);
}
