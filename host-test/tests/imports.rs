//! The module needs nothing from its host, and offers the interface and nothing else.

mod common;

use wasmtime::ExternType;

#[test]
fn there_are_no_imports() {
    assert_eq!(common::module().imports(), Vec::<String>::new());
}

#[test]
fn the_exports_are_the_interface() {
    let signature = |ty: &ExternType| match ty {
        ExternType::Memory(_) => "memory".to_owned(),
        ExternType::Func(func) => {
            let list = |types: Vec<String>| types.join(",");
            let params = list(func.params().map(|ty| ty.to_string()).collect());
            format!(
                "({params})->({})",
                list(func.results().map(|ty| ty.to_string()).collect())
            )
        }
        other => format!("{other:?}"),
    };
    let exports = common::module().exports();
    let exports: Vec<(&str, String)> = exports
        .iter()
        .map(|(name, ty)| (name.as_str(), signature(ty)))
        .collect();
    let expected = [
        ("flux_audit_abi_version", "()->(i32)"),
        ("flux_audit_alloc", "(i32)->(i32)"),
        ("flux_audit_call", "(i32,i32)->(i64)"),
        ("flux_audit_free", "(i32,i32)->()"),
        ("memory", "memory"),
    ];
    assert_eq!(exports, expected.map(|(name, ty)| (name, ty.to_owned())));
}

#[test]
fn the_memory_is_private_and_32_bit() {
    let exports = common::module().exports();
    let memories: Vec<_> = exports.iter().filter_map(|(_, ty)| ty.memory()).collect();
    assert!(matches!(memories[..], [memory] if !memory.is_64() && !memory.is_shared()));
}
