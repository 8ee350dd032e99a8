//! One line for each event, on standard error.

use std::io::Write;

/// Writes a line with the time in front. What comes from a request must be quoted (`{:?}`) by the caller.
pub fn line(text: &str) {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
    // Nobody is left to tell where this fails.
    drop(writeln!(std::io::stderr().lock(), "{now} {text}"));
}
