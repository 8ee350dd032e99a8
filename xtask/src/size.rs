//! How large the WebAssembly modules are, and which crates make them so.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Context, Result};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::shell;
use crate::wasm::{self, Module};

const MODULES: [Module; 2] = [wasm::ABI, wasm::NPM];
/// Crates that are listed by name.
const LISTED: usize = 15;

/// Builds each module twice: as it ships, and with the names of its functions.
pub(crate) fn run() -> Result<()> {
    for module in &MODULES {
        print(module.package, &build(module, false)?)?;
        breakdown(&build(module, true)?).with_context(|| module.package.to_owned())?;
    }
    Ok(())
}

/// Prints how large a module is, and as a server sends it; the bytes of the latter, compressed by brotli.
pub(crate) fn print(name: &str, module: &[u8]) -> Result<usize> {
    let sent = brotli(module)?;
    println!(
        "{name}: {} KB, gzip {} KB, brotli {} KB",
        kb(module.len()),
        kb(gzip(module)?),
        kb(sent)
    );
    Ok(sent)
}

fn build(module: &Module, named: bool) -> Result<Vec<u8>> {
    let Module {
        package,
        file,
        target,
        profile,
    } = module;
    // Apart from the other builds: the settings would make cargo build them all again.
    let folder = shell::target_dir().join(if named { "size-named" } else { "size" });
    let mut cargo = shell::cargo(&["build", "--quiet", "--package", package]);
    cargo.args(["--target", target, "--profile", profile]);
    if named {
        cargo.args(["--config", &format!("profile.{profile}.strip=false")]);
    }
    shell::run(cargo.arg("--target-dir").arg(&folder))?;
    let path = folder.join(target).join(profile).join(file);
    std::fs::read(&path).with_context(|| path.display().to_string())
}

fn kb(bytes: usize) -> usize {
    bytes.div_ceil(1000)
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn brotli(bytes: &[u8]) -> Result<usize> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 24,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)?;
    Ok(packed.len())
}

/// Prints the sections, and the code by crate.
fn breakdown(module: &[u8]) -> Result<()> {
    let mut imported = 0;
    let mut sizes = Vec::new();
    let mut names = BTreeMap::new();
    let mut data = 0;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::DataSection(section) => data = section.range().len(),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(section) = section.as_known() else {
                    continue;
                };
                for name in section {
                    let Name::Function(functions) = name? else { continue };
                    for function in functions {
                        let function = function?;
                        names.insert(function.index as usize, function.name);
                    }
                }
            }
            _ => {}
        }
    }
    let mut crates: BTreeMap<String, usize> = BTreeMap::new();
    for (at, size) in sizes.iter().enumerate() {
        let name = names
            .get(&(imported + at))
            .map_or("(unnamed)".into(), |name| crate_of(name));
        *crates.entry(name).or_default() += size;
    }
    let mut crates: Vec<(String, usize)> = crates.into_iter().collect();
    crates.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let code: usize = sizes.iter().sum();
    println!(
        "  code {} KB in {} functions, data {} KB",
        kb(code),
        sizes.len(),
        kb(data)
    );
    for (name, size) in crates.iter().take(LISTED) {
        println!(
            "  {:>8} KB {:>5.1} %  {name}",
            kb(*size),
            *size as f64 * 100.0 / code as f64
        );
    }
    let rest: usize = crates.iter().skip(LISTED).map(|(_, size)| size).sum();
    println!(
        "  {:>8} KB {:>5.1} %  {} others",
        kb(rest),
        rest as f64 * 100.0 / code as f64,
        crates.len().saturating_sub(LISTED)
    );
    Ok(())
}

/// The crate whose code a function is: `<regorus::Value as core::fmt::Debug>::fmt` is regorus'.
fn crate_of(symbol: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(symbol));
    let path = name.trim_start_matches(['<', '&', '*', '(', '[']);
    let path = ["mut ", "dyn ", "const "]
        .iter()
        .fold(path, |path, word| path.strip_prefix(word).unwrap_or(path));
    match path.split_once("::") {
        Some((root, _)) if root.chars().all(|c| c.is_alphanumeric() || c == '_') => root.to_owned(),
        // Types of the language: whose trait is it?
        _ => match name.split_once(" as ").and_then(|(_, of)| of.split_once("::")) {
            Some((root, _)) => root.to_owned(),
            None => "(no crate)".into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::crate_of;

    #[test]
    fn functions_belong_to_crates() {
        assert_eq!(crate_of("_ZN7regorus5value5Value4from17h0123456789abcdefE"), "regorus");
        assert_eq!(crate_of("<regorus::value::Value as core::fmt::Debug>::fmt"), "regorus");
        assert_eq!(crate_of("<[T] as alloc::borrow::ToOwned>::to_owned"), "alloc");
        assert_eq!(crate_of("memcpy"), "(no crate)");
    }
}
