//! `[gather]`: how replies on other networks are brought in.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Network;
use super::url::is_web_address;
use crate::source::Table;

/// Which replies are published without a decision of the author's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approve {
    /// None: all wait.
    #[default]
    Nobody,
    /// Those of writers of whom the site shows a reply already, and those that the author has answered on the network.
    Known,
    /// All in which the guard finds nothing strange.
    Everybody,
}

const APPROVE: [(&str, Approve); 3] =
    [("none", Approve::Nobody), ("known", Approve::Known), ("all", Approve::Everybody)];

/// How replies on other networks are brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gather {
    /// Which replies are published at once.
    pub approve: Approve,
    /// The addresses of the author's accounts. Replies of these have the author's badge.
    pub me: Vec<String>,
    /// How many requests a run makes at most.
    pub max_requests: usize,
    /// The time between two requests to a server.
    pub delay: Duration,
    /// Servers to ask instead of the usual ones, by their addresses without a slash at the end.
    pub servers: BTreeMap<Network, String>,
}

impl Default for Gather {
    fn default() -> Self {
        Self {
            approve: Approve::Nobody,
            me: Vec::new(),
            max_requests: 1000,
            delay: Duration::from_millis(250),
            servers: BTreeMap::new(),
        }
    }
}

impl Gather {
    /// Reads the table.
    pub(super) fn read(mut table: Table) -> Self {
        let default = Self::default();
        let mut gather = Self {
            approve: table.choice("approve", &APPROVE).unwrap_or_default(),
            me: addresses(&mut table),
            max_requests: table.get_or("max_requests", default.max_requests),
            delay: table.get("delay").map_or(default.delay, |delay: usize| Duration::from_millis(delay as u64)),
            servers: BTreeMap::new(),
        };
        let mut servers = table.table("servers");
        for network in Network::ALL {
            let Some((address, span)) = servers.spanned::<String>(network.key()) else { continue };
            let address = address.trim_end_matches('/');
            if is_web_address(address) {
                gather.servers.insert(network, address.to_owned());
            } else {
                let help = "write its address, such as \"https://public.api.bsky.app\"";
                servers.reading().error(span, "this is not the address of a server", help);
            }
        }
        servers.close();
        table.close();
        gather
    }
}

fn addresses(table: &mut Table) -> Vec<String> {
    let mut addresses = Vec::new();
    for (address, span) in table.list::<String>("me").unwrap_or_default() {
        if is_web_address(&address) {
            addresses.push(address);
        } else {
            let help = "copy it from the browser, such as \"https://mastodon.example/@ada\"";
            table.reading().error(span, "this is not the address of an account", help);
        }
    }
    addresses
}
