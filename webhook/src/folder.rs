//! A folder with the objects of the cluster, which somebody else keeps up to date.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration, SystemTime};

use policy_core::{Engine, Input, ReviewInventory, Source, SourceId};
use walkdir::WalkDir;

use crate::auditor::Current;
use crate::log;

/// Manifests as `kubectl get -o yaml` writes them.
pub struct Folder {
    path: PathBuf,
    every: Duration,
}

/// Of each file its path, size and time of change.
type State = Vec<(PathBuf, u64, Option<SystemTime>)>;

impl Folder {
    /// A folder that is looked at so often.
    pub fn new(path: PathBuf, every: Duration) -> Self {
        Self { path, every }
    }

    /// Reads it, and again whenever it has changed, for as long as what is returned is in use.
    pub(crate) fn follow(self, engine: &Arc<Engine>) -> Result<Current, String> {
        let state = self.state()?;
        let current = Arc::new(RwLock::new(Arc::new(self.read(engine)?)));
        let (engine, used) = (Arc::clone(engine), Arc::downgrade(&current));
        std::thread::Builder::new()
            .name("inventory".into())
            .spawn(move || self.watch(&engine, &used, state))
            .map_err(|error| error.to_string())?;
        Ok(current)
    }

    /// What cannot be used is told once, and the last inventory that could stays: a file is often seen half written.
    fn watch(&self, engine: &Engine, used: &Weak<RwLock<Arc<ReviewInventory>>>, mut seen: State) {
        let mut told = None;
        loop {
            std::thread::sleep(self.every);
            let Some(current) = used.upgrade() else { return };
            let read = match self.state() {
                Ok(state) if state == seen => continue,
                state => state.and_then(|state| Ok((state, self.read(engine)?))),
            };
            match read {
                Ok((state, inventory)) => {
                    log::line(&format!("the inventory has changed: {} objects", inventory.len()));
                    *current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(inventory);
                    (seen, told) = (state, None);
                }
                Err(error) if told.as_ref() == Some(&error) => {}
                Err(error) => {
                    log::line(&format!("the inventory stays as it is: {error}"));
                    told = Some(error);
                }
            }
        }
    }

    fn read(&self, engine: &Engine) -> Result<ReviewInventory, String> {
        let mut inputs = Vec::new();
        for (id, (path, ..)) in (0..).zip(self.state()?) {
            inputs.push(Input::Source(Source {
                id: SourceId(id),
                name: path.to_string_lossy().into_owned(),
                bytes: std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?,
            }));
        }
        engine.review_inventory(inputs).map_err(|problems| {
            let more = problems.len().saturating_sub(1);
            match problems.first() {
                Some(problem) => format!(
                    "{}: {} (and {more} more)",
                    problem.source.as_deref().unwrap_or("the inventory"),
                    problem.message
                ),
                None => "the inventory cannot be used".into(),
            }
        })
    }

    fn state(&self) -> Result<State, String> {
        let mut state = Vec::new();
        // A mounted volume is links all the way down, with the previous version in a hidden folder beside it.
        let is_hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("..");
        let walk = WalkDir::new(&self.path).follow_links(true).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(|entry| !is_hidden(entry.file_name())) {
            let entry = entry.map_err(|error| error.to_string())?;
            if entry.file_type().is_file() && is_manifest(entry.path()) {
                let data = entry.metadata().map_err(|error| error.to_string())?;
                state.push((entry.into_path(), data.len(), data.modified().ok()));
            }
        }
        Ok(state)
    }
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| matches!(extension, "yaml" | "yml" | "json"))
}
