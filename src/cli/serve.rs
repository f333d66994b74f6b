use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use super::{count, say, show_error};
use crate::build::Options;
use crate::clock;
use crate::config::check_is_site;
use crate::content::CommentStatus;
use crate::diagnostic::{self, Diagnostic, summary};
use crate::serve::{self, Preview, SiteView};
use crate::source::DiskWorld;

/// Show the site in a browser while you write
///
/// An edit appears in the open page without a reload, and so does a mistake, with its line and what to do about it.
/// Nothing is written into public. A reply sent with a page's form is written to a file beside the post, and waits there
/// for approval.
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
    /// Approve replies sent to the preview at once
    #[arg(long)]
    approve: bool,
}

impl Serve {
    pub fn run(self, root: PathBuf) -> ExitCode {
        // The preview shows a site with mistakes, but without a site, or with a wrong clock, it cannot start.
        if let Err(problem) = check_is_site(&DiskWorld::new(&root)).and_then(|()| clock::read().map(drop)) {
            return show_error(problem);
        }
        let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return show_error(Diagnostic::error(format!("the server cannot start: {error}"))),
        };
        let result = runtime.block_on(self.serve(root));
        // Do not wait for a page that is still being rendered.
        runtime.shutdown_background();
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => show_error(problem),
        }
    }

    async fn serve(self, root: PathBuf) -> Result<(), Diagnostic> {
        let start = Instant::now();
        let Self { port, interface, open, drafts, future, approve } = self;
        let listener = serve::bind(interface, port).await.map_err(|error| {
            let wanted = port.map_or_else(|| interface.to_string(), |port| format!("{interface}:{port}"));
            Diagnostic::error(format!("cannot serve at {wanted}: {error}"))
                .help("choose another port with `--port`, or leave it out to get a free one")
        })?;
        let bound = listener.local_addr().map_err(|error| Diagnostic::error(format!("cannot serve: {error}")))?;
        // `0.0.0.0` is no address that a browser can open; the loopback address always works on this computer.
        let loopback = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), bound.port());
        let bound = if interface.is_unspecified() { loopback } else { bound };
        let options = Options {
            root: root.clone(),
            base_url: Some(format!("http://{bound}")),
            drafts,
            future,
            ..Options::default()
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

        let watched = preview.clone();
        let watcher = serve::watch(&root, &preview.output_folder(), move || {
            let start = Instant::now();
            watched.reload();
            say(format_args!("Changed ({} ms)", start.elapsed().as_millis()));
        });
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
            Diagnostic::error(format!("the site's folder cannot be watched: {error}"))
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
