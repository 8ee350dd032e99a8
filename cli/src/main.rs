//! `flux-audit`: the command line.

mod args;
mod check;
mod explain;
mod export;
mod input;
mod output;
mod serve;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// A check makes some million small values, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What went wrong before there was a verdict; exit code 2.
type Failure = String;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Command::Check(options) => check::run(&options),
        Command::Explain(options) => explain::explain(&options),
        Command::Controls(options) => explain::controls(&options),
        Command::Export(options) => export::run(&options),
        Command::Serve(options) => serve::run(&options),
        Command::Version => {
            output::to_stdout(&format!("flux-audit {}\n", policy_core::VERSION)).map(|()| ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|failure| {
        output::to_stderr(&format!("error: {failure}\n"));
        ExitCode::from(2)
    })
}
