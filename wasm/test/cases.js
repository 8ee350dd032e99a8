// One case a page, named by its query: ways to load the module, and the worker.
import { check, Engine, init, initSync, LoadError } from "flux-audit";
import { createWorker } from "flux-audit/worker";
import wasm from "flux-audit/flux_audit_bg.wasm?url";

const address = new URL(wasm, location.href);
const bytes = async () => new Uint8Array(await (await fetch(address)).arrayBuffer());

const ways = {
  default: () => init(),
  url: () => init(address),
  text: () => init(address.href),
  response: () => init(fetch(address)),
  bytes: async () => init(await bytes()),
  module: async () => init(await WebAssembly.compileStreaming(fetch(address))),
  sync: async () => initSync(await WebAssembly.compileStreaming(fetch(address))),
};

const expected = await (await fetch("/expected.json")).json();
const options = { now: expected.request.now, ...expected.config };
const equal = (is, should, what) => {
  if (is !== should) throw new Error(`${what}: ${String(is).slice(0, 100)} instead of ${String(should).slice(0, 100)}`);
};
const rejection = (promise) => promise.then(() => "nothing", (error) => error);

async function load(way) {
  await Promise.all([way(), way()]);
  const engine = new Engine(expected.config);
  equal(JSON.stringify(engine.check(expected.request)), expected.report, "report");
  // A second time does nothing: the engine of before is still there.
  await way();
  await init();
  equal(JSON.stringify(engine.check(expected.request)), expected.report, "report after a second load");
  equal(JSON.stringify(check(expected.request.sources, options)), expected.folder, "folder");
}

async function work() {
  const worker = createWorker();
  equal(JSON.stringify(await worker.check(expected.request.sources, options)), expected.folder, "report of the worker");
  const wrong = await rejection(worker.check({}, { profiles: ["nothing"] }));
  equal(wrong instanceof LoadError && wrong.code, "bad-request", "error");
  const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b, uid: c}\n";
  const large = Array.from({ length: 20_000 }, (_, at) => pod.replace("name: a", `name: a${at}`)).join("---\n");
  const ended = await rejection(worker.check({ "a.yaml": large }, { signal: AbortSignal.timeout(300) }));
  equal(ended.name, "TimeoutError", "a check that takes long");
  equal((await worker.check({ "a.yaml": pod })).mode, "dump", "the next one");
  worker.close();
  // A compiled module is handed over; one that is none is told.
  const ready = createWorker({ module: await WebAssembly.compileStreaming(fetch(address)) });
  equal((await ready.check({ "a.yaml": pod })).mode, "dump", "with a module");
  ready.close();
  const relative = createWorker({ module: wasm });
  equal((await relative.check({ "a.yaml": pod })).mode, "dump", "with an address");
  relative.close();
  const broken = createWorker({ module: new Uint8Array(8) });
  const failure = await rejection(broken.check({ "a.yaml": pod }));
  equal(failure instanceof Error && /CompileError/.test(failure.message), true, "a module that is none");
  broken.close();
}

const output = document.querySelector("output");
try {
  const name = location.search.slice(1);
  await (name === "worker" ? work() : load(ways[name]));
  output.textContent = "done";
} catch (error) {
  output.textContent = String(error);
}
