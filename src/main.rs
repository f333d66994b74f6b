//! Start here: arguments in, one command, one report out.

use std::process::ExitCode;

use causerie::allocator::BoundedAllocator;

#[global_allocator]
static ALLOCATOR: BoundedAllocator<mimalloc::MiMalloc> = BoundedAllocator(mimalloc::MiMalloc);

fn main() -> ExitCode {
    causerie::cli::run(std::env::args_os())
}
