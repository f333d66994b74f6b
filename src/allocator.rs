//! The program's allocator, which can put a thread to rest that asks for memory without end, or calls itself without end.
//!
//! It is how a library is bounded that has no bound of its own and cannot be stopped from outside: the count of what it
//! asks for is the same on every machine, which a time limit is not.

#![expect(unsafe_code, reason = "`GlobalAlloc` is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::thread::{self, LocalKey};

/// A thread in [`bounded`] may ask for a piece of memory of this size at most.
pub const LARGEST_PIECE: usize = 2 << 20;

/// What is left of the stack for what happens at the end of [`bounded_depth`].
const STACK_RESERVE: usize = 1 << 20;

/// What is called once when a bound is passed.
type OnExcess = Box<dyn FnOnce()>;

thread_local! {
    /// What happens when this thread asks for a larger piece; nothing does unless it is in [`bounded`].
    static ON_EXCESS: Cell<Option<OnExcess>> = const { Cell::new(None) };
    /// What happens when the stack of this thread is nearly full, if it is in [`bounded_depth`].
    static ON_DEPTH: Cell<Option<OnExcess>> = const { Cell::new(None) };
    /// The lowest address that the stack may reach; 0 where there is no bound.
    static LOWEST: Cell<usize> = const { Cell::new(0) };
}

/// The address of the stack here.
#[inline]
fn stack_address() -> usize {
    let here = 0_u8;
    (&raw const here).addr()
}

/// Runs `work` in this thread. If it asks for a piece of memory that is larger than [`LARGEST_PIECE`], `on_excess` is
/// called, and the thread never wakes again.
///
/// An allocator must not unwind, so there is no way back. What the thread owns stays where it is, and so do the locks
/// that it holds: `work` must hold none that others need while it asks for so much.
///
/// Without [`BoundedAllocator`] as the program's allocator there is no bound.
pub fn bounded<T>(work: impl FnOnce() -> T, on_excess: impl FnOnce() + 'static) -> T {
    /// Takes the bound away, also after a panic.
    struct BoundGuard;
    impl Drop for BoundGuard {
        fn drop(&mut self) {
            drop(ON_EXCESS.take());
        }
    }
    ON_EXCESS.set(Some(Box::new(on_excess)));
    let _end = BoundGuard;
    work()
}

/// Runs `work` in this thread, whose stack has `stack_size` bytes and is nearly empty. If `work` calls itself until the stack is nearly
/// full, `on_excess` is called when it next asks for memory, and the thread never wakes again, as in [`bounded`].
pub fn bounded_depth<T>(stack_size: usize, work: impl FnOnce() -> T, on_excess: impl FnOnce() + 'static) -> T {
    /// Takes the bound away, also after a panic.
    struct BoundGuard;
    impl Drop for BoundGuard {
        fn drop(&mut self) {
            LOWEST.set(0);
            drop(ON_DEPTH.take());
        }
    }
    ON_DEPTH.set(Some(Box::new(on_excess)));
    LOWEST.set(stack_address().saturating_sub(stack_size.saturating_sub(STACK_RESERVE)));
    let _end = BoundGuard;
    work()
}

/// An allocator that heeds the bounds of [`bounded`] and [`bounded_depth`].
#[derive(Debug)]
pub struct BoundedAllocator<A>(pub A);

impl<A> BoundedAllocator<A> {
    #[inline]
    fn look_at(size: usize) {
        if size > LARGEST_PIECE {
            Self::stop(&ON_EXCESS);
        }
        if LOWEST.try_with(|lowest| stack_address() < lowest.get()).unwrap_or(false) {
            let _ = LOWEST.try_with(|lowest| lowest.set(0));
            Self::stop(&ON_DEPTH);
        }
    }

    #[cold]
    fn stop(bound: &'static LocalKey<Cell<Option<OnExcess>>>) {
        // The bound is taken away first, so that whatever is called may ask for memory itself.
        if let Some(on_excess) = bound.try_with(Cell::take).ok().flatten() {
            on_excess();
            loop {
                thread::park();
            }
        }
    }
}

// SAFETY: everything is handed on to an allocator that keeps the contract. Before that a thread may stop for ever, which
// is no unwinding, and nothing has been asked of that allocator yet.
unsafe impl<A: GlobalAlloc> GlobalAlloc for BoundedAllocator<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::look_at(layout.size());
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::look_at(layout.size());
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::look_at(size);
        // SAFETY: as the caller promises.
        unsafe { self.0.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { self.0.dealloc(pointer, layout) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_thread_that_calls_itself_without_end_rests() {
        const STACK_SIZE: usize = 4 << 20;
        fn call(depth: usize) -> usize {
            let depth = std::hint::black_box(vec![depth]);
            if depth[0] == usize::MAX { 0 } else { call(depth[0] + 1) + 1 }
        }
        let (sender, receiver) = mpsc::channel();
        let work = move || {
            let excess = sender.clone();
            sender.send(bounded_depth(STACK_SIZE, || vec![1_u8; 2 * LARGEST_PIECE].len(), || {})).unwrap();
            bounded_depth(STACK_SIZE, || call(0), move || excess.send(1).unwrap());
            sender.send(2).unwrap();
        };
        thread::Builder::new().stack_size(STACK_SIZE).spawn(work).unwrap();
        assert_eq!(receiver.iter().take(2).collect::<Vec<_>>(), [2 * LARGEST_PIECE, 1]);
    }

    #[test]
    fn a_thread_that_asks_for_too_much_rests() {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let excess = sender.clone();
            let small = bounded(|| vec![0_u8; LARGEST_PIECE].len(), || {});
            sender.send(small).unwrap();
            // Without a bound it may have as much as it likes.
            sender.send(vec![1_u8; 2 * LARGEST_PIECE].len()).unwrap();
            let on_excess = move || excess.send(1).unwrap();
            let mut numbers = vec![0_u64];
            let work = || {
                while numbers.len() < usize::MAX {
                    numbers.push(0);
                }
            };
            bounded(work, on_excess);
            sender.send(numbers.len()).unwrap();
        });
        assert_eq!(receiver.iter().take(3).collect::<Vec<_>>(), [LARGEST_PIECE, 2 * LARGEST_PIECE, 1]);
    }
}
