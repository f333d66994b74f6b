//! Comments by people who mean harm, and texts that mean nothing.

mod comments;
mod oracle;
mod posts;
mod vectors;
