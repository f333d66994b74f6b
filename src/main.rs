//! Start here: arguments in, one command, one report out.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    causerie::cli::run(std::env::args_os())
}
