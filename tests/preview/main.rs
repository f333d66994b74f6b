//! The preview's server over a real socket, with requests that no browser would send.

use std::net::{IpAddr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::{fs, thread};

use causerie::CommentStatus;
use causerie::build::Options;
use causerie::serve::{Preview, bind, serve};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use tempfile::TempDir;

/// A small site on a server of its own.
struct Site {
    folder: TempDir,
    address: SocketAddr,
    // The server ends with it.
    _end: tokio::sync::oneshot::Sender<()>,
}

const FILES: &[(&str, &str)] = &[
    ("site.toml", "base_url = \"https://x.example\"\ntheme = \"salon\"\n[comments]\nenabled = true\n"),
    ("content/posts/_index.md", "+++\ntitle = \"Posts\"\n+++\n"),
    ("content/posts/tea.md", "+++\ntitle = \"Tea\"\naliases = [\"old\"]\n+++\nTea.\n"),
    ("content/posts/tea.comments.md", "+++\ndate = 2024-01-01\n+++\nA comment.\n"),
    ("content/posts/shut.md", "+++\ntitle = \"Shut\"\ncomments = \"closed\"\n+++\nText.\n"),
    ("static/film.webm", "0123456789"),
    ("static/s.css", "a {}"),
    ("static/a b ü.txt", "odd name"),
    ("secret.txt", "secret"),
];

impl Site {
    fn start() -> Self {
        Self::with(&[])
    }

    /// The same with other files, or with others in the place of its own.
    fn with(others: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in FILES.iter().chain(others) {
            let place = folder.path().join("site").join(path);
            fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
            fs::write(place, text).expect("a file");
        }
        fs::write(folder.path().join("secret.txt"), "secret").expect("a file");
        let root = folder.path().join("site");
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let (send, receive) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let local: IpAddr = [127, 0, 0, 1].into();
                let listener = bind(local, Some(0)).await.expect("a free port");
                let address = listener.local_addr().expect("an address");
                let options = Options { root, base_url: Some(format!("http://{address}")), ..Options::default() };
                let preview: Arc<Preview> = Preview::new(options, CommentStatus::Pending);
                send.send(address).expect("somebody waits");
                let shutdown = async {
                    let _ = ended.await;
                };
                serve(listener, preview, local, shutdown).await.expect("a server");
            });
        });
        Self { folder, address: receive.recv().expect("an address"), _end: end }
    }

    /// Sends a request as it is, and gives back the status, the head and the body.
    fn send(&self, request: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
        stream.write_all(request.as_bytes()).expect("it is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, head.to_lowercase(), body.to_owned())
    }

    fn get_with(&self, path: &str, headers: &str) -> (u16, String, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", self.address))
    }

    fn get(&self, path: &str) -> (u16, String, String) {
        self.get_with(path, "")
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> (u16, String, String) {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        ))
    }

    fn replies(&self) -> usize {
        fs::read_dir(self.folder.path().join("site/content/posts/tea.comments")).map_or(0, Iterator::count)
    }
}

#[test]
fn pages_files_and_redirects() {
    let site = Site::start();
    for (path, status, kind) in [
        ("/", 200, "text/html; charset=utf-8"),
        ("/posts/tea/", 200, "text/html; charset=utf-8"),
        ("/posts/tea/?q=1", 200, "text/html; charset=utf-8"),
        ("/posts/tea/comments.xml", 200, "text/xml; charset=utf-8"),
        ("/s.css", 200, "text/css; charset=utf-8"),
        ("/film.webm", 200, "video/webm"),
        ("/a%20b%20%C3%BC.txt", 200, "text/plain; charset=utf-8"),
        ("/old/", 200, "text/html; charset=utf-8"),
        ("/nowhere/", 404, "text/html; charset=utf-8"),
        ("/-/live.js", 200, "text/javascript; charset=utf-8"),
    ] {
        let (found, head, _) = site.get(path);
        assert_eq!(found, status, "{path}");
        assert!(head.contains(&format!("content-type: {kind}")), "{path}: {head}");
        assert!(head.contains("x-content-type-options: nosniff") && head.contains("cache-control: no-cache"), "{head}");
    }
    let (status, head, _) = site.get("/posts/tea?q=1");
    assert!(status == 302 && head.contains("location: /posts/tea/?q=1"), "{head}");
    let (_, _, page) = site.get("/posts/tea/");
    assert!(page.contains("<p>Tea.</p>") && page.contains("src=\"/-/live.js\""), "{page}");
    let (status, _, body) =
        site.send(&format!("HEAD / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", site.address));
    assert_eq!((status, body.as_str()), (200, ""));
    for method in ["PUT", "DELETE", "POST", "OPTIONS", "TRACE"] {
        let request = format!("{method} / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", site.address);
        assert_eq!(site.send(&request).0, 405, "{method}");
    }
}

