//! The routes of moderation.

/// The path of the first page of moderation.
pub const HOME: &str = "/-/moderate";

/// Whether a path belongs to moderation.
pub fn has_path(path: &str) -> bool {
    path.strip_prefix(HOME).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a request is for, by the rest of its path after [`HOME`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The list of replies, and commands about them.
    Replies,
    /// A link that signs in.
    SignIn,
    /// A link that decides about one reply.
    Decide,
    /// Signing out.
    SignOut,
    /// Signing out on all devices, which also revokes all links.
    SignOutEverywhere,
}

impl Route {
    /// Returns the route of a path, if there is one.
    pub fn of(path: &str) -> Option<Self> {
        match path.strip_prefix(HOME)? {
            "" | "/" => Some(Self::Replies),
            "/enter" => Some(Self::SignIn),
            "/decide" => Some(Self::Decide),
            "/leave" => Some(Self::SignOut),
            "/leave-everywhere" => Some(Self::SignOutEverywhere),
            _ => None,
        }
    }
}
