use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;

use super::{say, show, show_error};
use crate::config::Config;
use crate::config::comments::Network;
use crate::diagnostic::Diagnostic;
use crate::inbox::{self, AppState, CONNECTIONS, Origins, PORT, ServerState, THREADS, mail};
use crate::serve;

/// Take readers' replies
///
/// A small server for the reply form of the published site. Replies wait in the folder inbox until you decide about
/// them with `causerie comments`. The server serves no pages, so the site works without it. Put a proxy in front of it
/// that speaks HTTPS and forwards requests for the `endpoint` in site.toml.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie inbox                                  Listen at 127.0.0.1:8377, for a proxy on this machine
  causerie inbox --trusted-proxy 127.0.0.1        Trust that proxy to report the addresses of its clients
  causerie inbox --interface 0.0.0.0 --port 80    Listen on all network interfaces

Every request is logged as a line of JSON, which holds nothing that a reader wrote and nothing that identifies one.
GET /-/health reports whether replies can be stored.")]
pub struct Inbox {
    /// The port to listen on
    #[arg(long, short, value_name = "PORT", default_value_t = PORT)]
    port: u16,
    /// The address of the network interface to listen on
    #[arg(long, short, value_name = "IP", default_value = "127.0.0.1")]
    interface: IpAddr,
    /// A proxy, or a network of proxies, whose X-Forwarded-For header is trusted
    #[arg(long, value_name = "IP")]
    trusted_proxy: Vec<Network>,
    /// Another host name that a proxy uses for this server
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// The largest number of open connections
    #[arg(long, value_name = "NUMBER", default_value_t = CONNECTIONS)]
    connections: usize,
}

impl Inbox {
    pub fn run(self, root: PathBuf) -> ExitCode {
        let app = match AppState::open(&root, &self.trusted_proxy) {
            Ok(app) => app,
            Err(mut problems) => return show(&mut problems),
        };
        let runtime =
            match tokio::runtime::Builder::new_multi_thread().max_blocking_threads(THREADS).enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return show_error(Diagnostic::error(format!("the server cannot start: {error}"))),
            };
        // Writes in progress finish before the runtime ends.
        match runtime.block_on(self.serve(root, app)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => show_error(problem),
        }
    }

    async fn serve(self, root: PathBuf, app: AppState) -> Result<(), Diagnostic> {
        let Self { port, interface, host, connections, .. } = self;
        let config = app.config();
        let endpoint = config.comments.endpoint.clone().ok_or_else(|| no_endpoint(&config))?;
        config.require_origin("the inbox takes replies only from the pages of the site")?;
        let address = SocketAddr::new(interface, port);
        let failed = |error: std::io::Error| {
            Diagnostic::error(format!("cannot listen at {address}: {error}")).help("choose another port with `--port`")
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let origins = Origins::new(&config.base_url, &endpoint, &format!("http://{address}"), &host);
        let mailer = mail::Mailer::open(&root, &config)?;
        let output = config.output_dir.clone();
        let state = Arc::new(ServerState::new(app, origins, endpoint));
        say(format_args!("Taking replies to {} at http://{address}; stop it with Ctrl-C", config.base_url));

        if let Some(mailer) = mailer {
            mail::start(Arc::clone(&state), mailer)
                .map_err(|error| Diagnostic::error(format!("the thread that sends mail cannot start: {error}")))?;
        }
        let watched = Arc::clone(&state);
        let watcher = serve::watch(&root, output.as_ref(), move || watched.app.reload());
        let _watcher = watcher.map_err(|error| {
            Diagnostic::error(format!("the site's folder cannot be watched: {error}"))
                .help("on Linux the number of folders that can be watched is in /proc/sys/fs/inotify/max_user_watches")
        })?;
        // The watcher did not report changes made before it started.
        let late = Arc::clone(&state);
        tokio::task::spawn_blocking(move || late.app.reload());
        inbox::serve(listener, state, connections, stop_signal())
            .await
            .map_err(|error| Diagnostic::error(format!("the server failed: {error}")))
    }
}

/// Returns the error for a site whose configuration names no inbox.
pub fn no_endpoint(config: &Config) -> Diagnostic {
    Diagnostic::error("the site has no `endpoint` for replies, so its reply form reaches no inbox")
        .at(config.location("comments"))
        .help("set endpoint = \"/-/comments\" in [comments], or a full address if the inbox is on another host")
}

/// Waits for a signal that asks the server to stop.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                _ = terminate.recv() => return,
                Ok(()) = interrupt => return,
            }
        }
    }
    #[cfg(not(unix))]
    if interrupt.await.is_ok() {
        return;
    }
    // Without a signal to wait for, the server runs until it is killed.
    std::future::pending::<()>().await;
}
