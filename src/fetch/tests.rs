//! The client against servers on the loopback interface, most of them hostile.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::testing::{Server, answer};
use super::{Client, ErrorKind, FetchError, Limits, Method, Request, Response};

/// Limits that a test can wait for.
fn limits() -> Limits {
    Limits { time: Duration::from_millis(600), size: 100_000, ..Limits::default() }
}

fn get(server: &Server, path: &str) -> Result<Response, FetchError> {
    Client::new(&[server.allowed()]).send(&Request::get(&server.url(path)).unwrap().limits(limits()))
}

fn failure(server: &Server, path: &str) -> (ErrorKind, String) {
    let start = Instant::now();
    let error = get(server, path).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(3), "{error}");
    (error.kind, error.to_string())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::best());
    let mut packed = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let length = compressor.gzip_compress(bytes, &mut packed).unwrap();
    packed.truncate(length);
    packed
}

fn with_body(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{headers}\r\n").as_bytes(), body].concat()
}

#[test]
fn a_response_comes_with_its_status_and_headers() {
    let headers = "ETag: \"7\"\r\nLink: </a>; rel=webmention\r\nLink: </b>; rel=me\r\nX-Odd: \u{fc}\r\n";
    let server = Server::answering(answer("200 OK", headers, "tea"));
    let response = get(&server, "/menu?x=1#top").unwrap();
    assert_eq!((response.status, response.body.as_slice(), response.is_truncated), (200, b"tea".as_slice(), false));
    assert_eq!(response.header("etag"), Some("\"7\""));
    assert_eq!(response.headers("Link").collect::<Vec<_>>(), ["</a>; rel=webmention", "</b>; rel=me"]);
    assert_eq!(response.url.as_str(), server.url("/menu?x=1#top"));
    let request = &server.requests()[0];
    assert!(request.starts_with("GET /menu?x=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("user-agent: causerie/") && request.contains("accept-encoding: gzip"), "{request}");
}

#[test]
fn a_request_sends_headers_and_a_body() {
    let server = Server::answering(answer("201 Created", "", ""));
    let request = Request::new(Method::Post, &server.url("/")).unwrap();
    let request = request.header("X-Key", "a").unwrap().header("x-key", "b").unwrap().body(b"{\"a\":1}".to_vec());
    assert_eq!(Client::new(&[server.allowed()]).send(&request).unwrap().status, 201);
    let request = &server.requests()[0];
    assert!(request.starts_with("POST / HTTP/1.1\r\n") && request.ends_with("\r\n{\"a\":1}"), "{request}");
    assert!(request.contains("x-key: a\r\nx-key: b\r\n"), "{request}");

    let head = Request::new(Method::Head, &server.url("/")).unwrap();
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\ncontent-encoding: gzip\r\n\r\n");
    let head = Request { url: server.url("/").parse().unwrap(), ..head }.limits(limits());
    let response = Client::new(&[server.allowed()]).send(&head).unwrap();
    assert_eq!((response.status, response.body.len()), (200, 0));
}

#[test]
fn a_status_of_failure_is_a_response() {
    for (status, is_temporary) in [("404 Not Found", false), ("429 Slow", true), ("500 Oops", true), ("799 Odd", false)]
    {
        let server = Server::answering(answer(status, "Retry-After: 7\r\n", "sorry"));
        let response = get(&server, "/a?secret=1").unwrap();
        assert_eq!(response.retry_after(std::time::SystemTime::now()), Some(Duration::from_secs(7)));
        let error = response.check_status().unwrap_err();
        assert_eq!(error.is_temporary(), is_temporary, "{error}");
        assert!(error.to_string().contains(&format!("/a?…`: the server answers {}", &status[..3])), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn private_hosts_are_refused() {
    let server = Server::answering(answer("200 OK", "", ""));
    let client = Client::new(&["other.example".parse().unwrap(), "127.0.0.1:1".parse().unwrap()]);
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1"] {
        let url = server.url("/").replace("127.0.0.1", host);
        let error = client.send(&Request::get(&url).unwrap().limits(limits())).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Refused, "{error}");
        assert!(error.to_string().contains("private_hosts = [\""), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_name_is_refused_because_of_its_address() {
    use ureq::http::Uri;
    use ureq::unversioned::resolver::Resolver;
    use ureq::unversioned::transport::NextTimeout;

    // Every system resolves `localhost`; without the check of names it stands for a public name that leads home.
    let resolve = |allowed: &[&str], uri: &'static str| {
        let allowed: Vec<_> = allowed.iter().map(|host| host.parse().unwrap()).collect();
        let (config, uri) = (ureq::config::Config::default(), Uri::from_static(uri));
        super::client::resolver(&allowed).resolve(&uri, &config, NextTimeout::default())
    };
    let error = FetchError::from_ureq("x", resolve(&[], "http://localhost:8080").unwrap_err());
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.reason.contains("`localhost` leads to ") && error.help.contains("\"localhost:8080\""), "{error}");
    assert!(resolve(&["localhost:8080"], "http://localhost:8080").is_ok());
    assert!(resolve(&["localhost:8081"], "http://localhost:8080").is_err());
}

#[test]
fn redirects_are_followed_within_bounds() {
    let hop = |status: &str, to: &str| answer(status, &format!("Location: {to}\r\n"), "moved");
    let server = Server::start(move |request, stream| {
        let path = request.split(' ').nth(1).unwrap().to_owned();
        let number = |prefix: &str| path.strip_prefix(prefix).and_then(|rest| rest.parse::<u32>().ok());
        let reply = match path.as_str() {
            "/end" => answer("200 OK", "", "end"),
            "/a" => hop("302 Found", "b?x=1"),
            "/b?x=1" => hop("308 Permanent", "/end"),
            "/circle" => hop("301 Moved", "/circle2"),
            "/circle2" => hop("301 Moved", "/circle"),
            "/private" => hop("302 Found", "http://user:pw@10.0.0.1/secret"),
            "/metadata" => hop("302 Found", "http://169.254.169.254/latest"),
            "/name" => hop("302 Found", "http://localhost/"),
            "/file" => hop("302 Found", "file:///etc/passwd"),
            "/broken" => hop("302 Found", "http://[x"),
            "/nowhere" => answer("302 Found", "", ""),
            _ => hop("302 Found", &format!("/far{}", number("/far").unwrap_or_default() + 1)),
        };
        let _ = stream.write_all(reply.as_bytes());
    });
    let response = get(&server, "/a#here").unwrap();
    assert_eq!((response.body.as_slice(), response.url.as_str()), (b"end".as_slice(), &*server.url("/end#here")));
    assert_eq!(get(&server, "/nowhere").unwrap().status, 302);
    for (path, kind, expected) in [
        ("/circle", ErrorKind::Redirect, "in a circle"),
        ("/far0", ErrorKind::Redirect, "more than 10 redirects"),
        ("/private", ErrorKind::Refused, "`http://10.0.0.1/secret`: `10.0.0.1` is not a public address (private)"),
        ("/metadata", ErrorKind::Refused, "(link-local)"),
        ("/name", ErrorKind::Refused, "`localhost` is a name of a local network"),
        ("/file", ErrorKind::Redirect, "it redirects to `file:///etc/passwd`"),
        ("/broken", ErrorKind::Redirect, "which is not an address"),
    ] {
        let (found, message) = failure(&server, path);
        assert_eq!(found, kind, "{message}");
        assert!(message.contains(expected) && !message.contains("pw"), "{message}");
    }
}

#[test]
fn secrets_stay_with_their_host() {
    let target = Server::answering(answer("200 OK", "", ""));
    for (status, is_post) in
        [("302 Found", false), ("307 Temporary", false), ("303 See Other", true), ("302 Found", true)]
    {
        let server = Server::answering(answer(status, &format!("Location: {}\r\n", target.url("/")), ""));
        let client = Client::new(&[server.allowed(), target.allowed()]);
        let url = server.url("/").replace("//", "//me:secret@");
        let request = Request::new(if is_post { Method::Post } else { Method::Get }, &url).unwrap();
        let request = request.header("x-key", "secret").unwrap().header("Accept", "text/x").unwrap();
        client.send(&request.body(b"secret".to_vec())).unwrap();
        assert!(server.requests()[0].contains("authorization: Basic"), "{:?}", server.requests());
        let got = target.requests().pop().unwrap();
        assert!(got.starts_with("GET / ") && got.contains("accept: text/x"), "{got}");
        assert!(!got.contains("secret") && !got.contains("authorization"), "{got}");
    }
    let server = Server::answering(answer("307 Temporary", &format!("Location: {}\r\n", target.url("/")), ""));
    let request = Request::new(Method::Post, &server.url("/")).unwrap().body(b"secret".to_vec());
    let error = Client::new(&[server.allowed(), target.allowed()]).send(&request).unwrap_err();
    assert!(error.reason.contains("redirects the body to another host"), "{error}");
}

#[test]
fn large_bodies_are_stopped_or_cut_off() {
    let endless = |head: &'static str| {
        Server::start(move |_, stream| {
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(b"400\r\n").and_then(|()| stream.write_all(&[b'x'; 0x400])).is_ok()
                && stream.write_all(b"\r\n").is_ok()
            {}
        })
    };
    let zeros = gzip(&vec![0; 50_000_000]);
    assert!(zeros.len() < 60_000);
    let servers = [
        endless("HTTP/1.1 200 OK\r\n\r\n"),
        endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
        endless("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n"),
        Server::answering(with_body("content-encoding: gzip\r\n", &zeros)),
    ];
    for server in &servers {
        let (kind, message) = failure(server, "/");
        assert_eq!(kind, ErrorKind::Size, "{message}");
        assert!(message.contains("the response has more than 100000 bytes"), "{message}");
        let request = Request::get(&server.url("/")).unwrap().limits(Limits { truncates: true, ..limits() });
        let response = Client::new(&[server.allowed()]).send(&request).unwrap();
        assert_eq!((response.body.len(), response.is_truncated), (100_000, true));
    }
    // Exactly the limit is no more than it.
    let server = Server::answering(answer("200 OK", "", &"x".repeat(100_000)));
    assert_eq!(get(&server, "/").unwrap().body.len(), 100_000);
}

#[test]
fn slow_servers_are_left() {
    let slowly = |head: &'static str, piece: &'static str| {
        Server::start(move |_, stream: &mut TcpStream| {
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(piece.as_bytes()).is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        })
    };
    let silent = Server::start(|_, _| std::thread::sleep(Duration::from_secs(5)));
    let redirects = Server::start(|_, stream| {
        std::thread::sleep(Duration::from_millis(250));
        let _ = stream.write_all(answer("302 Found", &format!("Location: /{stream:p}\r\n"), "").as_bytes());
        let place = stream.peer_addr().unwrap().port();
        let _ = stream.write_all(place.to_string().as_bytes());
    });
    for server in [
        slowly("HTTP/1.1 200 OK\r\ncontent-length: 90000\r\n\r\n", "x"),
        slowly("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        slowly("HTTP/1.1 200 OK\r\nx-a: ", "x"),
        slowly("", "H"),
        silent,
        redirects,
    ] {
        let (kind, message) = failure(&server, "/");
        assert!(matches!(kind, ErrorKind::Timeout | ErrorKind::Redirect | ErrorKind::Protocol), "{message}");
    }
}

#[test]
fn broken_responses_are_errors() {
    let packed = gzip(b"tea");
    let mut broken = packed.clone();
    broken[12] ^= 0xff;
    for (bytes, kind) in [
        (b"".to_vec(), ErrorKind::Connection),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nte".to_vec(), ErrorKind::Connection),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nte".to_vec(), ErrorKind::Connection),
        (b"HTTP/1.1 200 OK\r\nx: ".to_vec(), ErrorKind::Connection),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nte\r\n".to_vec(), ErrorKind::Protocol),
        (b"HTTP/1.1 99999 OK\r\n\r\n".to_vec(), ErrorKind::Protocol),
        (b"\x00\x01\x02\xff\r\n\r\n".to_vec(), ErrorKind::Protocol),
        (b"SSH-2.0-x\r\n".to_vec(), ErrorKind::Protocol),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\ntea!".to_vec(), ErrorKind::Protocol),
        ([b"HTTP/1.1 200 OK\r\nx: ".as_slice(), &vec![b'x'; 200_000], b"\r\n\r\n"].concat(), ErrorKind::Size),
        (with_body("content-encoding: gzip\r\n", b"tea"), ErrorKind::Protocol),
        (with_body("content-encoding: gzip\r\n", &broken), ErrorKind::Protocol),
        (with_body("content-encoding: gzip\r\n", &packed[..packed.len() - 4]), ErrorKind::Protocol),
        (with_body("content-encoding: br\r\n", b"tea"), ErrorKind::Protocol),
    ] {
        let (found, message) = failure(&Server::answering(&bytes), "/");
        assert_eq!(found, kind, "{message} {}", String::from_utf8_lossy(&bytes[..bytes.len().min(90)]));
    }
    let server = Server::answering(with_body("content-encoding: gzip\r\n", &packed));
    assert_eq!(get(&server, "/").unwrap().body, b"tea");
}

#[test]
fn unreachable_servers_are_errors() {
    let (url, allowed) = {
        let server = Server::answering("");
        (server.url("/"), server.allowed())
    };
    std::thread::sleep(Duration::from_millis(50));
    let error = Client::new(&[allowed]).send(&Request::get(&url).unwrap().limits(limits())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.is_temporary() && error.reason.contains("nothing answers at this address"), "{error}");

    // A server that does not encrypt.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        // Until the client has read it.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let request = Request::get(&format!("https://{host}/")).unwrap().limits(limits());
    let error = Client::new(&[host.parse().unwrap()]).send(&request).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Certificate, "{error}");
}
