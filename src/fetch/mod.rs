//! Requests to other servers. Every request that Causerie makes over HTTP goes through [`Client`].
//!
//! A server may be hostile, and so may the author of an address. Therefore each request is bounded in time, in the size of its
//! response and in its redirects, and reaches public addresses only, unless the caller allows the host by name.

mod address;
mod cached;
mod client;
mod error;
mod hosts;
mod request;
mod response;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

pub use cached::{CacheMode, CachedClient, ResponseStore};
pub use client::Client;
pub use error::{ErrorKind, FetchError};
pub use hosts::AllowedHost;
pub use request::{Limits, Method, Request, printable};
pub use response::Response;