#[test]
fn nothing_but_outputs_is_served() {
    let site = Site::start();
    for path in [
        "/secret.txt",
        "/site.toml",
        "/content/posts/tea.md",
        "/posts/tea.md",
        "/posts/tea.comments.md",
        "/../secret.txt",
        "/../../outside.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/posts/..%2f..%2fsecret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/%252e%252e/secret.txt",
        "/./s.css",
        "//s.css",
        "/s.css%00",
        "/s.css/",
        "/C:/secret.txt",
        "/file:///etc/passwd",
        "//evil.example/%2f..",
        "/.causerie/lock",
        "/posts/tea/index.html%0d%0aX-Header:%20x",
    ] {
        let (status, head, body) = site.get(path);
        assert!(status == 404 || status == 400, "{path}: {head}");
        assert!(!body.contains("secret") && !head.contains("location"), "{path}: {head}\n{body}");
    }
}

#[test]
fn a_name_that_was_made_to_mean_this_computer_is_refused() {
    let site = Site::start();
    for host in ["evil.example", "localhost.evil.example", "192.168.1.1", "", "127.0.0.1@evil.example"] {
        let (status, _, body) = site.send(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        assert!(status == 421 || status == 400, "{host}: {status}");
        assert!(!body.contains("<html"), "{host}");
    }
    let (status, ..) = site.send("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(status, 400, "without a host");
    let (status, ..) = site.send("GET / HTTP/1.1\r\nHost: localhost:1111\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 200);
}

#[test]
fn media_come_in_parts() {
    let site = Site::start();
    for (range, status, part, body) in [
        ("bytes=0-3", 206, "bytes 0-3/10", "0123"),
        ("bytes=7-", 206, "bytes 7-9/10", "789"),
        ("bytes=-2", 206, "bytes 8-9/10", "89"),
        ("bytes=5-99", 206, "bytes 5-9/10", "56789"),
        ("bytes=10-", 416, "bytes */10", ""),
        ("bytes=-0", 416, "bytes */10", ""),
        ("bytes=99999999999999999999-", 416, "bytes */10", ""),
    ] {
        let (found, head, text) = site.get_with("/film.webm", &format!("Range: {range}\r\n"));
        assert_eq!((found, text.as_str()), (status, body), "{range}");
        assert!(head.contains(&format!("content-range: {part}")), "{range}: {head}");
    }
    for range in ["bytes=3-1", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b", "bytes=+1-2"] {
        let (status, _, text) = site.get_with("/film.webm", &format!("Range: {range}\r\n"));
        assert_eq!((status, text.as_str()), (200, "0123456789"), "{range}");
    }
    let (_, head, _) = site.get("/film.webm");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag").to_owned();
    assert_eq!(site.get_with("/film.webm", &format!("If-None-Match: {tag}\r\n")).0, 304);
    assert_eq!(site.get_with("/film.webm", "If-None-Match: \"other\"\r\n").0, 200);
    let (status, ..) = site.get_with("/film.webm", "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n");
    assert_eq!(status, 200);
}

#[test]
fn replies_are_taken_from_the_site_s_own_form_alone() {
    let site = Site::start();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let good = "page=%2Fposts%2Ftea%2F&author=Jo&comment=Hello";
    let own = format!("{form}Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n", site.address);
    let large = format!("page=/posts/tea/&comment={}", "a".repeat(400_000));
    for (headers, body, status) in [
        (form.to_owned() + "Origin: https://evil.example\r\n", good, 403),
        (form.to_owned() + "Origin: null\r\n", good, 403),
        (form.to_owned() + "Sec-Fetch-Site: cross-site\r\n", good, 403),
        ("Content-Type: text/plain\r\n".to_owned(), good, 415),
        (String::new(), good, 415),
        (own.clone(), "page=/posts/tea/&comment=++", 422),
        (own.clone(), "page=/posts/tea/&comment=Hi&nickname=bot", 422),
        (own.clone(), "page=/nowhere/&comment=Hi", 404),
        (own.clone(), "page=/../../etc/&comment=Hi", 404),
        (own.clone(), "page=/posts/shut/&comment=Hi", 403),
        (own.clone(), "page=/posts/tea/&comment=Hi&reply_to=nobody", 409),
        (own.clone(), "page=/posts/tea/&comment=%ff", 400),
        (own.clone(), &large, 413),
    ] {
        let (found, head, text) = site.post("/-/comments", &headers, body);
        assert_eq!(found, status, "{headers}{}: {head}", &body[..body.len().min(80)]);
        assert!(!text.is_empty());
        assert_eq!(site.replies(), 0, "{headers}");
    }
    assert_eq!(site.post("/-/other", &own, good).0, 405);
    let (status, head, _) = site.post("/-/comments", &own, good);
    assert!(status == 303 && head.contains("location: /posts/tea/#comment-"), "{head}");
    assert_eq!(site.replies(), 1);
    let (_, _, page) = site.get("/posts/tea/");
    assert!(page.contains("Hello") && page.contains("awaiting moderation"));
}

/// The program itself, until it is dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(root: &std::path::Path, arguments: &[&str]) -> (Program, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_causerie"))
        .args(["serve", "--root"])
        .arg(root)
        .args(arguments)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut lines = BufReader::new(child.stderr.take().expect("its messages")).lines().map_while(Result::ok);
    let line = lines.find(|line| line.contains("http://") || line.contains("cannot serve"));
    thread::spawn(move || lines.count());
    (Program(child), line.expect("it says where it is, or why it is not"))
}

#[test]
fn a_port_that_is_taken_is_reported_only_if_it_was_asked_for() {
    let site = Site::start();
    let root = site.folder.path().join("site");
    let (first, said) = start(&root, &[]);
    let (_second, said_too) = start(&root, &[]);
    assert!(said.contains("http://127.0.0.1:") && said_too.contains("http://127.0.0.1:"), "{said}{said_too}");
    assert_ne!(said.split("http://").nth(1), said_too.split("http://").nth(1));
    drop(first);
    let taken = site.address.port().to_string();
    let (mut refused, said) = start(&root, &["--port", &taken]);
    assert!(said.contains(&format!("cannot serve at 127.0.0.1:{taken}")), "{said}");
    assert_eq!(refused.0.wait().expect("it ends").code(), Some(1));
    assert!(!root.join("public").exists());
}

#[test]
fn a_large_file_is_sent_in_pieces() {
    let size = (1 << 20) + 300_000;
    let film: String = (0..size).map(|at: usize| char::from(b'a' + (at / 1000 % 26) as u8)).collect();
    let site = Site::with(&[("static/film.webm", &film)]);
    let (status, head, text) = site.get("/film.webm");
    assert_eq!(status, 200, "{head}");
    assert!(text == film, "it is the same film");
    for (range, part) in
        [("bytes=5-9", 5..10), ("bytes=262140-1048580", 262_140..1_048_581), ("bytes=-7", size - 7..size)]
    {
        let (status, head, text) = site.get_with("/film.webm", &format!("Range: {range}\r\n"));
        assert_eq!(status, 206, "{head}");
        assert!(text == film[part], "{range}");
    }
    let (_, head, _) = site.get("/film.webm");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag");
    assert_eq!(site.get_with("/film.webm", &format!("If-None-Match: {tag}\r\n")).0, 304);
}

const BELOW: &[(&str, &str)] = &[
    (
        "site.toml",
        "base_url = \"https://x.example/notes\"\ntheme = \"salon\"\nbuild_search_index = true\n[comments]\nenabled = true\n",
    ),
    ("static/img/a.jpg", "a picture"),
    (
        "content/posts/tea.md",
        "+++\ntitle = \"Tea\"\n+++\n![a](/img/a.jpg) ![b](/notes/img/a.jpg) [shut](@/posts/shut.md)\n",
    ),
];

#[test]
fn a_site_below_a_path_is_shown_there_and_nowhere_else() {
    let site = Site::with(BELOW);
    let (status, head, _) = site.get("/");
    assert!(status == 302 && head.contains("location: /notes/\r\n"), "{head}");
    for (path, expected) in [
        ("/notes/", 200),
        ("/notes/posts/tea/", 200),
        ("/notes/img/a.jpg", 200),
        ("/notes/salon.css", 200),
        ("/notes/posts/none/", 404),
        ("/img/a.jpg", 404),
        ("/posts/tea/", 404),
        ("/notesposts/", 404),
    ] {
        let (status, _, body) = site.get(path);
        assert_eq!(status, expected, "{path}");
        let is_outside = !path.starts_with("/notes/");
        assert_eq!(body.contains("The site lies at <a href=\"/notes/\">"), is_outside, "{path}: {body}");
    }
    let (_, _, page) = site.get("/notes/posts/tea/");
    let address = site.address;
    assert!(page.contains(&format!("href=\"http://{address}/notes/posts/shut/\"")), "{page}");
    // All that the page loads is there, and comes from below the path or from the server itself.
    for url in page.split(['"', '\'']).filter_map(|url| url.strip_prefix(&format!("http://{address}"))) {
        if url == "/img/a.jpg" {
            // The picture as its author wrote it, for others who show the page.
            continue;
        }
        assert!(url.starts_with("/notes/") || url == "/notes", "{url}");
        // This site has no page of results.
        let expected = |status: u16| matches!(status, 200 | 302) || url == "/notes/search/";
        assert!(expected(site.get(url.split('#').next().unwrap_or(url)).0), "{url}");
    }
    assert!(
        page.contains("src=\"/img/a.jpg\"") && page.contains("src=\"/-/live.js\""),
        "as the author wrote it: {page}"
    );
}

#[test]
fn the_address_of_the_site_has_the_slash_that_its_author_gave_it() {
    for (written, shown) in [("", ""), ("/", "/"), ("/notes", "/notes"), ("/notes/", "/notes/")] {
        let config = format!("base_url = \"https://x.example{written}\"\n");
        let site = Site::with(&[("site.toml", &config), ("templates/index.html", "[{{ config.base_url }}]")]);
        let base = if written.starts_with("/notes") { "/notes/" } else { "/" };
        let (_, _, page) = site.get(base);
        assert!(page.starts_with(&format!("[http://{}{shown}]", site.address)), "{written}: {page}");
    }
}

#[test]
fn a_reply_below_a_path_leads_to_where_it_is_shown() {
    let site = Site::with(BELOW);
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let (status, head, body) = site.post("/-/comments", form, "page=%2Fposts%2Ftea%2F&comment=Milk%3F");
    assert_eq!(status, 303, "{head}{body}");
    let (_, location) = head.split_once("location: ").expect("it leads on");
    let path = location.lines().next().unwrap_or_default();
    assert!(path.starts_with("/notes/posts/tea/#comment-"), "{path}");
    let (path, anchor) = path.split_once('#').expect("an anchor");
    let (status, _, page) = site.get(path);
    assert!(status == 200 && page.contains(&format!("id=\"{anchor}\"")), "{page}");
}

#[test]
fn no_other_origin_reads_or_frames_what_is_shown() {
    let site = Site::start();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let stream = {
        let mut stream = TcpStream::connect(site.address).expect("a connection");
        let request = format!("GET /-/live HTTP/1.1\r\nHost: {}\r\n\r\n", site.address);
        stream.write_all(request.as_bytes()).expect("it is sent");
        let mut head = vec![0; 1024];
        let length = stream.read(&mut head).expect("it begins at once");
        String::from_utf8_lossy(&head[..length]).to_lowercase()
    };
    let answers = [
        site.get("/").1,
        site.get("/s.css").1,
        site.get("/posts/tea").1,
        site.get("/nowhere/").1,
        site.get("/search-index/root.js").1,
        site.get("/-/live.js").1,
        site.get("/-/comments/token").1,
        site.get_with("/film.webm", "Range: bytes=0-3\r\n").1,
        site.get_with("/film.webm", "Range: bytes=99-\r\n").1,
        site.post("/-/comments", form, "page=%2Fposts%2Ftea%2F&comment=a").1,
        site.post("/-/comments", form, "page=%2Fposts%2Fshut%2F&comment=a").1,
        site.post("/-/comments", &format!("{form}Origin: http://evil.example\r\n"), "comment=a").1,
        site.send("PUT / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").1,
        site.send("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").1,
        stream,
    ];
    for head in answers {
        for header in [
            "cross-origin-resource-policy: same-origin\r\n",
            "content-security-policy: frame-ancestors 'self'\r\n",
            "x-content-type-options: nosniff\r\n",
        ] {
            assert!(format!("{head}\r\n").contains(header), "{header}: {head}");
        }
    }
}

#[test]
fn a_page_that_is_called_by_another_name_of_this_computer_leads_to_its_own() {
    let site = Site::start();
    let get = |host: &str, accept: &str| {
        site.send(&format!(
            "GET /posts/tea/?a=b HTTP/1.1\r\nHost: {host}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        ))
    };
    let here = format!("localhost:{}", site.address.port());
    let (status, head, _) = get(&here, "text/html,*/*");
    assert!(status == 302 && head.contains(&format!("location: http://{}/posts/tea/?a=b\r\n", site.address)), "{head}");
    for (host, accept) in
        [(here.as_str(), "*/*"), ("localhost:9", "text/html"), (&site.address.to_string(), "text/html")]
    {
        assert_eq!(get(host, accept).0, 200, "{host} {accept}");
    }
}

#[test]
fn the_preview_reads_the_clock_at_each_change() {
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
    let post = format!("+++\ntitle = \"Soon\"\ndate = {soon}\n+++\nText.\n");
    let config =
        "base_url = \"https://x.example\"\ntheme = \"salon\"\n[comments]\nenabled = true\n[build]\nfuture = \"hold\"\n";
    let site = Site::with(&[("site.toml", config), ("content/posts/soon.md", &post)]);
    let is_marked = || site.get("/posts/soon/").2.contains("This is held back until its date.");
    assert!(is_marked());
    let rest = (soon + jiff::SignedDuration::from_secs(1)).duration_since(jiff::Timestamp::now());
    thread::sleep(Duration::try_from(rest).unwrap_or_default());
    assert!(is_marked(), "nothing has changed yet");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(site.post("/-/comments", form, "page=%2Fposts%2Ftea%2F&comment=a").0, 303);
    assert!(!is_marked());
}

/// A network on the loopback interface that has one reply to a post.
fn network() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let host = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().expect("the connection")).lines().map_while(Result::ok);
            let is_thread = lines.next().is_some_and(|line| line.contains("/context "));
            let _ = lines.take_while(|line| !line.is_empty()).count();
            let status = |id: &str| {
                format!(
                    "{{\"id\":\"{id}\",\"url\":\"https://m.example/@jo/{id}\",\"created_at\":\"2026-01-02T10:00:00Z\",\
                     \"in_reply_to_id\":\"1\",\"visibility\":\"public\",\"content\":\"<p>From elsewhere.</p>\",\
                     \"account\":{{\"acct\":\"jo\",\"display_name\":\"Jo\",\"url\":\"https://m.example/@jo\"}}}}"
                )
            };
            let body = if is_thread { format!("{{\"descendants\":[{}]}}", status("2")) } else { status("1") };
            let _ =
                write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
    });
    host
}

