//! The pages of moderation. They have templates and styles of their own, independent of the theme.

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

/// The content security policy. A page loads its own style and script and nothing else, so an unescaped text could do nothing.
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
        // The templates are part of the program and tested with it.
        log::error("template", error);
    }
    tera
});

/// The style and the script, with names that change with their contents.
static FILES: LazyLock<[(String, &str, &str); 2]> = LazyLock::new(|| {
    let name = |text: &str, kind: &str| format!("{}.{kind}", Fingerprint::of(text.as_bytes()));
    [
        (name(STYLE, "css"), "text/css; charset=utf-8", STYLE),
        (name(SCRIPT, "js"), "text/javascript; charset=utf-8", SCRIPT),
    ]
});

/// Returns the style or the script, if a file has this name.
pub fn file(name: &str) -> Option<Response> {
    let (_, mime, text) = FILES.iter().find(|(own, ..)| own == name)?;
    let mut response = response::with_type(StatusCode::OK, mime, *text);
    response::set(&mut response, CACHE_CONTROL, "public, max-age=31536000, immutable");
    Some(response)
}

/// Renders pages.
pub struct PageRenderer<'a> {
    /// The configuration of the site.
    pub config: &'a Arc<Config>,
}

impl PageRenderer<'_> {
    /// A page of replies, with the outcome of a command.
    pub fn replies(&self, view: &PageView, outcome: &Outcome, form_token: &str) -> Response {
        let mut context = Context::new();
        context.insert("view", view);
        context.insert("outcome", outcome);
        context.insert("is_silent", &outcome.is_empty());
        context.insert("act", form_token);
        self.page("replies.html", context)
    }

    /// The page of a link that signs in. Its button signs in. Opening the page does not use the link up, because programs that
    /// scan mail open links too.
    pub fn sign_in(&self, token: &str) -> Response {
        let mut context = Context::new();
        context.insert("token", token);
        self.message("Sign in", "This link signs you in to decide about replies, once.", context)
    }

    /// The page of a link that cannot sign in any more.
    pub fn sign_in_link_expired(&self) -> Response {
        self.message("This link has ended", "It was used already, or is too old.", Self::with_help())
    }

    /// The page of a link that decides about a reply. Its button decides.
    pub fn confirm_link(&self, command: &ModerationCommand, token: &str, reply: &ReplyCard) -> Response {
        let mut context = Context::new();
        context.insert("heading", &format!("{} this reply?", command.label()));
        context.insert("label", command.label());
        context.insert("token", token);
        context.insert("reply", reply);
        self.page("link.html", context)
    }

    /// The page of a link that is used up or expired.
    pub fn link_expired(&self) -> Response {
        let text = "It was used already, or is older than a week, or somebody has signed out everywhere since.";
        self.message("This link has ended", text, Self::with_help())
    }

    /// The page of a link about a reply that changed or is gone.
    pub fn link_outdated(&self, problem: &str) -> Response {
        let mut response = self.message("Nothing was done", &format!("{problem}."), Self::with_help());
        *response.status_mut() = StatusCode::CONFLICT;
        response
    }

    /// The page after a link was followed, with a button that undoes the decision.
    pub fn link_followed(&self, outcome: &Outcome, undo_token: Option<&str>) -> Response {
        let mut context = Context::new();
        context.insert("heading", "Done");
        context.insert("outcome", outcome);
        context.insert("label", ModerationCommand::Undo.label());
        context.insert("token", &undo_token.unwrap_or_default());
        self.page("link.html", context)
    }

    /// The page without a session.
    pub fn not_signed_in(&self) -> Response {
        let mut context = Self::with_help();
        // A moderator who follows a link of another site may be signed in, but the browser sends no cookie.
        context.insert("again", &true);
        self.message("Not signed in", "Replies are decided about here by whoever writes this site.", context)
    }

    /// The page after a form was sent without a session. It shows the text of the form.
    pub fn session_ended(&self, text: Option<&str>) -> Response {
        let mut context = Self::with_help();
        context.insert("unsaved_text", &text.unwrap_or_default());
        self.message("Signed out", "You were signed out since, so that nothing was done.", context)
    }

    /// The page after signing out.
    pub fn signed_out(&self, is_everywhere: bool) -> Response {
        let text = match is_everywhere {
            true => "You are signed out everywhere, and links that were made until now lead nowhere any more.",
            false => "You are signed out here.",
        };
        self.message("Signed out", text, Self::with_help())
    }

    /// The page after signing out failed.
    pub fn sign_out_failed(&self, form_token: &str) -> Response {
        let mut context = Context::new();
        context.insert("act", form_token);
        let text = "The place where replies are kept cannot be written to, so that you are still signed in. Try again.";
        let mut response = self.message("Not signed out", text, context);
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response
    }

    /// The page while the spool cannot be read.
    pub fn spool_failed(&self) -> Response {
        let text = "The place where replies are kept cannot be read at the moment. The server’s log says why.";
        let mut response = self.message("Something is wrong", text, Context::new());
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response
    }

    /// The context of a page that explains how to sign in.
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
            Ok(page) => with_security_headers(response::html(StatusCode::OK, page.into_boxed_str().into_boxed_bytes())),
            Err(error) => {
                log::error("template", error);
                plain_text(StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown.")
            }
        }
    }
}

/// Redirects to the replies. The address holds nothing of the request.
pub fn redirect_home() -> Response {
    with_security_headers(response::redirect(StatusCode::SEE_OTHER, HOME))
}

/// Responds with a sentence.
pub fn plain_text(status: StatusCode, text: &str) -> Response {
    with_security_headers(response::text(status, format!("{text}\n")))
}

/// Sets or removes a cookie.
pub fn set_cookie(response: &mut Response<Body>, line: &str) {
    // The line consists of letters, digits and punctuation.
    if let Ok(line) = HeaderValue::try_from(line) {
        response.headers_mut().append(SET_COOKIE, line);
    }
}

fn with_security_headers(mut response: Response) -> Response {
    const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    response::set(&mut response, CONTENT_SECURITY_POLICY, POLICY);
    response::set(&mut response, X_FRAME_OPTIONS, "DENY");
    // Other sites do not see the address of the page. With `no-referrer`, this server would not see the origin of a form either.
    response::set(&mut response, REFERRER_POLICY, "same-origin");
    response::set(&mut response, OPENER, "same-origin");
    response::set(&mut response, response::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_compile() {
        let names: Vec<&str> = TEMPLATES.get_template_names().collect();
        assert_eq!(names.len(), 5, "{names:?}");
    }
}
