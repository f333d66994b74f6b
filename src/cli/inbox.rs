use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;

use super::{fail, say, show};
use crate::config::Config;
use crate::config::comments::Network;
use crate::diagnostic::Diagnostic;
use crate::inbox::{self, AppState, CONNECTIONS, Inbox as Server, Origins, PORT, THREADS, mail};
use crate::serve;

/// Take readers' replies
///
/// A small server for the reply form of the published site: what it takes waits in the folder inbox until you decide about
/// it with `causerie comments`. It serves no page, so that the site is there without it. Put a proxy before it that
/// speaks HTTPS, and passes the address on that `endpoint` in site.toml names.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  causerie inbox                                  Listen at 127.0.0.1:8377, for a proxy on this machine
  causerie inbox --trusted-proxy 127.0.0.1        Believe that proxy whose request it passes on
  causerie inbox --interface 0.0.0.0 --port 80    Listen to everybody

Every request is told in a line of JSON, without anything that a reader wrote or could be known by.
GET /-/health says whether replies can be kept.")]
pub struct Inbox {
    /// The port
    #[arg(long, short, value_name = "PORT", default_value_t = PORT)]
    port: u16,
    /// The address of the network interface
    #[arg(long, short, value_name = "IP", default_value = "127.0.0.1")]
    interface: IpAddr,
    /// A proxy, or a network of them, that is believed whose requests it passes on (X-Forwarded-For)
    #[arg(long, value_name = "IP")]
    trusted_proxy: Vec<Network>,
    /// Another name by which a proxy calls this server
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// The most connections that may wait
    #[arg(long, value_name = "NUMBER", default_value_t = CONNECTIONS)]
    connections: usize,
}

impl Inbox {
    pub fn run(self, root: PathBuf) -> ExitCode {
        let desk = match AppState::open(&root, &self.trusted_proxy) {
            Ok(desk) => desk,
            Err(mut problems) => return show(&mut problems),
        };
        let runtime =
            match tokio::runtime::Builder::new_multi_thread().max_blocking_threads(THREADS).enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return fail(Diagnostic::error(format!("the server cannot start: {error}"))),
            };
        // What is being written is finished before this ends.
        match runtime.block_on(self.serve(root, desk)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => fail(problem),
        }
    }

    async fn serve(self, root: PathBuf, desk: AppState) -> Result<(), Diagnostic> {
        let Self { port, interface, host, connections, .. } = self;
        let config = desk.config();
        let endpoint = config.comments.endpoint.clone().ok_or_else(|| no_endpoint(&config))?;
        let place = SocketAddr::new(interface, port);
        let failed = |error: std::io::Error| {
            Diagnostic::error(format!("cannot listen at {place}: {error}")).help("choose another port with `--port`")
        };
        let listener = TcpListener::bind(place).await.map_err(failed)?;
        let place = listener.local_addr().map_err(failed)?;
        let origins = Origins::new(&config.base_url, &endpoint, &format!("http://{place}"), &host);
        let mailer = mail::Mailer::open(&root, &config)?;
        let output = config.output_dir.clone();
        let inbox = Arc::new(Server::new(desk, origins, endpoint));
        say(format_args!("Taking replies to {} at http://{place}; stop it with Ctrl-C", config.base_url));

        if let Some(mailer) = mailer {
            mail::open(Arc::clone(&inbox), mailer)
                .map_err(|error| Diagnostic::error(format!("nobody can send mail: {error}")))?;
        }
        let watched = Arc::clone(&inbox);
        let watcher = serve::watch(&root, output.as_ref(), move || watched.desk.reload());
        let _watcher = watcher.map_err(|error| {
            Diagnostic::error(format!("the site's folder cannot be watched: {error}"))
                .help("on Linux the number of folders that can be watched is in /proc/sys/fs/inotify/max_user_watches")
        })?;
        // What changed before the watch began was not told.
        let late = Arc::clone(&inbox);
        tokio::task::spawn_blocking(move || late.desk.reload());
        inbox::serve(listener, inbox, connections, stopped())
            .await
            .map_err(|error| Diagnostic::error(format!("the server failed: {error}")))
    }
}

/// What to say to who wants an inbox and has none.
pub fn no_endpoint(config: &Config) -> Diagnostic {
    Diagnostic::error("the reply form posts nowhere, so that no reply can come")
        .at(config.location("comments"))
        .help("say where: endpoint = \"/-/comments\" in [comments], or the address of another host")
}

/// Waits until somebody wants the server to end.
async fn stopped() {
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
