//! The shipped catalogue, compiled by the build script, and catalogues that users bring.

use std::sync::OnceLock;

use crate::catalog::{Catalog, Control, Module, control_slug, read_controls};
use crate::error::LoadError;
use crate::rego::{Interpreter, Machine, Programs};
use crate::source::Source;

static CONTROLS: &str = include_str!(concat!(env!("OUT_DIR"), "/controls.json"));
static MODULES: &str = include_str!(concat!(env!("OUT_DIR"), "/modules.json"));
static PROGRAMS: Programs<'static> = Programs {
    facts: include_bytes!(concat!(env!("OUT_DIR"), "/facts.bin")),
    controls: include_bytes!(concat!(env!("OUT_DIR"), "/controls.bin")),
};

/// Unpacked once in a process: engines differ in their configuration, and share the programs.
static MACHINE: OnceLock<Machine> = OnceLock::new();

fn machine(controls: &[Control]) -> Result<Machine, LoadError> {
    if let Some(machine) = MACHINE.get() {
        return Ok(machine.clone());
    }
    let machine = Machine::load(PROGRAMS, controls)?;
    Ok(MACHINE.get_or_init(|| machine).clone())
}

impl Catalog {
    /// Every control, by ID.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// The shipped catalogue, compiled ahead of time.
    ///
    /// # Errors
    /// None in a build that passed its tests.
    pub fn builtin() -> Result<Self, LoadError> {
        let controls = serde_json::from_str(CONTROLS).map_err(|error| LoadError::Compile(error.to_string()))?;
        Ok(Self {
            controls,
            modules: Vec::new(),
            evaluator: |_, controls| Ok(Box::new(machine(controls)?)),
        })
    }

    /// The Rego modules of the shipped catalogue: the libraries, and each control.
    ///
    /// # Errors
    /// None in a build that passed its tests.
    pub fn builtin_modules() -> Result<Vec<Module>, LoadError> {
        serde_json::from_str(MODULES).map_err(|error| LoadError::Compile(error.to_string()))
    }

    /// A catalogue of one's own: Rego modules in the dialect of the shipped ones, whose libraries they may import.
    /// They are compiled now and run on the strict interpreter.
    ///
    /// # Errors
    /// [`LoadError::Policy`] with file and line for a module that is not UTF-8 or whose METADATA is wrong;
    /// [`LoadError::Compile`] for Rego that does not compile.
    pub fn load(sources: &[Source]) -> Result<Self, LoadError> {
        let mut modules = Self::builtin_modules()?;
        modules.retain(|module| control_slug(module).is_none());
        for source in sources {
            let text = String::from_utf8(source.bytes.clone()).map_err(|_| LoadError::Policy {
                file: source.name.clone(),
                line: 1,
                message: "the file is not UTF-8".into(),
            })?;
            modules.push(Module {
                path: source.name.clone(),
                text,
            });
        }
        let controls = read_controls(&modules)?;
        Ok(Self {
            controls,
            modules,
            evaluator: |modules, controls| Ok(Box::new(Interpreter::compile(modules, controls)?)),
        })
    }
}
