//! The origins of the site and its inbox: which pages may send requests, and which hosts are this server.

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};

use crate::http::header::single;
use crate::http::host::{self, Host, HostName, UntrustedHost};
use crate::http::origin::{RequestOrigin, origin_of};

/// The origins of the site and of its inbox (RFC 6454).
#[derive(Clone, Debug)]
pub struct Origins {
    allowed: Vec<String>,
    /// The origin of the inbox as readers reach it.
    public: String,
    /// The names of the server, in small letters.
    hosts: Vec<String>,
}

impl Origins {
    /// The origins of a site at `base_url` with a reply form that posts to `endpoint`. `own` is where the server listens,
    /// `hosts` are its other names.
    pub fn new(base_url: &str, endpoint: &str, own: &str, hosts: &[String]) -> Self {
        let allowed: Vec<String> = [base_url, endpoint, own].into_iter().filter_map(origin_of).collect();
        let of_origins = allowed.iter().filter_map(|origin| domain(authority(origin)));
        let hosts = of_origins.chain(hosts.iter().map(|host| host.to_ascii_lowercase())).collect();
        let public = origin_of(endpoint).or_else(|| origin_of(base_url)).unwrap_or_default();
        Self { allowed, public, hosts }
    }

    /// The origin of the site.
    pub fn site(&self) -> &str {
        self.allowed.first().map_or("", String::as_str)
    }

    /// The origin of the inbox, as readers reach it.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The origin of the inbox under the host that a request names. A proxy may leave out the port.
    pub fn requested(&self, headers: &HeaderMap) -> String {
        let stated = single(headers, &HOST).ok().flatten().unwrap_or_default().to_ascii_lowercase();
        let Some(host) = Host::parse(&stated) else { return self.public.clone() };
        let own = || [&self.public].into_iter().chain(&self.allowed);
        let has_name = |origin: &str| Host::parse(authority(origin)).is_some_and(|own| own.name == host.name);
        let exact = own().find(|origin| authority(origin) == stated);
        match exact.or_else(|| own().find(|origin| has_name(origin))) {
            Some(origin) => origin.clone(),
            None if host.is_address_or_localhost() => format!("http://{stated}"),
            None => self.public.clone(),
        }
    }

    /// Whether a form was sent by a page of this one origin. Every browser states the origin of a form.
    pub fn is_sent_by(origin: &str, headers: &HeaderMap) -> bool {
        RequestOrigin::of(headers)
            .is_some_and(|from| from.is(origin) && matches!(from.fetch_site, None | Some("same-origin")))
    }

    /// The origin that may read the response to a request, if the request states one of ours.
    pub fn stated(&self, headers: &HeaderMap) -> Option<&str> {
        let from = RequestOrigin::of(headers)?;
        self.allowed.iter().find(|origin| from.is(origin)).map(String::as_str)
    }

    /// Whether a form was sent by a page of ours, or by no page at all.
    ///
    /// A browser states where a form was in two headers that no page can set. It makes the origin `null` for pages that hide
    /// where their visitors come from, and then only the other header states that the page is of this site.
    pub fn allow(&self, headers: &HeaderMap) -> bool {
        let Some(from) = RequestOrigin::of(headers) else { return false };
        match (from.origin, from.fetch_site) {
            (Some("null"), site) => matches!(site, Some("same-origin" | "same-site")),
            (Some(_), _) => self.stated(headers).is_some(),
            (None, site) => matches!(site, None | Some("same-origin" | "same-site" | "none")),
        }
    }

    /// Whether a form was certainly sent by a page of ours. Other forms that are allowed may come from a page of another host
    /// of the same domain, and browsers send our cookies along with these too (RFC 6265bis, 5.2).
    pub fn is_ours(&self, headers: &HeaderMap) -> bool {
        let is_same_origin = RequestOrigin::of(headers).is_some_and(|from| from.fetch_site == Some("same-origin"));
        self.allow(headers) && (is_same_origin || self.stated(headers).is_some())
    }

    /// Checks that a request is for this server.
    ///
    /// # Errors
    /// The request is for another host, or it is unclear for which one.
    pub fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), UntrustedHost> {
        host::check(uri, headers, |host| {
            host.is_address_or_localhost() || matches!(&host.name, HostName::Domain(name) if self.hosts.contains(name))
        })
    }
}

/// The host and port of an origin.
fn authority(origin: &str) -> &str {
    origin.split_once("://").map_or("", |(_, authority)| authority)
}

