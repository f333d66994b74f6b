use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;

use super::{count, say, show_error};
use crate::build::{self, Options};
use crate::clock;
use crate::config::{self, check_is_site};
use crate::content::CommentStatus;
use crate::diagnostic::{self, Diagnostic, Severity, summary};
use crate::serve::{self, Preview, SiteView, WatchOptions};
use crate::source::DiskWorld;

/// Show the site in a browser while you write
///
/// An edit appears in the open page without a reload, and so does a mistake, with its line and what to do about it.
/// Nothing is written into public, except with --store-html. A reply sent with a page's form is written to a file beside the
/// post, and waits there for approval.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie serve                          Show the site at http://127.0.0.1:1111
  causerie serve --open --drafts          Open the browser, and show drafts as well
  causerie serve --interface 192.168.1.7  Show it to other computers: the address of this one in the network")]
pub struct Serve {
    /// The port to listen on [default: 1111, or the next free one]
    #[arg(long, short, value_name = "PORT")]
    port: Option<u16>,
    /// The address of the network interface to listen on
    #[arg(long, short, value_name = "IP", default_value = "127.0.0.1")]
    interface: IpAddr,
    /// Open the site in the browser
    #[arg(long, short = 'O')]
    open: bool,
    /// Include drafts, with a mark
    #[arg(long)]
    drafts: bool,
    /// Show posts that `future = "hold"` in site.toml holds back without a mark, as they will look on their date
    #[arg(long)]
    future: bool,
    /// Send no requests: data of other servers is what an earlier run has kept
    #[arg(long)]
    offline: bool,
    /// Approve replies sent to the preview at once
    #[arg(long)]
    approve: bool,
    /// The address that the pages are written for, if a proxy shows the preview at another one; its host is answered too
    #[arg(long, short = 'u', value_name = "URL", value_parser = super::base_url)]
    base_url: Option<String>,
    /// Do not add the port to the address of `--base-url`
    #[arg(long, requires = "base_url")]
    no_port_append: bool,
    /// Also write the site into the output folder, as `causerie build` does, at the start and after each change
    #[arg(long)]
    store_html: bool,
    /// The folder that `--store-html` writes into [default: `output_dir` in site.toml, or public]
    #[arg(long, short, visible_alias = "output-dir", value_name = "DIR")]
    output: Option<PathBuf>,
    /// Allow `--store-html` to remove most of the site from the output folder
    #[arg(long)]
    force: bool,
    /// Accepted because Zola has it: the preview always renders only what a change concerns
    #[arg(long, short)]
    fast: bool,
    /// Another file or folder that is watched for changes, below the site's folder or elsewhere
    #[arg(long, value_name = "PATH")]
    extra_watch_path: Vec<PathBuf>,
    /// Look at the site only after nothing has changed for this time [default: a few milliseconds]
    #[arg(long, short, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    debounce: Option<u64>,
}

