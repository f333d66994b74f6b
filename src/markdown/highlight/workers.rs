//! Threads that highlight code.
//!
//! Some grammars, including some of the library's own, loop forever on some texts: a rule begins without consuming
//! input, and inside it a rule begins at the same position. The library has no limit of its own, and a thread cannot be
//! stopped from outside. But each iteration adds to the library's stack of rules, so a limit on the size of that stack
//! ([`allocator::bounded`]) ends the loop, after the same number of iterations on every machine. The thread then sleeps
//! forever, so it must not be a thread that others wait for. That is why these threads exist.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use giallo::Registry;

use super::block::Block;
use crate::allocator;
use crate::locks::lock;

/// How many threads share a registry. Each of its expressions has a lock, which is held for about half of the time.
const THREADS_PER_REGISTRY: usize = 2;

/// The most copies of the registry. One takes 30 MB.
const MAX_REGISTRIES: usize = 3;

/// The stack size of a thread. Nested captures of a line are highlighted by recursion.
const STACK_SIZE: usize = 16 << 20;

/// The threads of one highlighter: as many as ever were in use at once.
pub(super) struct Workers {
    registry: Arc<Registry>,
    copies: [OnceLock<Arc<Registry>>; MAX_REGISTRIES],
    idle: Mutex<Vec<Worker>>,
    /// How many threads were started.
    started: AtomicUsize,
}

/// What a thread returns for a block: its HTML, or why there is none.
type Outcome = Result<String, String>;

/// A thread that waits for blocks.
struct Worker {
    blocks: Sender<Arc<Block>>,
    /// The results. None means that the thread requested too much memory and sleeps.
    outcomes: Receiver<Option<Outcome>>,
}

impl Workers {
    pub fn new(registry: Arc<Registry>) -> Self {
        Self { registry, copies: Default::default(), idle: Mutex::default(), started: AtomicUsize::new(0) }
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Highlights a block.
    ///
    /// # Errors
    /// The library reports an error, or does not come to an end.
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
            // The thread sleeps, or is gone.
            Ok(None) | Err(_) => circle(),
        }
    }

    /// Starts a thread; none if the system has no more threads.
    fn start(&self) -> Option<Worker> {
        let registry = self.nth_registry(self.started.fetch_add(1, Ordering::Relaxed) / THREADS_PER_REGISTRY);
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
        thread::Builder::new().name("highlighter".to_owned()).stack_size(STACK_SIZE).spawn(work).ok()?;
        Some(Worker { blocks, outcomes })
    }

    fn nth_registry(&self, number: usize) -> Arc<Registry> {
        match number.checked_sub(1) {
            None => self.registry.clone(),
            Some(copy) => {
                let copy = &self.copies[copy % MAX_REGISTRIES];
                copy.get_or_init(|| Arc::new((*self.registry).clone())).clone()
            }
        }
    }
}
