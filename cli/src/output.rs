//! Writing, where a closed pipe is the reader's choice and no error.

use std::io::{BufWriter, ErrorKind, IsTerminal, Write};

use crate::Failure;
use crate::args::ColorArg;

/// Bytes that are written at once.
const BUFFER: usize = 1 << 16;

pub(crate) fn to_stdout(text: &str) -> Result<(), Failure> {
    write_to_stdout(|out| out.write_all(text.as_bytes()))
}

/// Writes to standard output piece by piece.
pub(crate) fn write_to_stdout(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(BUFFER, std::io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}

pub(crate) fn to_stderr(text: &str) {
    // Nobody is left to tell where this fails.
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}

/// Whether to colour standard output (`NO_COLOR` counts under `auto`).
pub(crate) fn use_color(choice: ColorArg) -> bool {
    match choice {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            !refused && std::io::stdout().is_terminal()
        }
    }
}