impl Serve {
    pub fn run(self, root: PathBuf, config: Option<String>) -> ExitCode {
        // The preview shows a site with mistakes, but without a site, or with a wrong clock, it cannot start.
        if let Err(problem) =
            check_is_site(&DiskWorld::new(&root), config.as_deref()).and_then(|()| clock::read().map(drop))
        {
            return show_error(problem);
        }
        let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return show_error(Diagnostic::error(format!("the server cannot start: {error}"))),
        };
        let result = runtime.block_on(self.serve(root, config));
        // Do not wait for a page that is still being rendered.
        runtime.shutdown_background();
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => show_error(problem),
        }
    }

    async fn serve(self, root: PathBuf, config: Option<String>) -> Result<(), Diagnostic> {
        let start = Instant::now();
        let Self {
            port, interface, open, drafts, future, offline, approve, store_html, output, force, fast: _, ..
        } = self;
        let more = WatchOptions {
            paths: self.extra_watch_path,
            debounce: self.debounce.map(Duration::from_millis).unwrap_or_default(),
        };
        let listener = serve::bind(interface, port).await.map_err(|error| {
            let wanted = port.map_or_else(|| interface.to_string(), |port| format!("{interface}:{port}"));
            Diagnostic::error(format!("cannot serve at {wanted}: {error}"))
                .help("choose another port with `--port`, or leave it out to get a free one")
        })?;
        let bound = listener.local_addr().map_err(|error| Diagnostic::error(format!("cannot serve: {error}")))?;
        // `0.0.0.0` is no address that a browser can open; the loopback address always works on this computer.
        let loopback = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), bound.port());
        let bound = if interface.is_unspecified() { loopback } else { bound };
        let shown = match &self.base_url {
            Some(base_url) => shown_address(base_url, bound.port(), !self.no_port_append),
            None => format!("http://{bound}"),
        };
        let options = Options {
            root: root.clone(),
            config,
            base_url: Some(shown),
            drafts,
            future,
            offline,
            ..Options::default()
        };
        let built = Options { output: output.clone(), base_url: None, shrink: force, ..options.clone() };
        let store = move || {
            if store_html {
                write_site(&built);
            }
        };
        let reply_status = if approve { CommentStatus::Approved } else { CommentStatus::Pending };
        let preview = tokio::task::spawn_blocking(move || Preview::new(options, reply_status))
            .await
            .map_err(|error| Diagnostic::error(format!("the site could not be loaded: {error}")))?;

        let mut reported = ReportedProblems::default();
        reported.update(&preview);
        let address = format!("http://{bound}{}", preview.base_path());
        let pages = preview.pages();
        say(format_args!(
            "Serving {} at {address} (ready in {:.2} s); stop it with Ctrl-C",
            count(pages, "page"),
            start.elapsed().as_secs_f64()
        ));
        if open && let Err(error) = opener::open_browser(&address) {
            say(format_args!("The browser could not be opened: {error}"));
        }

        // A file that is written there is no change of the site.
        let written_folder = match output.map(std::path::absolute) {
            Some(Ok(folder)) => folder,
            _ => preview.output_folder(),
        };
        let watched = preview.clone();
        let store_changes = store.clone();
        let watcher = serve::watch_more(&root, &written_folder, more, move || {
            let start = Instant::now();
            watched.reload();
            say(format_args!("Changed ({} ms)", start.elapsed().as_millis()));
            store_changes();
        });
        tokio::task::spawn_blocking(store);
        // The watcher did not report changes made before it started.
        let late = preview.clone();
        tokio::task::spawn_blocking(move || late.reload_if_changed());
        // Some mistakes are found only when a browser requests the page that they are on.
        let (current, mut version) = (preview.clone(), preview.version());
        tokio::spawn(async move {
            while version.changed().await.is_ok() {
                reported.update(&current);
            }
        });
        let _watcher = watcher.map_err(|error| {
            Diagnostic::error(format!("the site's folder, or an --extra-watch-path, cannot be watched: {error}"))
                .help("on Linux the number of folders that can be watched is in /proc/sys/fs/inotify/max_user_watches")
        })?;
        let shutdown = async {
            // Without a signal to wait for, the server runs until it is killed.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        serve::serve(listener, preview, interface, shutdown)
            .await
            .map_err(|error| Diagnostic::error(format!("the server failed: {error}")))
    }
}

/// Writes the site into its output folder. The preview prints the mistakes of the site, so only those of the folder are printed
/// here.
fn write_site(options: &Options) {
    let report = build::build(options);
    if report.failed() {
        let of_folder = |problem: &&Diagnostic| problem.location.is_none() && problem.severity == Severity::Error;
        for problem in report.diagnostics.iter().filter(of_folder) {
            say(format_args!("{}\n", diagnostic::report(problem)));
        }
        say("The site was not written");
    } else if report.summary.written > 0 || report.summary.removed > 0 {
        say(format_args!("Wrote {}", count(report.summary.written, "file")));
    }
}

/// Returns the address that the pages of the preview are written for.
fn shown_address(base_url: &str, port: u16, has_port: bool) -> String {
    // A path is right at any port.
    if base_url.starts_with('/') {
        return base_url.to_owned();
    }
    let base_url = base_url.trim_end_matches('/');
    let (origin, folder) = config::split_origin(base_url);
    let names_port = origin.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    match has_port && !names_port {
        true => format!("{origin}:{port}{folder}"),
        false => base_url.to_owned(),
    }
}

/// The problems that the terminal shows already.
#[derive(Default)]
struct ReportedProblems(Vec<Diagnostic>);

impl ReportedProblems {
    /// Prints the problems of the site, unless they are the ones that were printed last.
    fn update(&mut self, preview: &Preview) {
        let problems = preview.all_problems();
        if self.0 == problems {
            return;
        }
        for problem in &problems {
            say(format_args!("{}\n", diagnostic::report(problem)));
        }
        say(if problems.is_empty() { "All is well again".to_owned() } else { summary(&problems) });
        self.0 = problems;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_belongs_to_the_address_unless_it_has_one() {
        for (base_url, has_port, expected) in [
            ("http://dev.example", true, "http://dev.example:1111"),
            ("http://dev.example/", false, "http://dev.example"),
            ("https://dev.example/blog/", true, "https://dev.example:1111/blog"),
            ("http://dev.example:80", true, "http://dev.example:80"),
            ("http://[::1]", false, "http://[::1]"),
            ("/", true, "/"),
            ("/blog/", true, "/blog/"),
        ] {
            assert_eq!(shown_address(base_url, 1111, has_port), expected);
        }
    }
}
