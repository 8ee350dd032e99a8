//! Work on every core.

use anyhow::{Result, anyhow};

/// The work on each item, on all cores, in the order of the items.
pub(crate) fn in_parallel<I: Sync, O: Send>(items: &[I], work: impl Fn(&I) -> Result<O> + Sync) -> Result<Vec<O>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(threads).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(work).collect::<Result<Vec<_>>>()))
            .collect();
        let parts = parts
            .into_iter()
            .map(|part| part.join().map_err(|_| anyhow!("a thread panicked"))?);
        Ok(parts.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    })
}
