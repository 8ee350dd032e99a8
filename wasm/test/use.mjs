// Uses the packed package as anybody would, and compares it with what the native engine says (expected.json).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  check, checkAs, controls, Engine, init, initSync, LoadError, lockDown, readConfig, readEvidence, render, version,
} from "flux-audit";
import { createWorker } from "flux-audit/worker";

const expected = JSON.parse(readFileSync("expected.json", "utf8"));
const engine = new Engine(expected.config);

const report = engine.check(expected.request);
assert.notEqual(report.verdict, "pass");
assert.equal(Object.getPrototypeOf(report), Object.prototype);
assert.equal(JSON.stringify(report), expected.report);
assert.equal(JSON.stringify(engine.check(expected.request)), expected.report);
assert.equal(JSON.stringify(render(report, "text")), expected.text);
assert.equal(JSON.stringify(render(report, "json")), expected.json);
assert.equal(JSON.stringify(engine.controls()), expected.controls);
assert.equal(JSON.stringify(engine.review(expected.review)), expected.reviewed);
assert.equal(JSON.stringify(version()), expected.version);

const error = (code, path, line) => (thrown) =>
  thrown instanceof Error && thrown instanceof LoadError && thrown.name === "LoadError" && thrown.code === code &&
  thrown.message.length > 0 && thrown.path === path && thrown.line === line;
const cycle = {};
cycle.self = cycle;
for (const config of [{ select: ["nothing"] }, { params: { nothing: 1 } }]) {
  assert.throws(() => new Engine(config), error("bad-config"));
}
for (const config of [null, "base", 1, { unknown: true }, { failOn: "never" }, { profiles: "base" }, cycle, () => {}]) {
  assert.throws(() => new Engine(config), error("bad-request"));
}
for (const request of [undefined, null, {}, [], "a", { sources: [{ name: "a" }] }, { sources: [{ name: "a", text: 1 }] },
  { sources: [{ name: "a", text: new Uint8Array(1) }] }, { sources: [], mode: "off" },
  { sources: [{ name: "\ud800", text: "" }] }, cycle]) {
  assert.throws(() => engine.check(request), error("bad-request"));
}
for (const [value, format] of [[{}, "text"], [report, "yes"], [report, undefined], [undefined, "text"]]) {
  assert.throws(() => render(value, format), error("bad-request"));
}
assert.throws(() => engine.review(undefined), error("bad-request"));
for (const review of [null, {}, [], "a", { kind: "AdmissionReview" }]) {
  assert.equal(engine.review(review).response.allowed, false);
}
assert.equal(new Engine().check({ sources: [] }).verdict, "incomplete");
assert.equal(new Engine(undefined).check({ sources: [{ name: "a", text: "a: [" }] }).verdict, "incomplete");

const head = "apiVersion: audit.plugin.fluxcd.io/v1beta1\nkind: ";
const config = readConfig({ name: "c.yaml", text: `${head}Config\nselect: [FX-PROC-01]\n` });
assert.deepEqual(config.select, ["FX-PROC-01"]);
const item = "{control: FX-PROC-01, status: fail, owner: o, date: 2026-01-01, expires: 2027-01-01, note: seen}";
const evidence = readEvidence({ name: "e.yaml", text: `${head}Evidence\nitems: [${item}]\n` });
const decided = new Engine(config).check({ sources: [], evidence, now: "2026-11-22T03:00:00Z" });
assert.equal(decided.clusters[0].controls[0].result, "fail");
assert.throws(() => readConfig({ name: "c.yaml", text: `${head}Config\nskip: all\n` }), (thrown) =>
  error("bad-config", "c.yaml", 3)(thrown) && thrown.message.startsWith("c.yaml:3: "));
assert.throws(() => readEvidence({ name: "e.yaml", text: "" }), error("bad-config", "e.yaml", 1));
assert.throws(() => readConfig("c.yaml"), error("bad-request"));

// Loading again changes nothing: what there is stays usable.
await init();
initSync();
assert.equal(engine.check({ sources: [] }).verdict, "incomplete");

engine[Symbol.dispose]();
assert.throws(() => engine.check(expected.request));

// The facade: the same report in whichever form the files come, and as the program makes it of a folder.
const { now, profiles } = { now: expected.request.now, ...expected.config };
const list = expected.request.sources;
const map = new Map(list.map(({ name, text }) => [name, text]));
for (const files of [list, map, Object.fromEntries(map), new Set(list)]) {
  assert.equal(JSON.stringify(check(files, { now, profiles })), expected.folder);
  assert.equal(JSON.stringify(check(files, { now: new Date(now), config: expected.config })), expected.folder);
}
assert.equal(JSON.stringify(check(map, { now, profiles, mode: "render" }).mode), '"render"');
assert.equal(JSON.stringify(controls()), expected.controls);
assert.equal(JSON.stringify(lockDown(map, { now, profiles })), expected.lockDown);
assert.equal(JSON.stringify(new Engine(expected.config).lockDown({ ...expected.request, mode: "git" })), expected.lockDown);
assert.equal(checkAs(map, "json", { now, profiles }), render(check(map, { now, profiles }), "json"));
// With the lines of the files, of which a report knows nothing.
const shown = checkAs(map, "text", { now, profiles });
assert(shown.split("\n").some((printed) => /^ *\d+ \|/.test(printed)), shown.slice(0, 2000));
assert(shown.length > render(check(map, { now, profiles }), "text").length);
const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b, uid: c}\n";
assert.equal(check({ "a.yaml": pod }).mode, "dump");
assert.equal(check({ "a.yaml": pod, "b.yaml": pod.replace("name: a", "name: b") }).mode, "dump");
assert.equal(check({ "a.yaml": pod.replace(", uid: c", "") }).mode, "render");
assert.equal(check({ "a.yaml": pod, "b.yaml": pod.replace(", uid: c", "") }).mode, "git");
assert.equal(check({}).verdict, "incomplete");

