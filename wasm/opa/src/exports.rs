//! The functions that hosts call, as OPA's WebAssembly interface has them.

#![allow(
    unsafe_code,
    reason = "`no_mangle` and the one import count as unsafe; there is no other use of it"
)]

use std::cell::RefCell;

use crate::instance::Instance;
use crate::policy::Entry;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Ends the call with the message at this address. Hosts do not return from it.
    fn opa_abort(message: u32);
}

thread_local! {
    /// Borrowed during every call, but not while aborting: one that traps leaves it so, hence whatever comes next traps as
    /// well and cannot work on what is half done.
    static INSTANCE: RefCell<Instance> = const { RefCell::new(Instance::new()) };
}

/// The bit of an outcome that is not an answer but the address of the message to abort with.
const ABORT: u64 = 1 << 32;

/// Kept apart from [`finish`], and with a number as its outcome, so that nothing is on the stack when a host unwinds it: it
/// does not set the stack pointer back.
#[inline(never)]
fn run(call: impl FnOnce(&mut Instance) -> Result<u32, String>) -> u64 {
    INSTANCE.with_borrow_mut(|instance| match call(instance) {
        Ok(answer) => u64::from(answer),
        Err(error) => match instance.message(&format!("flux-audit: {error}")) {
            Some(message) => ABORT | u64::from(message),
            None => core::arch::wasm32::unreachable(),
        },
    })
}

#[inline(always)]
fn finish(outcome: u64) -> u32 {
    if outcome & ABORT != 0 {
        // SAFETY: an import; it takes any address.
        unsafe { opa_abort(outcome as u32) };
        core::arch::wasm32::unreachable()
    }
    outcome as u32
}

fn nothing((): ()) -> u32 {
    0
}

/// Room for `len` bytes.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_malloc(len: u32) -> u32 {
    finish(run(|instance| instance.malloc(len)))
}

/// Gives room back.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_free(place: u32) {
    finish(run(|instance| {
        instance.free(place);
        Ok(0)
    }));
}

/// A mark: what is given out later is newer.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_heap_ptr_get() -> u32 {
    finish(run(|instance| Ok(instance.mark())))
}

/// Forgets what is newer than a mark.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_heap_ptr_set(mark: u32) {
    finish(run(|instance| instance.release(mark).map(nothing)));
}

/// Nothing: there are no blocks to stash.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_heap_blocks_stash() {}

/// Nothing: there are no blocks to restore.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_heap_blocks_restore() {}

/// Nothing: there are no stashed blocks.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_heap_stash_clear() {}

/// A handle for JSON text; 0 where it is none.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_json_parse(place: u32, len: u32) -> u32 {
    finish(run(|instance| Ok(instance.parse(place, len).unwrap_or(0))))
}

/// A handle for JSON text. What is none aborts: one host takes 0 for no data.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_value_parse(place: u32, len: u32) -> u32 {
    finish(run(|instance| instance.parse(place, len)))
}

/// The JSON text of a value.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_json_dump(handle: u32) -> u32 {
    finish(run(|instance| instance.dump_json(handle)))
}

/// The Rego text of a value.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_value_dump(handle: u32) -> u32 {
    finish(run(|instance| instance.dump_rego(handle)))
}

/// Nothing: a value lasts until its mark.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_value_free(_handle: u32) {}

/// Sets a value in data.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_value_add_path(data: u32, path: u32, value: u32) -> u32 {
    finish(run(|instance| {
        instance.add_path(data, path, value).map(i32::cast_unsigned)
    }))
}

/// Takes a value out of data.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_value_remove_path(data: u32, path: u32) -> u32 {
    finish(run(|instance| instance.remove_path(data, path).map(i32::cast_unsigned)))
}

/// The functions that the host must have: none.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn builtins() -> u32 {
    finish(run(|instance| instance.keep("{}")))
}

/// The entry points by name.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn entrypoints() -> u32 {
    finish(run(|instance| instance.keep(&Entry::names())))
}

/// A context for one evaluation.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_eval_ctx_new() -> u32 {
    finish(run(Instance::new_context))
}

/// Sets its input.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_eval_ctx_set_input(context: u32, input: u32) {
    finish(run(|instance| instance.set_input(context, input).map(nothing)));
}

/// Sets its data.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_eval_ctx_set_data(context: u32, data: u32) {
    finish(run(|instance| instance.set_data(context, data).map(nothing)));
}

/// Sets its entry point.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_eval_ctx_set_entrypoint(context: u32, entry: u32) {
    finish(run(|instance| instance.set_entry(context, entry).map(nothing)));
}

/// Evaluates; 0.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn eval(context: u32) -> u32 {
    finish(run(|instance| instance.evaluate(context).map(nothing)))
}

/// The result of the evaluation.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn opa_eval_ctx_get_result(context: u32) -> u32 {
    finish(run(|instance| instance.result(context)))
}
