//! The inbox: the server that takes readers' replies, and what runs after a decision about one.

mod publish;

pub use publish::Publisher;
