//! Start here: arguments in, one command, one report out.

use std::process::ExitCode;

use causerie::allocator::Bounded;

#[global_allocator]
static ALLOCATOR: Bounded<mimalloc::MiMalloc> = Bounded(mimalloc::MiMalloc);

fn main() -> ExitCode {
    causerie::cli::run(std::env::args_os())
}
