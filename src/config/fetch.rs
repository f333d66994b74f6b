//! `[fetch]`: what a build loads from other servers.

use std::time::Duration;

use crate::fetch::{AllowedHost, Limits};
use crate::source::Table;

/// What a build may load from other servers.
#[derive(Clone, Debug, Default)]
pub struct Fetch {
    /// The hosts that may be requested although they are not public.
    pub private_hosts: Vec<AllowedHost>,
    /// The limits of a request.
    pub limits: Limits,
}

/// No request may take longer than this many seconds.
const LONGEST: usize = 600;

/// No response may be larger than this many megabytes.
const LARGEST: usize = 1024;

impl Fetch {
    pub(super) fn read(mut table: Table) -> Self {
        let private_hosts = table.list::<String>("private_hosts").unwrap_or_default();
        let private_hosts = private_hosts.into_iter().filter_map(|(host, span)| match host.parse() {
            Ok(host) => Some(host),
            Err(help) => {
                table.reading().error(span, format!("`{host}` is not a host"), help);
                None
            }
        });
        let private_hosts = private_hosts.collect();
        let default = Limits::default();
        let time = number(&mut table, "timeout", "seconds", LONGEST);
        let size = number(&mut table, "max_size", "megabytes", LARGEST);
        let limits = Limits {
            time: time.map_or(default.time, |seconds| Duration::from_secs(seconds as u64)),
            size: size.map_or(default.size, |megabytes| megabytes << 20),
            ..default
        };
        table.close();
        Self { private_hosts, limits }
    }
}

fn number(table: &mut Table, key: &'static str, unit: &str, largest: usize) -> Option<usize> {
    let (number, span) = table.spanned::<usize>(key)?;
    if (1..=largest).contains(&number) {
        return Some(number);
    }
    let message = format!("`{key}` is a number of {unit} from 1 to {largest}");
    table.reading().error(span, message, format!("for example: {key} = 30"));
    None
}
