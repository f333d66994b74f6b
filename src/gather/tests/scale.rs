//! A large site: what a run asks for, keeps and takes.

use std::time::Instant;

use super::*;

/// What two runs on a site asked for and kept.
struct Figures {
    first_requests: usize,
    second_requests: usize,
    second_conditional: usize,
    ledger_bytes: usize,
    cache_bytes: usize,
    waiting: usize,
}

/// Gathers twice for a site with so many posts, of which so many are discussed, with so many replies each.
fn gather_twice(posts: usize, discussed: usize, replies: u64) -> Figures {
    let server = Server::start(move |request, stream| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let number: u64 = path.split('/').nth(4).and_then(|id| id.parse().ok()).unwrap_or_default();
        let text = if request.contains("if-none-match: \"v1\"") {
            answer("304 Not Modified", "etag: \"v1\"\r\n", "")
        } else if path.ends_with("/context") {
            let of = |reply: u64| {
                let mut status = status(number * 1000 + reply, number, "jo", &format!("<p>{}</p>", "Tea. ".repeat(40)));
                status["in_reply_to_id"] =
                    if reply % 3 == 2 { number * 1000 + reply - 1 } else { number }.to_string().into();
                status
            };
            let descendants: Vec<_> = (0..replies).map(of).collect();
            answer("200 OK", "etag: \"v1\"\r\n", &serde_json::json!({ "descendants": descendants }).to_string())
        } else {
            let mut post = status(number, 0, "ada", "");
            post["replies_count"] = replies.into();
            answer("200 OK", "", &post.to_string())
        };
        let _ = stream.write_all(text.as_bytes());
    });
    let (host, site) = (server.host(), tempfile::tempdir().unwrap());
    let config = format!(
        "base_url = \"https://blog.example\"\n[fetch]\nprivate_hosts = [\"{host}\"]\n[gather]\ndelay = 0\nmax_requests = 1000000\n\
         [gather.servers]\nmastodon = \"http://{host}\"\n"
    );
    write(site.path(), "site.toml", &config);
    for number in 0..posts {
        let discussion = match number < discussed {
            true => format!("[discussions]\nmastodon = \"http://{host}/@ada/{}\"\n", number + 1),
            false => String::new(),
        };
        let text =
            format!("+++\ntitle = \"Post {number}\"\ndate = 2026-01-01\n{discussion}+++\n{}", "Words. ".repeat(500));
        write(site.path(), &format!("content/p{number}.md"), &text);
    }
    let root = site.path().to_owned();
    let options =
        Options { cache: root.join(".causerie"), root, posts: Vec::new(), since: None, all: true, dry_run: false };
    let run = || {
        let start = Instant::now();
        let report = gather(&options, &|_, _| {}).unwrap();
        println!("{:.1} s, peak memory {}: {}", start.elapsed().as_secs_f64(), peak_memory(), report.text(false));
        assert_eq!(report.problems, []);
        report
    };
    let first = run();
    let first_requests = server.requests().len();
    let second = run();
    assert_eq!(second.unchanged, discussed);
    let later = &server.requests()[first_requests..];
    let size = |path: &str| usize::try_from(fs::metadata(site.path().join(path)).unwrap().len()).unwrap();
    Figures {
        first_requests,
        second_requests: later.len(),
        second_conditional: later.iter().filter(|request| request.contains("if-none-match")).count(),
        ledger_bytes: size("imports/gather.toml"),
        cache_bytes: size(".causerie/gather.json"),
        waiting: first.waiting,
    }
}

/// The most memory that this process had so far, as Linux says it.
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("unknown").trim().to_owned()
}

#[test]
fn a_run_without_news_makes_one_request_for_each_discussion() {
    let sizes = [(10, 3), (40, 12)].map(|(posts, discussed)| (discussed, gather_twice(posts, discussed, 5)));
    for (discussed, figures) in &sizes {
        assert_eq!(figures.first_requests, 2 * discussed);
        assert_eq!((figures.second_requests, figures.second_conditional), (*discussed, *discussed));
        assert_eq!(figures.waiting, 5 * discussed);
    }
    // What is kept beside the replies themselves grows with their number, and no faster.
    let [(few, small), (many, large)] = sizes;
    let factor = many / few;
    assert!(large.ledger_bytes <= small.ledger_bytes * factor + 64 * many);
    assert!(large.cache_bytes <= small.cache_bytes * factor + 64 * many);
    assert!(large.ledger_bytes < 250 * large.waiting, "a few words for each reply, and not its text");
}

/// Run it alone: `cargo nextest run --run-ignored only --no-capture gather::tests::scale`.
#[test]
#[ignore = "a measurement, which takes minutes"]
fn three_thousand_discussions() {
    let Figures { first_requests, second_requests, ledger_bytes, cache_bytes, waiting, .. } =
        gather_twice(10_000, 3_000, 33);
    println!(
        "{first_requests} requests, then {second_requests}; {waiting} replies, ledger {ledger_bytes} bytes, cache {cache_bytes} bytes"
    );
}
