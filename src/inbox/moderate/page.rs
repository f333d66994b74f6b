//! How moderation looks: templates and styles of its own, whatever theme the site has.

use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, SET_COOKIE, X_FRAME_OPTIONS};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use tera::{Context, Tera};

use super::command::{ModerationCommand, Outcome};
use super::route::HOME;
use super::view::{PageView, ReplyCard};
use crate::config::Config;
use crate::http::response;
use crate::inbox::log;
use crate::source::Fingerprint;

const STYLE: &str = include_str!("moderate.css");
const SCRIPT: &str = include_str!("moderate.js");

/// What a page may load and where it may lead: its own style and script, and nothing else. No text in it could do anything,
/// even if it were not escaped.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

static TEMPLATES: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::default();
    let added = tera.add_raw_templates([
        ("frame.html", include_str!("frame.html")),
        ("replies.html", include_str!("replies.html")),
        ("message.html", include_str!("message.html")),
        ("link.html", include_str!("link.html")),
        ("reply.html", include_str!("reply.html")),
    ]);
    if let Err(error) = added {
        // They are part of the program, and tested with it.
        log::error("template", error);
    }
    tera
});

/// The names of the style and the script, which change with what is in them.
static FILES: LazyLock<[(String, &str, &str); 2]> = LazyLock::new(|| {
    let name = |text: &str, kind: &str| format!("{:032x}.{kind}", Fingerprint::of(text.as_bytes()).0);
    [
        (name(STYLE, "css"), "text/css; charset=utf-8", STYLE),
        (name(SCRIPT, "js"), "text/javascript; charset=utf-8", SCRIPT),
    ]
});

/// The style or the script, if this is its name.
pub fn file(name: &str) -> Option<Response> {
    let (_, mime, text) = FILES.iter().find(|(own, ..)| own == name)?;
    let mut response = response::with_type(StatusCode::OK, mime, *text);
    response::set(&mut response, CACHE_CONTROL, "public, max-age=31536000, immutable");
    Some(response)
}

/// Makes pages.
pub struct PageRenderer<'a> {
    /// The site's.
    pub config: &'a Arc<Config>,
}

