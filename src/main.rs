//! The entry point: passes the arguments to the command line.

use std::process::ExitCode;

use causerie::allocator::BoundedAllocator;

#[global_allocator]
static ALLOCATOR: BoundedAllocator<mimalloc::MiMalloc> = BoundedAllocator(mimalloc::MiMalloc);

fn main() -> ExitCode {
    causerie::cli::run(std::env::args_os())
}
