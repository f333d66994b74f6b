//! Threads that highlight.
//!
//! Some grammars, also of those that come with the library, go round for ever on some texts: a rule begins without reading on,
//! and within it another or the same begins in the same place. The library has no bound of its own, and a thread cannot be
//! stopped from outside. But each round makes its stack of rules longer, so what bounds it is the size of that stack
//! ([`allocator::bounded`]), which is a count of rounds and the same on every machine. The thread is left asleep then, so it
//! must not be one that others wait for: hence these.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use giallo::Registry;

use super::block::Block;
use crate::allocator;
use crate::locks::lock;

/// How many threads share a registry. Each of its expressions is behind a lock, which is held for about half of the time.
const THREADS_A_REGISTRY: usize = 2;

/// How many copies of the registry there are at most. One takes 30 MB.
const MOST_COPIES: usize = 3;

/// The stack of a thread. Within a line, captures of captures are highlighted by recursion.
const STACK: usize = 16 << 20;

/// The threads of one highlighter: as many as ever wait for it at once.
pub(super) struct Workers {
    registry: Arc<Registry>,
    copies: [OnceLock<Arc<Registry>>; MOST_COPIES],
    idle: Mutex<Vec<Worker>>,
    /// How many were started.
    started: AtomicUsize,
}

/// What a thread says of a block: its HTML, or why there is none.
type Outcome = Result<String, String>;

/// A thread that waits for blocks.
struct Worker {
    blocks: Sender<Arc<Block>>,
    /// None says that the thread asked for too much and sleeps.
    outcomes: Receiver<Option<Outcome>>,
}

impl Workers {
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { registry, copies: Default::default(), idle: Mutex::default(), started: AtomicUsize::new(0) }
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Gives a block its colours.
    ///
    /// # Errors
    /// What the library says, or that it does not come to an end.
    pub fn highlight(&self, block: Arc<Block>) -> Outcome {
        let idle = lock(&self.idle).pop();
        let Some(worker) = idle.or_else(|| self.start()) else { return block.highlight(&self.registry) };
        let circle =
            || Err(format!("the grammar of the language `{}` does not come to an end with it", block.language()));
        if worker.blocks.send(block.clone()).is_err() {
            return circle();
        }
        match worker.outcomes.recv() {
            Ok(Some(outcome)) => {
                lock(&self.idle).push(worker);
                outcome
            }
            // The thread is asleep, or gone.
            Ok(None) | Err(_) => circle(),
        }
    }

    /// Starts a thread; none if the system has no more.
    fn start(&self) -> Option<Worker> {
        let registry = self.nth_registry(self.started.fetch_add(1, Ordering::Relaxed) / THREADS_A_REGISTRY);
        let (blocks, received) = mpsc::channel::<Arc<Block>>();
        let (sender, outcomes) = mpsc::channel();
        let work = move || {
            for block in received {
                let excess = sender.clone();
                let outcome = allocator::bounded(|| block.highlight(&registry), move || drop(excess.send(None)));
                if sender.send(Some(outcome)).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().name("highlighter".to_owned()).stack_size(STACK).spawn(work).ok()?;
        Some(Worker { blocks, outcomes })
    }

    fn nth_registry(&self, number: usize) -> Arc<Registry> {
        match number.checked_sub(1) {
            None => self.registry.clone(),
            Some(copy) => {
                let copy = &self.copies[copy % MOST_COPIES];
                copy.get_or_init(|| Arc::new((*self.registry).clone())).clone()
            }
        }
    }
}
