//! Why an output is rendered again.

use std::fmt;

use crate::templates::dependencies::Dependency;

/// Why an output is rendered again.
#[derive(Debug)]
pub enum RebuildReason<'a> {
    /// It was not there before, or nothing is known of it.
    New,
    /// It is made of something else now.
    OtherRecipe,
    /// Things that it read are not as they were.
    Changed(Vec<&'a Dependency>),
    /// It was deleted.
    Gone,
    /// Somebody changed it, or could have done so unseen.
    Touched,
}

impl fmt::Display for RebuildReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("it is new"),
            Self::OtherRecipe => f.write_str("it is made of something else now"),
            Self::Gone => f.write_str("it was deleted"),
            Self::Touched => f.write_str("it was changed by hand"),
            Self::Changed(dependencies) => {
                let (first, more) = (dependencies.iter().take(3), dependencies.len().saturating_sub(3));
                let names: Vec<String> = first.map(ToString::to_string).collect();
                write!(f, "changed: {}", names.join("; "))?;
                if more > 0 { write!(f, "; and {more} more") } else { Ok(()) }
            }
        }
    }
}
