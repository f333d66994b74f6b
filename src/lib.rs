//! Causerie: a static site generator for writing that is talked about.
//!
//! A site is a pure function of its source files, in five phases, each a module of its own:
//!
//! 1. read: [`source`], where bytes come from;
//! 2. parse: [`config`] and [`content`], one file at a time;
//! 3. link and plan: [`site`], the graph and the list of what must exist;
//! 4. render: [`templates`] and [`markdown`];
//! 5. write: [`build`].
//!
//! [`replies`] is how readers add to the source files, [`inbox`] the server that they send to, and [`serve`] shows the site while it is being written.
//!
//! `ARCHITECTURE.md` is the map; `docs/dev/` has the details.

pub mod allocator;
pub mod build;
pub mod cli;
pub mod clock;
pub mod config;
pub mod content;
pub mod diagnostic;
pub mod inbox;
mod locks;
pub mod markdown;
mod nfc;
mod parallel;
pub mod replies;
pub mod search;
pub mod serve;
pub mod site;
pub mod source;
pub mod templates;

#[cfg(test)]
#[global_allocator]
static ALLOCATOR: allocator::BoundedAllocator<std::alloc::System> = allocator::BoundedAllocator(std::alloc::System);
