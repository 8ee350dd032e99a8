//! The WebAssembly modules: each is built in one way, so that no command builds again what another has built.

use std::path::PathBuf;

use anyhow::Result;

use crate::shell;

/// A crate that becomes a module.
pub(crate) struct Module {
    pub(crate) package: &'static str,
    pub(crate) file: &'static str,
    pub(crate) target: &'static str,
    pub(crate) profile: &'static str,
}

/// The plain interface.
pub(crate) const ABI: Module = Module {
    package: "flux-audit-abi",
    file: "flux_audit_abi.wasm",
    target: "wasm32-unknown-unknown",
    profile: "wasm",
};

/// That of the npm package.
pub(crate) const NPM: Module = Module {
    package: "flux-audit-wasm",
    file: "flux_audit_wasm.wasm",
    target: "wasm32-unknown-unknown",
    profile: "npm",
};

/// What becomes the policy of OPA's hosts.
pub(crate) const OPA: Module = Module {
    package: "flux-audit-opa",
    file: "flux_audit_opa.wasm",
    target: "wasm32-unknown-unknown",
    profile: "wasm",
};

/// The policy of Kubewarden.
pub(crate) const KUBEWARDEN: Module = Module {
    package: "flux-audit-kubewarden",
    file: "flux-audit-kubewarden.wasm",
    target: "wasm32-wasip1",
    profile: "wasm",
};

impl Module {
    /// Builds it; its path.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        let mut cargo = shell::cargo(&["build", "--package", self.package]);
        shell::run(cargo.args(["--target", self.target, "--profile", self.profile]))?;
        Ok(self.folder().join(self.file))
    }

    /// Where it is, once built.
    pub(crate) fn folder(&self) -> PathBuf {
        shell::target_dir().join(self.target).join(self.profile)
    }
}
