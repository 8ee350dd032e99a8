// Compiled with `tsc --strict` for a bundler, without the types of Node, and never run.
import { check, Engine, init, initSync, render } from "flux-audit";
import type { Report } from "flux-audit";
import { createWorker } from "flux-audit/worker";
import { memory } from "flux-audit/flux_audit_bg.wasm";
import manifest from "flux-audit/package.json";

export async function page(bytes: Uint8Array<ArrayBuffer>, module: WebAssembly.Module): Promise<Report> {
  await init();
  await init("module.wasm");
  await init(new URL("module.wasm", location.href));
  await init(fetch("module.wasm"));
  await init(bytes);
  await init(module);
  initSync(bytes);
  initSync(module);
  const worker = createWorker({ module, thread: () => new Worker("thread.js", { type: "module" }) });
  const report = await worker.check({ "a.yaml": "" }, { signal: AbortSignal.timeout(1000) });
  worker.close();
  document.body.textContent = render(report, "text") + String(memory.buffer.byteLength) + manifest.version;
  return new Engine().check({ sources: [], mode: "git" });
}
check({});
