//! Data on other servers.

use tera::{Error, Kwargs, TeraResult, Value};

use super::data::{Data, Format};
use crate::diagnostic::SourceText;
use crate::source::Fingerprint;
use crate::templates::Reader;
use crate::templates::remote::{RemoteData, is_missing};

/// Loads the data at an address. Data that is not required may be missing.
pub(super) fn load_remote(
    reader: &Reader,
    url: &str,
    kwargs: &Kwargs,
    (format, required): (Format, bool),
) -> TeraResult<Value> {
    let data = remote_data(url, kwargs, format)?;
    let name = format!("`{}`", data.printable_url());
    let query = |request: Fingerprint| format!("data {format:?} {request}");
    let request = data.request().map_err(|error| Error::message(error.to_string()))?.fingerprint();
    match reader.remote_data(data) {
        Ok(response) => reader.library.cached(query(request), || {
            let source = SourceText { path: "".into(), text: response.text().into() };
            Data { name, source }.parse(format)
        }),
        Err(error) if !required && is_missing(&error) => Ok(Value::none()),
        Err(error) => Err(Error::message(error.to_string())),
    }
}

/// Returns the request for data on another server.
fn remote_data(url: &str, kwargs: &Kwargs, format: Format) -> TeraResult<RemoteData> {
    let method = kwargs.get::<&str>("method")?.unwrap_or("GET");
    let written = kwargs.get::<Vec<String>>("headers")?.unwrap_or_default();
    let mut headers = Vec::new();
    for header in written {
        let Some((name, value)) = header.split_once('=') else {
            // It may be a secret, so that the message does not show it.
            return Err(Error::message(
                "a header is written as `name=value`, such as `headers=[\"accept=text/plain\"]`",
            ));
        };
        headers.push((name.to_owned(), value.to_owned()));
    }
    if !headers.iter().any(|(name, _)| name.trim().eq_ignore_ascii_case("accept")) {
        headers.push(("accept".to_owned(), format.media_types().to_owned()));
    }
    let post = match method {
        _ if method.eq_ignore_ascii_case("GET") => None,
        _ if method.eq_ignore_ascii_case("POST") => {
            let content_type = kwargs.get::<String>("content_type")?;
            headers.extend(content_type.map(|content_type| ("content-type".to_owned(), content_type)));
            Some(kwargs.get::<String>("body")?.unwrap_or_default())
        }
        _ => return Err(Error::message(format!("the method `{method}` is not supported; write `GET` or `POST`"))),
    };
    Ok(RemoteData { url: url.to_owned(), headers, post })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tera::Context;

    use crate::fetch::testing::{Server, answer};
    use crate::source::Fingerprint;
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::{TestSite, site};

    /// A site that may request a server.
    fn site_with(server: &Server) -> TestSite {
        let config = format!(
            "base_url = \"https://a.example\"\n[fetch]\nprivate_hosts = [\"{}\"]\ntimeout = 2\nmax_size = 1\n",
            server.host()
        );
        site(&[("site.toml", &config), ("content/_index.md", "+++\n+++\n")])
    }

    #[test]
    fn data_of_other_servers() {
        let server = Server::start(|request, stream| {
            let reply = match request.split_whitespace().nth(1).unwrap_or_default() {
                "/tea.json" => answer("200 OK", "", r#"{"tea": [1]}"#),
                "/text" => answer("200 OK", "Content-Type: text/plain; charset=utf-8\r\n", "café"),
                "/echo" => answer("200 OK", "", request),
                "/large" => answer("200 OK", "", &"x".repeat((1 << 20) + 1)),
                _ => answer("404 Not Found", "", "no"),
            };
            let _ = stream.write_all(reply.as_bytes());
        });
        let (site, url) = (site_with(&server), server.url(""));
        let load =
            |arguments: &str| site.render(&format!("{{{{ load_data({}) | safe }}}}", arguments.replace("URL", &url)));
        assert_eq!(load("url='URL/tea.json'").unwrap(), r#"{"tea": [1]}"#);
        let template =
            format!("{{% set data = load_data(url='{url}/tea.json', format='json') %}}{{{{ data.tea | first }}}}");
        assert_eq!(site.render(&template).unwrap(), "1");
        assert_eq!(load("url='URL/text'").unwrap(), "café");
        let echo =
            load("url='URL/echo', method='post', body='a=1', content_type='text/x', headers=['x-key=a=b','X-Key=c']");
        let echo = echo.unwrap();
        assert!(echo.starts_with("POST /echo ") && echo.ends_with("\r\na=1"), "{echo}");
        for line in ["x-key: a=b", "x-key: c", "content-type: text/x", "accept: text/plain", "content-length: 3"] {
            assert!(echo.contains(&format!("\r\n{line}\r\n")), "{line} {echo}");
        }
        let echo = load("url='URL/echo', headers=['Accept=text/x'], body='unused'").unwrap();
        assert!(
            echo.starts_with("GET /echo ") && echo.contains("accept: text/x") && !echo.contains("unused"),
            "{echo}"
        );
        for (arguments, expected) in [
            ("url='URL/none?key=1'", "/none?…`: the server answers 404 Not Found"),
            ("url='URL/large'", "the response has more than 1048576 bytes"),
            ("url='URL/tea.json', format='toml'", "/tea.json`, line 1, column "),
        ] {
            let error = load(arguments).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(load("url='URL/none', required=false").unwrap(), "");
        assert!(load("url='URL/tea.json', format='toml', required=false").is_err());
        // Each request was sent once.
        assert_eq!(server.requests().iter().filter(|request| request.starts_with("GET /tea.json")).count(), 3);
    }

    #[test]
    fn requests_with_secrets_are_not_remembered() {
        let server = Server::answering(answer("200 OK", "", "tea"));
        let site = site_with(&server);
        let context = Context::new();
        let template = format!("{{{{ load_data(url='{}') }}}}", server.url("/"));
        let (_, dependencies) = site.render_with(&template, &context);
        assert!(dependencies.iter().any(|dependency| matches!(dependency, Dependency::Remote(_))), "{dependencies:?}");
        let secret = format!("{{% set key = get_env(name='CARGO_PKG_NAME') %}}{template}");
        let (rendered, dependencies) = site.render_with(&secret, &context);
        assert_eq!(rendered.unwrap(), "tea");
        assert!(!format!("{dependencies:?}").contains(&server.url("/")), "{dependencies:?}");
        let private =
            dependencies.iter().find(|dependency| matches!(dependency, Dependency::PrivateRemote(_))).unwrap();
        assert_ne!(site.library.fingerprint(private), Fingerprint(0));
        assert_eq!(site_with(&server).library.fingerprint(private), Fingerprint(0));
    }
}
