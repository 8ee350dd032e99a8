//! `flux-audit export`.

use std::path::Path;
use std::process::ExitCode;

use crate::args::{Export, ExportTo};
use crate::{Failure, output};

pub(crate) fn run(options: &Export) -> Result<ExitCode, Failure> {
    let ExportTo::Opa { dir } = &options.to;
    let files = policy_core::opa_bundle().map_err(|error| error.to_string())?;
    claim(dir)?;
    for file in &files {
        write(&dir.join(&file.path), &file.text)?;
    }
    output::to_stderr(&format!("wrote {} files to {}\n", files.len(), dir.display()));
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that the folder is there and empty: a policy of an earlier export that stayed would still be loaded.
fn claim(dir: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
    std::fs::create_dir_all(dir).map_err(failed)?;
    match std::fs::read_dir(dir).map_err(failed)?.next() {
        None => Ok(()),
        Some(_) => Err(format!("{}: the folder is not empty; name a new one", dir.display())),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}
