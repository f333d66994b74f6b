//! Which pages may send, and by which names the server lets itself be called.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Uri};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins of the site and of its inbox (RFC 6454).
#[derive(Clone, Debug)]
pub struct Origins {
    allowed: Vec<String>,
    /// That of the inbox as readers reach it.
    public: String,
    /// The names that the server answers to besides addresses, in small letters.
    hosts: Vec<String>,
}

impl Origins {
    /// The origins of a site at `base_url` with a reply form that posts to `endpoint`. `own` is where the server listens,
    /// `hosts` are other names of it.
    pub fn new(base_url: &str, endpoint: &str, own: &str, hosts: &[String]) -> Self {
        let urls = [base_url, endpoint, own];
        let allowed: Vec<String> = urls.iter().filter_map(|url| origin(url)).collect();
        let named = allowed.iter().filter_map(|origin| host(origin.split_once("://")?.1));
        let hosts = named.chain(hosts.iter().map(String::as_str)).map(str::to_ascii_lowercase).collect();
        let public = origin(endpoint).or_else(|| origin(base_url)).unwrap_or_default();
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

    /// The origin of the pages that somebody gets who asks in this way. A proxy may leave out the port.
    pub fn called(&self, headers: &HeaderMap) -> String {
        let said = only(headers, &HOST).flatten().unwrap_or_default().to_ascii_lowercase();
        let name = host(&said).unwrap_or_default();
        let ours = || [&self.public].into_iter().chain(&self.allowed);
        let authority = |origin: &str| origin.split_once("://").map_or("", |(_, rest)| rest).to_owned();
        let exact = ours().find(|origin| authority(origin) == said);
        match exact.or_else(|| ours().find(|origin| host(&authority(origin)) == Some(name))) {
            Some(origin) => origin.clone(),
            None if is_address(name) => format!("http://{said}"),
            None => self.public.clone(),
        }
    }

    /// Whether a form was sent by a page of this origin. Every browser says so; whoever says nothing is none.
    pub fn is_own(&self, headers: &HeaderMap, called: &str) -> bool {
        let from = only(headers, &ORIGIN).flatten().is_some_and(|origin| origin.eq_ignore_ascii_case(called));
        from && matches!(only(headers, &SEC_FETCH_SITE), Some(None | Some("same-origin")))
    }

    /// The origin that may read the answer to a request, if it says one of ours.
    pub fn of(&self, headers: &HeaderMap) -> Option<&str> {
        let said = only(headers, &ORIGIN)??;
        self.allowed.iter().find(|origin| origin.eq_ignore_ascii_case(said)).map(String::as_str)
    }

    /// Whether a form was sent by a page of ours, or by no page at all.
    ///
    /// A browser tells where a form was in two headers that no page can set. It makes the origin `null` for pages that hide
    /// where their visitors come from, and then only the other one says that they are of this site.
    pub fn allow(&self, headers: &HeaderMap) -> bool {
        let (Some(origin), Some(site)) = (only(headers, &ORIGIN), only(headers, &SEC_FETCH_SITE)) else { return false };
        match (origin, site) {
            (Some("null"), site) => matches!(site, Some("same-origin" | "same-site")),
            (Some(_), _) => self.of(headers).is_some(),
            (None, site) => matches!(site, None | Some("same-origin" | "same-site" | "none")),
        }
    }

    /// Whether a form was certainly sent by a page of ours. What else is allowed may come from a page of another host of the
    /// same domain, and browsers send our cookies along with that too (RFC 6265bis, 5.2).
    pub fn is_ours(&self, headers: &HeaderMap) -> bool {
        let is_same = matches!(only(headers, &SEC_FETCH_SITE), Some(Some("same-origin")));
        self.allow(headers) && (is_same || self.of(headers).is_some())
    }

    /// Whether a request means this server. A name that leads here and is not ours belongs to somebody whose page could
    /// read what it gets (DNS rebinding); an address cannot be made to mean something else.
    pub fn is_called(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(Some(said)) = only(headers, &HOST) else { return false };
        let named = uri.authority().map(|authority| authority.as_str());
        [Some(said), named].into_iter().flatten().all(|said| match host(said) {
            Some(name) => {
                let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
                is_address(&name) || self.hosts.contains(&name)
            }
            None => false,
        })
    }
}

/// Whether a host is an address, or the name that always means this machine.
fn is_address(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// The value of a header: none if it is not there. None at all if it is there twice, or is not ASCII.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Option<&'h str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Some(None),
        (Some(value), None) => value.to_str().ok().map(Some),
        _ => None,
    }
}

/// The origin of a URL, as browsers say it: without a port that the scheme implies.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let authority = authority.strip_suffix(port).unwrap_or(&authority);
    (!authority.is_empty()).then(|| format!("{scheme}://{authority}"))
}

/// The host of an authority, without its port. None if there is more in it than these two.
fn host(authority: &str) -> Option<&str> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(end);
    let port = port.strip_prefix(':').unwrap_or(port);
    (!host.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && !host.contains('@')).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Origins {
        let hosts = ["inbox".to_owned()];
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
        assert_eq!(origins().of(&headers(&[(ORIGIN, "https://evil.example")])), None);
        assert_eq!(origins().of(&headers(&[(ORIGIN, "https://blog.example")])), Some("https://blog.example"));
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
    fn a_request_says_whom_it_means() {
        let is_called = |hosts: &[&str]| {
            let hosts: Vec<_> = hosts.iter().map(|host| (HOST, *host)).collect();
            origins().is_called(&Uri::from_static("/"), &headers(&hosts))
        };
        for good in [
            "blog.example",
            "Talk.Blog.example:443",
            "inbox:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost",
            "10.0.0.7",
        ] {
            assert!(is_called(&[good]), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "blog.example@evil.example",
            "blog.example:80:80",
            "127.0.0.1.evil.example",
            "[::1",
            ":80",
        ] {
            assert!(!is_called(&[bad]), "{bad}");
        }
        assert!(!is_called(&[]) && !is_called(&["localhost", "localhost"]));
        let other = Uri::from_static("http://evil.example/");
        assert!(!origins().is_called(&other, &headers(&[(HOST, "localhost")])));
    }

    #[test]
    fn pages_of_the_inbox_know_where_they_are() {
        let called = |host: &str| origins().called(&headers(&[(HOST, host)]));
        for (host, origin) in [
            ("talk.blog.example", "https://talk.blog.example"),
            ("Talk.Blog.example:8443", "https://talk.blog.example"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("localhost:8080", "http://localhost:8080"),
            ("10.0.0.7:81", "http://10.0.0.7:81"),
            ("inbox:8080", "https://talk.blog.example"),
        ] {
            assert_eq!(called(host), origin, "{host}");
        }
        let own = "https://talk.blog.example";
        assert!(origins().is_own(&headers(&[(ORIGIN, own)]), own));
        assert!(origins().is_own(&headers(&[(ORIGIN, own), (SEC_FETCH_SITE, "same-origin")]), own));
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
            assert!(!origins().is_own(&headers(bad), own), "{bad:?}");
        }
    }
}
