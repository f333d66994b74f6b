//! How work is shared between threads.

/// How many items of a list a thread takes at once, at most.
///
/// Rayon parts a list into about as many pieces as there are threads, and more only when one of them has nothing to do.
/// What a thread has begun by then is its own, which with few threads is up to a quarter of a site, for which the others
/// wait. It is for work of at least some microseconds an item.
pub(crate) const AT_ONCE: usize = 16;
