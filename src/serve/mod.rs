//! The preview: the site as it is being written, in a browser.
//!
//! [`Preview`] is the site as it is at the moment, [`watch`] tells it when to look again, and [`serve`] shows it. Nothing
//! is written but the replies that are sent to it.

mod address;
mod http;
mod live;
mod preview;
mod stage;
mod watch;

pub use http::{bind, serve};
pub use preview::Preview;
pub use stage::{ReplyAnswer, Shown, Stage};
pub use watch::{Watcher, watch};
