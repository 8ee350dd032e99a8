// Our module in OPA's host for JavaScript: node host.mjs cases|repeat|speed MODULE …

import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const { loadPolicy } = createRequire(import.meta.url)("@open-policy-agent/opa-wasm");
const ENTRIES = ["flux/violations", "flux/unknown", "flux/warn"];
const load = (path) => loadPolicy(readFileSync(path));

/** The members of a result's set. */
function members(results) {
  assert.equal(results.length, 1);
  assert.ok(Array.isArray(results[0].result), JSON.stringify(results));
  return results[0].result;
}

const escaped = (segment) => String(segment).replaceAll("~", "~0").replaceAll("/", "~1");
const line = ({ control, path, msg }) => `${control} ${path.map((one) => `/${escaped(one)}`).join("")} ${msg}`;
/** In the order of Unicode, as the expectations are; JavaScript's own is that of UTF-16. */
const sorted = (lines) => lines.map((text) => Buffer.from(text)).sort(Buffer.compare).map(String);

const refuses = (policy, input, entry) =>
  assert.throws(() => policy.evaluate(input, entry), undefined, `${entry} of ${JSON.stringify(input)}`);

/** Every case with its data, in one instance. */
async function cases(module, file) {
  const policy = await load(module);
  assert.deepEqual(Object.keys(policy.entrypoints).filter((name) => policy.entrypoints[name] === 0), [
    "gatekeeper/violation",
  ]);
  let [count, found] = [0, 0];
  for await (const text of createInterface({ input: createReadStream(file) })) {
    const { name, data, objects, expected } = JSON.parse(text);
    policy.setData(data);
    ENTRIES.forEach((entry, at) => {
      const lines = objects.flatMap((object) => members(policy.evaluate(object, entry))).map(line);
      assert.deepEqual(sorted(lines), expected[at], `${name} ${entry}`);
      found += lines.length;
    });
    count += objects.length;
  }
  for (const input of [undefined, null, {}, [], "Pod", { kind: "Pod" }, { apiVersion: "v1", kind: "List", items: [] }]) {
    Object.keys(policy.entrypoints).forEach((entry) => refuses(policy, input, entry));
  }
  refuses(policy, new TextEncoder().encode("{").buffer, "flux/violations");
  assert.throws(() => policy.setData(new TextEncoder().encode("{").buffer));
  assert.throws(() => policy.evaluate({ apiVersion: "v1", kind: "Pod" }, 99));
  console.log(`npm opa-wasm: ${count} objects, ${found} findings, the same`);
}

const controller = (args) => {
  const labels = { "app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "kustomize-controller" };
  const containers = [{ name: "manager", image: "ghcr.io/fluxcd/kustomize-controller:v1.9.4", args }];
  const metadata = { name: "kustomize-controller", namespace: "flux-system", labels };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: { spec: { containers } } } };
};

/** Many evaluations in one instance: good, bad and malformed. Its memory must stay what it was after the first ones. */
async function repeat(module, times) {
  const policy = await load(module);
  policy.setData({ parameters: { select: ["FX-KC-03"] } });
  const [bad, good] = ["false", "true"].map((value) => controller([`--no-remote-bases=${value}`]));
  const sizes = [];
  for (let at = 0; at < times; at += 1) {
    assert.equal(members(policy.evaluate(bad, "flux/violations")).length, 1);
    assert.equal(members(policy.evaluate(good, "flux/violations")).length, 0);
    refuses(policy, { kind: "Pod" }, "flux/violations");
    if (at % (times / 10) === times / 100) sizes.push(policy.mem.buffer.byteLength);
  }
  console.log(`memory in ${times} rounds of three evaluations: ${sizes.map((size) => `${size >> 10} KiB`).join(", ")}`);
  assert.ok(sizes.every((size) => size === sizes[0]), "the memory grows");
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** Milliseconds of the middle run over all documents, after one that warms up; and what was found. */
function measure(documents, judge) {
  const times = [];
  let found = 0;
  for (let run = 0; run <= 5; run += 1) {
    const start = performance.now();
    found = documents.reduce((sum, document) => sum + members(judge(document)).length, 0);
    if (run > 0) times.push(performance.now() - start);
  }
  return { time: median(times), found };
}

/** Where the time of an evaluation goes, by the interface's own calls. */
function stages(policy, documents) {
  const { exports } = policy.wasmInstance;
  const texts = documents.map((document) => new TextEncoder().encode(JSON.stringify(document)));
  const spent = { "copy in": 0, parse: 0, evaluate: 0, dump: 0 };
  for (const text of texts) {
    exports.opa_heap_ptr_set(policy.dataHeapPtr);
    const laps = [performance.now()];
    const place = exports.opa_malloc(text.length);
    new Uint8Array(policy.mem.buffer).set(text, place);
    laps.push(performance.now());
    const input = exports.opa_json_parse(place, text.length);
    laps.push(performance.now());
    const context = exports.opa_eval_ctx_new();
    exports.opa_eval_ctx_set_input(context, input);
    exports.opa_eval_ctx_set_data(context, policy.dataAddr);
    exports.opa_eval_ctx_set_entrypoint(context, policy.entrypoints["flux/violations"] ?? 0);
    exports.eval(context);
    laps.push(performance.now());
    exports.opa_json_dump(exports.opa_eval_ctx_get_result(context));
    laps.push(performance.now());
    Object.keys(spent).forEach((stage, at) => (spent[stage] += laps[at + 1] - laps[at]));
  }
  return Object.entries(spent).map(([stage, time]) => `${stage} ${time.toFixed(0)} ms`).join(", ");
}

async function speed(module, peer, file, ten, all) {
  const documents = JSON.parse(readFileSync(file, "utf8"));
  const ours = await load(module);
  const theirs = await load(peer);
  const judge = (document) => ours.evaluate(document, "flux/violations");
  ours.setData({ parameters: JSON.parse(ten) });
  const [mine, other] = [measure(documents, judge), measure(documents, (document) => theirs.evaluate(document))];
  const told = ({ time, found }) => `${time.toFixed(0)} ms (${found} findings)`;
  console.log(`npm opa-wasm, ${documents.length} documents, ten controls: ours ${told(mine)}, built by OPA ${told(other)}`);
  console.log(`ratio ${(mine.time / other.time).toFixed(2)} (goal: at most 1.5)`);
  console.log(`stages: ${stages(ours, documents)}`);
  console.log(`stages, built by OPA: ${stages(theirs, documents)}`);
  ours.setData({ parameters: JSON.parse(all) });
  console.log(`every control: ours ${told(measure(documents, judge))}`);
}

const [command, ...rest] = process.argv.slice(2);
await { cases, repeat, speed }[command](...rest);
