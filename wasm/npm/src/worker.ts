/// <reference lib="esnext.disposable" preserve="true" />
// Checks in a Web Worker.
import { AuditWorker } from "./client.js";
import type { ModuleSource } from "./init.js";

export { LoadError } from "./error.js";
export type * from "./flux_audit.js";
export type { CallOptions } from "./client.js";
export type { CheckOptions } from "./check.js";
export type { Files } from "./files.js";
export type { AuditWorker };

/** How a worker starts. */
export interface WorkerOptions {
  /** The module, or its address; without it, `flux_audit_bg.wasm` beside this file. A compiled one starts fastest. */
  module?: Exclude<ModuleSource, Request | Response> | undefined;
  /** Makes the thread, which runs `flux-audit/thread`: for pages that start workers in a way of their own. */
  thread?: (() => Worker) | undefined;
}

/** A worker. Its thread starts with the first call. */
export function createWorker({ module, thread }: WorkerOptions = {}): AuditWorker {
  return new AuditWorker((answered, failed) => {
    const worker =
      thread?.() ?? new Worker(new URL("./thread.js", import.meta.url), { type: "module", name: "flux-audit" });
    worker.addEventListener("message", (event) => answered(event.data));
    worker.addEventListener("error", (event) => failed(new Error(event.message || "the worker cannot be started")));
    worker.addEventListener("messageerror", () => failed(new Error("the worker's answer cannot be read")));
    // An address is meant as this page reads it.
    const isAddress = typeof module === "string" || module instanceof URL;
    worker.postMessage({ module: isAddress ? new URL(module, location.href).href : module });
    return { post: (call) => worker.postMessage(call), end: () => worker.terminate() };
  });
}
