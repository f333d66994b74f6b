//! What every part of the preview server shares.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::watch;

use super::site_view::SiteView;

/// The state of the preview server.
pub struct ServerState {
    /// The site that the server shows.
    pub view: Arc<dyn SiteView>,
    /// The address of the network interface that the server listens on.
    pub interface: IpAddr,
    /// Becomes true when the server stops.
    pub stopping: watch::Receiver<bool>,
}
