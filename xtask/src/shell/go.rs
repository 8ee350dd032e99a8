//! Programs written in Go: built once for a machine, and kept.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{command, output, run, stage, tools};

/// A Go program by module and version, built where it is not kept yet. `None` where there is no Go, unless under CI.
pub(crate) fn go_program(name: &str, module: &str, version: &str) -> Result<Option<PathBuf>> {
    go_program_with(name, module, version, &[])
}

/// The same, of a module built with tags and without C; its name tells it from the one without.
pub(crate) fn go_program_with(name: &str, module: &str, version: &str, tags: &[&str]) -> Result<Option<PathBuf>> {
    kept(name, version, |place| {
        let mut install = command("go", &["install", &format!("{module}@{version}")]);
        install.env("GOBIN", place).env("GOFLAGS", "-buildvcs=false");
        if !tags.is_empty() {
            let flags = format!("-buildvcs=false -tags={}", tags.join(","));
            install.env("GOFLAGS", flags).env("CGO_ENABLED", "0");
        }
        run(&mut install)?;
        let built = place.join(module.rsplit('/').next().unwrap_or(name));
        match place.join(name) {
            named if named.exists() => Ok(()),
            named => Ok(std::fs::rename(built, named)?),
        }
    })
}

/// A release of Kubernetes.
pub(crate) struct Kubernetes {
    /// The version, such as `v1.36.3`.
    pub(crate) version: &'static str,
    /// The version of the modules that its repository stages, such as `v0.36.3`.
    pub(crate) staging: &'static str,
}

impl Kubernetes {
    /// One of its programs, such as `kube-apiserver`; as [`go_program`].
    ///
    /// Its module replaces others by folders of its own, which `go install` refuses. So it is built from a module that
    /// requires the same, with the published versions in place of those folders.
    pub(crate) fn program(&self, name: &str) -> Result<Option<PathBuf>> {
        const MODULE: &str = "k8s.io/kubernetes";
        kept(name, self.version, |place| {
            let package = format!("{MODULE}/cmd/{name}");
            let go = |args: &[&str]| {
                let mut go = command("go", args);
                go.current_dir(place)
                    .env("GOFLAGS", "-buildvcs=false")
                    .env("GO111MODULE", "on");
                go
            };
            let original = output(&mut go(&[
                "mod",
                "download",
                "-json",
                &format!("{MODULE}@{}", self.version),
            ]))?;
            let original: serde_json::Value = serde_json::from_str(&original)?;
            let file = original["GoMod"].as_str().context("go names no go.mod")?;
            let text = std::fs::read_to_string(file).with_context(|| file.to_owned())?;
            std::fs::write(place.join("go.mod"), self.wrapper(MODULE, &text))?;
            std::fs::write(
                place.join("tools.go"),
                format!("//go:build tools\n\npackage wrapper\n\nimport _ \"{package}\"\n"),
            )?;
            output(&mut go(&["mod", "tidy"]))?;
            // A server without a version of its own takes itself for an older release.
            let flags = format!("-s -w -X k8s.io/component-base/version.gitVersion={}", self.version);
            run(&mut go(&[
                "build",
                "-trimpath",
                "-ldflags",
                &flags,
                "-o",
                name,
                &package,
            ]))
        })
    }

    /// The go.mod of the release as that of a module that only requires it.
    fn wrapper(&self, module: &str, text: &str) -> String {
        let mut lines = vec!["module wrapper".to_owned()];
        for line in text.lines().filter(|line| !line.starts_with("module ")) {
            lines.push(match line.split_once("=> ./staging/src/") {
                Some((replaced, staged)) => format!("{replaced}=> {staged} {}", self.staging),
                None => line.to_owned(),
            });
        }
        lines.push(format!("require {module} {}\n", self.version));
        lines.join("\n")
    }
}

/// The kept program, or what `build` makes of it in the folder that it is given.
fn kept(name: &str, version: &str, build: impl FnOnce(&Path) -> Result<()>) -> Result<Option<PathBuf>> {
    let program = tools()?.join(format!("{name}-{version}"));
    if program.exists() {
        return Ok(Some(program));
    }
    if command("go", &["version"]).output().is_err() {
        if std::env::var_os("CI").is_some() {
            bail!("{name} is needed here, and there is no Go to build it");
        }
        eprintln!("skipped: there is no Go to build {name}");
        return Ok(None);
    }
    stage(&format!("build {name} {version}"), || {
        let place = tools()?.join(format!("{name}.build"));
        std::fs::create_dir_all(&place)?;
        build(&place)?;
        std::fs::rename(place.join(name), &program)?;
        std::fs::remove_dir_all(&place)?;
        Ok(Some(program))
    })
}
