/// <reference lib="esnext.disposable" preserve="true" />
// Checks in a worker thread of Node.
import { Worker } from "node:worker_threads";
import { AuditWorker } from "./client.js";

export { LoadError } from "./error.js";
export type * from "./flux_audit.js";
export type { CallOptions } from "./client.js";
export type { CheckOptions } from "./check.js";
export type { Files } from "./files.js";
export type { AuditWorker };

/** A worker. Its thread starts with the first call, and keeps the process alive only while it has something to do. */
export function createWorker(): AuditWorker {
  return new AuditWorker((answered, failed) => {
    const worker = new Worker(new URL("thread-node.js", import.meta.url), { name: "flux-audit" });
    worker.on("message", (answer) => {
      worker.unref();
      answered(answer);
    });
    worker.on("error", failed);
    worker.on("exit", (code) => failed(new Error(`the worker ended with ${code}`)));
    return {
      post(call) {
        worker.ref();
        worker.postMessage(call);
      },
      end: () => void worker.terminate(),
    };
  });
}