// Settings: the file among the files, unless others are given; options on top of both.
const ids = (report) => report.clusters.flatMap((cluster) => cluster.controls.map((control) => control.id));
const file = `${head}Config\nselect: [FX-PROC-01]\n`;
const result = (report) => report.clusters[0].controls[0].result;
assert.deepEqual(ids(check({ "a.yaml": pod, ".flux-audit.yaml": file })), ["FX-PROC-01"]);
assert.deepEqual(ids(check({ "a.yaml": pod }, { config: file })), ["FX-PROC-01"]);
assert.deepEqual(ids(check({ "a.yaml": pod }, { config: file, select: ["FX-PROC-02"] })), ["FX-PROC-02"]);
assert.deepEqual(ids(check({ "a.yaml": pod }, { config: file, select: undefined })), ["FX-PROC-01"]);
assert.notDeepEqual(ids(check({ "a.yaml": pod, ".flux-audit.yaml": file }, { config: {} })), ["FX-PROC-01"]);
const answers = `${head}Evidence\nitems: [${item}]\n`;
assert.equal(result(check({ "a.yaml": pod, ".flux-audit-evidence.yaml": answers }, { config: file, now })), "fail");
assert.equal(result(check({ "a.yaml": pod }, { config: file, evidence: answers, now })), "fail");
assert.equal(result(check({ "a.yaml": pod }, { config: file, evidence: answers, now: "2028-01-01T00:00:00Z" })), "manual");
const wrong = `${head}Config\nskip: all\n`;
assert.throws(() => check({ "a.yaml": pod, ".flux-audit.yaml": wrong }), error("bad-config", ".flux-audit.yaml", 3));
assert.throws(() => check({}, { config: wrong }), error("bad-config", ".flux-audit.yaml", 3));
for (const options of [{ profile: "base" }, { mode: "all" }, { clusters: "a" }, { now: new Date("never") }, { now: 1 },
  { config: 1 }, { config: cycle }, { config: null }]) {
  assert.throws(() => check({ "a.yaml": pod }, options), error("bad-request"));
}
assert.throws(() => check({ "a.yaml": 1 }), error("bad-request"));
assert.throws(() => check("a.yaml"), error("bad-request"));
assert.throws(() => check({}, { select: ["nothing"] }), error("bad-config"));

// A worker: the same reports and errors; a call can be ended in its middle, and the ones behind it still come.
const worker = createWorker();
assert.equal(JSON.stringify(await worker.check(map, { now, profiles })), expected.folder);
assert.equal(await worker.render(report, "text"), JSON.parse(expected.text));
assert.equal(await worker.checkAs(map, "text", { now, profiles }), shown);
assert.equal(JSON.stringify(await worker.lockDown(map, { now, profiles })), expected.lockDown);
assert.equal(JSON.stringify(await worker.controls()), expected.controls);
await assert.rejects(worker.check({}, { config: wrong }), error("bad-config", ".flux-audit.yaml", 3));
await assert.rejects(worker.check({ "a.yaml": () => {} }), { name: "DataCloneError" });
const large = { "a.yaml": Array.from({ length: 20_000 }, (_, at) => pod.replace("name: a", `name: a${at}`)).join("---\n") };
const stop = new AbortController();
const [running, waiting, stopped] = [
  worker.check(large, { signal: stop.signal }),
  worker.check({ "a.yaml": pod }),
  worker.check({ "a.yaml": pod }, { signal: stop.signal }),
];
setTimeout(() => stop.abort(), 300);
await assert.rejects(running, { name: "AbortError" });
await assert.rejects(stopped, { name: "AbortError" });
assert.equal((await waiting).mode, "dump");
await assert.rejects(worker.check({}, { signal: AbortSignal.abort() }), { name: "AbortError" });
await assert.rejects(worker.check(large, { signal: AbortSignal.timeout(300) }), { name: "TimeoutError" });
const [last, behind] = [worker.check(large), worker.check({})];
worker[Symbol.dispose]();
await assert.rejects(last, /closed/);
await assert.rejects(behind, /closed/);
await assert.rejects(worker.check({}), /closed/);
// One that is left open does not keep the process alive.
await createWorker().check({});
console.log(`flux-audit ${version()} in Node ${process.version}: verdict ${report.verdict}, ${report.findings.length} findings`);
