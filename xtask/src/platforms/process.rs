//! Programs in the background, and where they listen.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Ports that nobody listened on a moment ago.
pub(crate) fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut listeners = Vec::new();
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}

/// A program in the background, which ends when this is dropped.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it, with all that it says in a file.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let out = File::create(log)?;
        let child = command
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self {
            child,
            log: log.to_path_buf(),
        })
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended by itself, which must be a success.
    pub(crate) fn ends_well(&mut self, within: Duration) -> Result<()> {
        let until = Instant::now() + within;
        while Instant::now() < until {
            if self.child.try_wait()?.is_some_and(|status| status.success()) {
                return Ok(());
            }
            self.is_running()?;
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("{} does not end", self.log.display());
    }

    /// An error with the end of its log where it has stopped.
    pub(crate) fn is_running(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else {
            return Ok(());
        };
        let log = std::fs::read_to_string(&self.log)?;
        let lines: Vec<&str> = log.lines().collect();
        let end = lines.iter().skip(lines.len().saturating_sub(20));
        let end: Vec<&str> = end.copied().collect();
        bail!("{} stopped: {status}\n{}", self.log.display(), end.join("\n"));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have stopped by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