impl PageRenderer<'_> {
    /// Some of the replies, and what came of what was done.
    pub fn replies(&self, view: &PageView, outcome: &Outcome, form_token: &str) -> Response {
        let mut context = Context::new();
        context.insert("view", view);
        context.insert("outcome", outcome);
        context.insert("is_silent", &outcome.is_empty());
        context.insert("act", form_token);
        self.page("replies.html", context)
    }

    /// Where a link leads: whoever presses the button is signed in. Looking at it does not use the link up, for programs
    /// that look through mail follow links too.
    pub fn sign_in(&self, token: &str) -> Response {
        let mut context = Context::new();
        context.insert("token", token);
        self.message("Sign in", "This link signs you in to decide about replies, once.", context)
    }

    /// A link that leads nowhere any more.
    pub fn sign_in_link_expired(&self) -> Response {
        self.message("This link has ended", "It was used already, or is too old.", Self::with_help())
    }

    /// Where a link leads that decides about a reply: whoever presses the button does.
    pub fn confirm_link(&self, command: &ModerationCommand, token: &str, reply: &ReplyCard) -> Response {
        let mut context = Context::new();
        context.insert("heading", &format!("{} this reply?", command.label()));
        context.insert("label", command.label());
        context.insert("token", token);
        context.insert("reply", reply);
        self.page("link.html", context)
    }

    /// A link that decides about nothing any more.
    pub fn link_expired(&self) -> Response {
        let text = "It was used already, or is older than a week, or somebody has signed out everywhere since.";
        self.message("This link has ended", text, Self::with_help())
    }

    /// A link about a reply that is gone, or is not what it was.
    pub fn link_outdated(&self, problem: &str) -> Response {
        let mut response = self.message("Nothing was done", &format!("{problem}."), Self::with_help());
        *response.status_mut() = StatusCode::CONFLICT;
        response
    }

    /// What came of a link, and how to take it back.
    pub fn link_followed(&self, outcome: &Outcome, undo: Option<&str>) -> Response {
        let mut context = Context::new();
        context.insert("heading", "Done");
        context.insert("outcome", outcome);
        context.insert("label", ModerationCommand::Undo.label());
        context.insert("token", &undo.unwrap_or_default());
        self.page("link.html", context)
    }

    /// For who is not signed in.
    pub fn not_signed_in(&self) -> Response {
        let mut context = Self::with_help();
        // Whoever comes from another site's page is signed in and does not look so: their browser sends no cookie.
        context.insert("again", &true);
        self.message("Not signed in", "Replies are decided about here by whoever writes this site.", context)
    }

    /// For who is not signed in any more, and has sent something.
    pub fn session_ended(&self, text: Option<&str>) -> Response {
        let mut context = Self::with_help();
        context.insert("unsaved_text", &text.unwrap_or_default());
        self.message("Signed out", "You were signed out since, so that nothing was done.", context)
    }

    /// For who has signed out.
    pub fn signed_out(&self, is_everywhere: bool) -> Response {
        let text = match is_everywhere {
            true => "You are signed out everywhere, and links that were made until now lead nowhere any more.",
            false => "You are signed out here.",
        };
        self.message("Signed out", text, Self::with_help())
    }

    /// For who wanted to sign out and could not.
    pub fn sign_out_failed(&self, form_token: &str) -> Response {
        let mut context = Context::new();
        context.insert("act", form_token);
        let text = "The place where replies are kept cannot be written to, so that you are still signed in. Try again.";
        let mut response = self.message("Not signed out", text, context);
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response
    }

    /// When the spool cannot be read.
    pub fn spool_failed(&self) -> Response {
        let text = "The place where replies are kept cannot be read at the moment. The server’s log says why.";
        let mut response = self.message("Something is wrong", text, Context::new());
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response
    }

    fn with_help() -> Context {
        let mut context = Context::new();
        context.insert("how", &true);
        context
    }

    fn message(&self, heading: &str, text: &str, mut context: Context) -> Response {
        context.insert("heading", heading);
        context.insert("text", text);
        self.page("message.html", context)
    }

    fn page(&self, template: &str, mut context: Context) -> Response {
        context.insert("home", HOME);
        context.insert("site", &self.config.permalink(""));
        context.insert("site_title", &self.config.default_language().title.as_deref().unwrap_or("the site"));
        for (name, (file, ..)) in ["style", "script"].into_iter().zip(&*FILES) {
            context.insert(name, &format!("{HOME}/{file}"));
        }
        match TEMPLATES.render(template, &context) {
            Ok(page) => guarded(response::html(StatusCode::OK, page.into_boxed_str().into_boxed_bytes())),
            Err(error) => {
                log::error("template", error);
                plain_text(StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown.")
            }
        }
    }
}

/// Leads to the replies. Nothing that a request says is in that address.
pub fn redirect_home() -> Response {
    guarded(response::redirect(StatusCode::SEE_OTHER, HOME))
}

/// A sentence.
pub fn plain_text(status: StatusCode, text: &str) -> Response {
    guarded(response::text(status, format!("{text}\n")))
}

/// Gives a browser a cookie, or takes it away.
pub fn set_cookie(response: &mut Response<Body>, line: &str) {
    // It is made of letters, digits and punctuation.
    if let Ok(line) = HeaderValue::try_from(line) {
        response.headers_mut().append(SET_COOKIE, line);
    }
}

fn guarded(mut response: Response) -> Response {
    const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    response::set(&mut response, CONTENT_SECURITY_POLICY, POLICY);
    response::set(&mut response, X_FRAME_OPTIONS, "DENY");
    // Other sites learn nothing of where a link to them was. With `no-referrer` browsers would hide from ourselves as well
    // which page has sent a form.
    response::set(&mut response, REFERRER_POLICY, "same-origin");
    response::set(&mut response, OPENER, "same-origin");
    response::set(&mut response, response::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_templates() {
        let names: Vec<&str> = TEMPLATES.get_template_names().collect();
        assert_eq!(names.len(), 5, "{names:?}");
    }
}
