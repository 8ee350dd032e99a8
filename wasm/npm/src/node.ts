/// <reference lib="esnext.disposable" preserve="true" />
// For Node: loads the module from its file, so that nobody has to.
import { readFileSync } from "node:fs";
import { initSync as instantiateSync } from "./flux_audit.js";

instantiateSync({ module: readFileSync(new URL("flux_audit_bg.wasm", import.meta.url)) });

/** Does nothing: here the module is loaded already. It is what other platforms need, so that one code runs on all. */
export async function init(_source?: unknown): Promise<void> {}

/** Does nothing: here the module is loaded already. */
export function initSync(_module?: unknown): void {}

export * from "./api.js";
