//! Bad input, bad places and bad moments: what a build does when things are not as they should be.

mod depth;
mod emptied;
mod encoding;
mod gather;
mod leftovers;
mod links;
mod mangled;
mod names;
mod output_folder;
mod private;
mod stops;
mod support;
