//! The WebAssembly policy of OPA: built, and made into what its hosts load.
//!
//! A linker cannot do all that the interface asks for. Hosts bring the memory, of few pages, and the versions of the
//! interface are constants. So the memory becomes an import of two pages that may grow, its contents are written by a start
//! function once it has grown, and nothing is exported that is not the interface's.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use walrus::ir::{BinaryOp, Value};
use walrus::{ConstExpr, DataKind, ExportItem, FunctionBuilder, MemoryId, Module, ValType};

use crate::wasm;

/// The interface, less its memory and versions.
const FUNCTIONS: [&str; 22] = [
    "builtins",
    "entrypoints",
    "eval",
    "opa_eval_ctx_get_result",
    "opa_eval_ctx_new",
    "opa_eval_ctx_set_data",
    "opa_eval_ctx_set_entrypoint",
    "opa_eval_ctx_set_input",
    "opa_free",
    "opa_heap_blocks_restore",
    "opa_heap_blocks_stash",
    "opa_heap_ptr_get",
    "opa_heap_ptr_set",
    "opa_heap_stash_clear",
    "opa_json_dump",
    "opa_json_parse",
    "opa_malloc",
    "opa_value_add_path",
    "opa_value_dump",
    "opa_value_free",
    "opa_value_parse",
    "opa_value_remove_path",
];
/// Version 1.1. From 1.2 on hosts write inputs where they like, and would meet Rust's heap.
const VERSIONS: [&str; 2] = ["opa_wasm_abi_version", "opa_wasm_abi_minor_version"];
/// What hosts bring at least.
const PAGES: u64 = 2;

/// Builds it; its path.
pub(crate) fn build() -> Result<PathBuf> {
    let linked = std::fs::read(wasm::OPA.build()?)?;
    let policy = convert(&linked)?;
    let path = wasm::OPA.folder().join("flux_audit_opa.policy.wasm");
    // Tests may be reading it.
    if std::fs::read(&path).ok().as_deref() != Some(policy.as_slice()) {
        std::fs::write(&path, policy)?;
    }
    Ok(path)
}

fn convert(linked: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(linked)?;
    let memory = module.memories.iter().next().context("a memory")?.id();
    import_memory(&mut module, memory)?;
    export_interface(&mut module)?;
    walrus::passes::gc::run(&mut module);
    Ok(module.emit_wasm())
}

/// The memory is the host's: it grows at the start to what the linker laid out, and gets its contents then.
fn import_memory(module: &mut Module, memory: MemoryId) -> Result<()> {
    if module.start.is_some() {
        bail!("the linked module has a start function already");
    }
    let import = module.imports.add("env", "memory", memory);
    let pages = {
        let memory = module.memories.get_mut(memory);
        memory.import = Some(import);
        memory.maximum = None;
        memory.data_segments.clear();
        std::mem::replace(&mut memory.initial, PAGES)
    };
    let mut contents = Vec::new();
    let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for segment in segments {
        let data = module.data.get_mut(segment);
        match data.kind {
            DataKind::Passive => {}
            DataKind::Active {
                offset: ConstExpr::Value(Value::I32(offset)),
                ..
            } => {
                contents.push((segment, offset, i32::try_from(data.value.len())?));
                data.kind = DataKind::Passive;
            }
            DataKind::Active { .. } => bail!("data that does not lie at a fixed place"),
        }
    }
    let pages = i32::try_from(pages)?;
    let mut start = FunctionBuilder::new(&mut module.types, &[], &[]);
    let missing = module.locals.add(ValType::I32);
    let mut body = start.func_body();
    body.i32_const(pages)
        .memory_size(memory)
        .binop(BinaryOp::I32Sub)
        .local_tee(missing)
        .i32_const(0)
        .binop(BinaryOp::I32GtS)
        .if_else(
            None,
            |more| {
                more.local_get(missing)
                    .memory_grow(memory)
                    .i32_const(-1)
                    .binop(BinaryOp::I32Eq)
                    .if_else(
                        None,
                        |refused| {
                            refused.unreachable();
                        },
                        |_| {},
                    );
            },
            |_| {},
        );
    for (data, offset, len) in contents {
        body.i32_const(offset)
            .i32_const(0)
            .i32_const(len)
            .memory_init(memory, data)
            .data_drop(data);
    }
    module.start = Some(start.finish(Vec::new(), &mut module.funcs));
    Ok(())
}

fn export_interface(module: &mut Module) -> Result<()> {
    let others: Vec<_> = module
        .exports
        .iter()
        .filter(|export| export.name != "memory" && !FUNCTIONS.contains(&export.name.as_str()))
        .map(|export| export.id())
        .collect();
    others.into_iter().for_each(|export| module.exports.delete(export));
    for name in FUNCTIONS {
        let is_there = module
            .exports
            .iter()
            .any(|export| export.name == name && matches!(export.item, ExportItem::Function(_)));
        if !is_there {
            bail!("the linked module does not export {name}");
        }
    }
    for name in VERSIONS {
        let one = ConstExpr::Value(Value::I32(1));
        let version = module.globals.add_local(ValType::I32, false, false, one);
        module.exports.add(name, version);
    }
    Ok(())
}
