import instantiate, { initSync as instantiateSync } from "./flux_audit.js";

/** The bytes of the module, or the module compiled. */
export type Module = BufferSource | WebAssembly.Module;

/** Where the module comes from. */
export type ModuleSource = Module | string | URL | Request | Response;

/**
 * Loads the module: `flux_audit_bg.wasm` beside this file, or the one that is given. Everything else in this package
 * needs it first. Once loaded, further calls do nothing.
 */
export async function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void> {
  await instantiate(source === undefined ? undefined : { module_or_path: source });
}

/** The same for a module at hand. Browsers allow it on the main thread only where the module is compiled or small. */
export function initSync(module: Module): void {
  instantiateSync({ module });
}