#[test]
fn replies_from_elsewhere_are_gathered_for_pages_of_the_preview_alone() {
    let host = network();
    let config = format!(
        "base_url = \"https://x.example\"\ntheme = \"salon\"\n[comments]\nenabled = true\n[gather]\napprove = \"all\"\n\
         [gather.servers]\nmastodon = \"http://{host}\"\n[fetch]\nprivate_hosts = [\"{host}\"]\n"
    );
    let post = format!("+++\ntitle = \"Tea\"\n[discussions]\nmastodon = \"http://{host}/@ada/1\"\n+++\nTea.\n");
    let site = Site::with(&[("site.toml", &config), ("content/posts/tea.md", &post)]);
    let files = || fs::read_dir(site.folder.path().join("site/content/posts/tea.comments")).map_or(0, Iterator::count);
    let own = format!("Origin: http://{}\r\n", site.address);
    // Only the page that is discussed offers it.
    for (page, expected) in [("/posts/tea/", true), ("/posts/shut/", false)] {
        let mut stream = TcpStream::connect(site.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time limit");
        let request = format!("GET /-/live?watch={page} HTTP/1.1\r\nHost: {}\r\n\r\n", site.address);
        stream.write_all(request.as_bytes()).expect("it is sent");
        // The tags of the page come last.
        let events = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| line != "event: tags");
        let events: Vec<String> = events.collect();
        assert_eq!(events.iter().any(|line| line == "data: [\"Mastodon\"]"), expected, "{page}: {events:?}");
    }
    // Neither can another site make the author's computer do this, nor does it happen by looking.
    for headers in ["Origin: https://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        let (status, _, body) = site.post("/-/gather?page=/posts/tea/", headers, "");
        assert_eq!((status, files()), (403, 0), "{headers} {body}");
    }
    assert_eq!(site.get("/-/gather?page=/posts/tea/").0, 405);
    for page in ["", "?page=", "?page=/posts/shut/", "?page=/nothing/", "?page=../../secret.txt", "?page=%ff"] {
        let (status, _, body) = site.post(&format!("/-/gather{page}"), &own, "");
        assert_eq!((status, body.as_str(), files()), (409, "This page has no [discussions].", 0), "{page}");
    }
    let (status, _, body) = site.post("/-/gather?page=%2Fposts%2Ftea%2F", &own, "");
    assert_eq!((status, body.as_str()), (200, "Replies: 0 wait, 1 published, 0 held as spam, 0 changed, 0 removed."));
    assert_eq!(files(), 1);
    assert!(site.get("/posts/tea/").2.contains("From elsewhere."), "it is shown at once");
    let (_, _, body) = site.post("/-/gather?page=/posts/tea/", &own, "");
    assert_eq!((body.contains("0 published"), files()), (true, 1), "{body}");
}
