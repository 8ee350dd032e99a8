// Uses the packed package as anybody would, and compares it with what the native engine says (expected.json).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Engine, readConfig, readEvidence, render, version } from "flux-audit";

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

const error = (code) => (thrown) => thrown instanceof Error && thrown.code === code && thrown.message.length > 0;
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
  error("bad-config")(thrown) && thrown.message.startsWith("c.yaml:3: "));
assert.throws(() => readEvidence({ name: "e.yaml", text: "" }), error("bad-config"));
assert.throws(() => readConfig("c.yaml"), error("bad-request"));

engine.free();
assert.throws(() => engine.check(expected.request));
console.log(`flux-audit ${version()} in Node ${process.version}: verdict ${report.verdict}, ${report.findings.length} findings`);