/// The name of a host; none if the host is an address.
fn domain(host: &str) -> Option<String> {
    match Host::parse(host)?.name {
        HostName::Domain(name) => Some(name),
        HostName::Address(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;
    use axum::http::header::ORIGIN;

    use super::*;
    use crate::http::origin::SEC_FETCH_SITE;

    fn origins() -> Origins {
        let hosts = ["Inbox".to_owned(), "other:80".to_owned()];
        Origins::new(
            "https://Blog.example/about",
            "https://talk.blog.example:443/reply",
            "http://127.0.0.1:8080",
            &hosts,
        )
    }

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn forms_of_the_site_and_of_no_page() {
        for good in [
            &[][..],
            &[(ORIGIN, "https://blog.example")],
            &[(ORIGIN, "https://talk.blog.example"), (SEC_FETCH_SITE, "same-origin")],
            &[(ORIGIN, "https://blog.example"), (SEC_FETCH_SITE, "cross-site")],
            &[(ORIGIN, "http://127.0.0.1:8080")],
            &[(ORIGIN, "null"), (SEC_FETCH_SITE, "same-site")],
            &[(SEC_FETCH_SITE, "none")],
        ] {
            assert!(origins().allow(&headers(good)), "{good:?}");
        }
    }

    #[test]
    fn forms_of_others() {
        for bad in [
            &[(ORIGIN, "https://evil.example")][..],
            &[(ORIGIN, "http://blog.example")],
            &[(ORIGIN, "https://blog.example:8443")],
            &[(ORIGIN, "https://blog.example.evil.example")],
            &[(ORIGIN, "https://evil.example#https://blog.example")],
            &[(ORIGIN, "https://xblog.example")],
            &[(ORIGIN, "https://blog.example"), (ORIGIN, "https://evil.example")],
            &[(ORIGIN, "null")],
            &[(ORIGIN, "")],
            &[(ORIGIN, "null"), (SEC_FETCH_SITE, "cross-site")],
            &[(SEC_FETCH_SITE, "cross-site")],
            &[(SEC_FETCH_SITE, "same-origin"), (SEC_FETCH_SITE, "cross-site")],
        ] {
            assert!(!origins().allow(&headers(bad)), "{bad:?}");
        }
        assert_eq!(origins().stated(&headers(&[(ORIGIN, "https://evil.example")])), None);
        assert_eq!(origins().stated(&headers(&[(ORIGIN, "https://blog.example")])), Some("https://blog.example"));
        assert_eq!(origins().site(), "https://blog.example");
    }

    #[test]
    fn forms_of_ours_and_of_another_host_of_the_domain() {
        for good in [
            &[(ORIGIN, "https://blog.example")][..],
            &[(ORIGIN, "https://talk.blog.example"), (SEC_FETCH_SITE, "same-origin")],
            &[(ORIGIN, "https://blog.example"), (SEC_FETCH_SITE, "same-site")],
            &[(ORIGIN, "null"), (SEC_FETCH_SITE, "same-origin")],
            &[(SEC_FETCH_SITE, "same-origin")],
        ] {
            assert!(origins().is_ours(&headers(good)), "{good:?}");
        }
        for bad in [
            &[][..],
            &[(ORIGIN, "null")],
            &[(ORIGIN, "null"), (SEC_FETCH_SITE, "same-site")],
            &[(SEC_FETCH_SITE, "same-site")],
            &[(SEC_FETCH_SITE, "none")],
            &[(ORIGIN, "https://other.blog.example"), (SEC_FETCH_SITE, "same-site")],
            &[(ORIGIN, "https://evil.example"), (SEC_FETCH_SITE, "same-origin")],
            &[(ORIGIN, "null"), (SEC_FETCH_SITE, "same-origin"), (SEC_FETCH_SITE, "same-site")],
        ] {
            assert!(!origins().is_ours(&headers(bad)), "{bad:?}");
        }
    }

    #[test]
    fn a_request_names_this_server() {
        let is_trusted = |hosts: &[&str]| {
            let hosts: Vec<_> = hosts.iter().map(|host| (HOST, *host)).collect();
            origins().check_host(&Uri::from_static("/"), &headers(&hosts)).is_ok()
        };
        for good in [
            "blog.example",
            "Talk.Blog.example:443",
            "inbox:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost",
            "localhost.",
            "blog.example.:443",
            "10.0.0.7",
        ] {
            assert!(is_trusted(&[good]), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "other",
            "other:80",
            "blog.example@evil.example",
            "blog.example:80:80",
            "127.0.0.1.evil.example",
            "[::1",
            "[::1]80",
            "[127.0.0.1]",
            "127.0.0.1.",
            "localhost..",
            ":80",
        ] {
            assert!(!is_trusted(&[bad]), "{bad}");
        }
        assert!(!is_trusted(&[]) && !is_trusted(&["localhost", "localhost"]));
        let other = Uri::from_static("http://evil.example/");
        assert!(origins().check_host(&other, &headers(&[(HOST, "localhost")])).is_err());
    }

    #[test]
    fn pages_of_the_inbox_have_the_requested_origin() {
        let requested = |host: &str| origins().requested(&headers(&[(HOST, host)]));
        for (host, origin) in [
            ("talk.blog.example", "https://talk.blog.example"),
            ("Talk.Blog.example:8443", "https://talk.blog.example"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("localhost:8080", "http://localhost:8080"),
            ("10.0.0.7:81", "http://10.0.0.7:81"),
            ("inbox:8080", "https://talk.blog.example"),
            // A browser writes the dot into the origin of the page, so no form of such a page is accepted.
            ("localhost.:8080", "https://talk.blog.example"),
            ("blog.example.", "https://talk.blog.example"),
        ] {
            assert_eq!(requested(host), origin, "{host}");
        }
        let own = "https://talk.blog.example";
        assert!(Origins::is_sent_by(own, &headers(&[(ORIGIN, own)])));
        assert!(Origins::is_sent_by(own, &headers(&[(ORIGIN, own), (SEC_FETCH_SITE, "same-origin")])));
        for bad in [
            &[][..],
            &[(ORIGIN, "null")],
            &[(ORIGIN, "null"), (SEC_FETCH_SITE, "same-origin")],
            &[(ORIGIN, "https://blog.example")],
            &[(ORIGIN, "http://talk.blog.example")],
            &[(ORIGIN, own), (SEC_FETCH_SITE, "same-site")],
            &[(ORIGIN, own), (ORIGIN, own)],
            &[(SEC_FETCH_SITE, "same-origin")],
        ] {
            assert!(!Origins::is_sent_by(own, &headers(bad)), "{bad:?}");
        }
    }
}
