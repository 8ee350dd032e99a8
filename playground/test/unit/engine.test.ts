// Fixes and lock-downs held to the engine itself: what they claim to mend is mended, and nothing new is wrong.

import { Engine, readConfig, readEvidence, type Finding, type Report, type SourceFile, version } from "flux-audit";
import { describe, expect, test } from "vitest";
import { examples } from "../../build/examples";
import { commandLine, program } from "../command-line";
import type { CheckInput, Settings } from "../../src/engine/protocol";
import { server } from "../../src/engine/serve";
import type { Example } from "../../src/model/example";
import { fix, hasFix } from "../../src/model/fix";
import { lockdown } from "../../src/model/lockdown";

const serve = server({ init() {}, engine: (config) => new Engine(config), readConfig, readEvidence, version });

function check(files: SourceFile[], settings: Settings): Report {
  const input: CheckInput = { files, settings, now: "2026-11-22T03:00:00Z" };
  const reply = serve({ id: 1, call: "check", input });
  if ("error" in reply) throw new Error(reply.error.message);
  return reply.ok as Report;
}

const key = ({ control, cluster, object, message }: Finding): string => JSON.stringify([control, cluster, object, message]);
const all = examples();
const example = (id: string): Example => {
  const found = all.find((example) => example.id === id);
  if (!found) throw new Error(`there is no example ${id}`);
  return found;
};

describe("examples", () => {
  test("are three repositories, and a pair for each control that manifests can decide", () => {
    expect(all.filter(({ group }) => group === "repository").map(({ id }) => id)).toEqual(["insecure", "hardened", "flux-instance"]);
    const controls = new Engine().controls().filter(({ assessment }) => assessment === "automated");
    const missing = controls.flatMap(({ id }) => ["bad", "good"].map((kind) => `${id}-${kind}`)).filter((id) => !all.some((one) => one.id === id));
    expect(missing).toEqual([]);
  });

  test.each(all.filter(({ control }) => control).map((example) => [example.id, example] as const))("%s is what it says", (_, { control, group, files, settings }) => {
    const report = check(files, settings);
    expect(report.problems).toEqual([]);
    const results = report.clusters.flatMap(({ controls }) => controls).filter(({ id }) => id === control).map(({ result }) => result);
    expect(results).not.toEqual([]);
    for (const result of results) expect(group === "bad" ? ["fail", "warn", "unknown"] : ["pass"]).toContain(result);
  });
});

describe.skipIf(!program)("the report of the command line, to the byte", () => {
  test.each(all.map((one) => [one.id, one] as const))("of %s", (_, one) => {
    const input: CheckInput = { files: one.files, settings: one.settings, now: `${new Date().toISOString().slice(0, 19)}Z` };
    const expected = commandLine(program ?? "", one);
    for (const format of ["json", "text"] as const) {
      expect(serve({ id: 1, call: "render", input: { ...input, format } })).toEqual({ id: 1, ok: expected[format] });
    }
  });
});

describe("fixes", () => {
  const fixable = all.filter(({ group }) => group === "bad").flatMap(({ id, control, files, settings }) => {
    const findings = check(files, settings).findings.filter((finding) => finding.control === control && hasFix(finding));
    return findings.slice(0, 3).map((finding, at) => [`${id} ${at}`, finding, files, settings] as const);
  });

  test("are there to be tried", () => expect(fixable.length).toBeGreaterThan(30));

  test.each(fixable)("%s: the finding is gone", (_, finding, files, settings) => {
    const change = fix(finding, files);
    const before = check(files, settings).findings.filter((other) => key(other) === key(finding)).length;
    const after = check(files.map((file) => (file.name === change.name ? { name: file.name, text: change.after } : file)), settings);
    const place = `${finding.pointer} of ${finding.object.name}`;
    const same = after.findings.filter((other) => key(other) === key(finding));
    expect(same.length, `${place}\n${change.after}`).toBeLessThan(before);
  });
});

describe("the lock-down", () => {
  const cases = ["insecure", "flux-instance"].map((id) => {
    const { files, settings } = example(id);
    const report = check(files, settings);
    return { id, files, settings, report, offer: lockdown(report, files, async (files) => check(files, settings)) };
  });

  test.each(cases)("of $id mends all that it answers, and nothing new is wrong", async ({ report, files, settings, offer }) => {
    const { lockdowns, elsewhere } = await offer;
    expect(lockdowns.length).toBeGreaterThan(0);
    const texts = new Map(lockdowns.map(({ change }) => [change.name, change.after]));
    const after = check(files.map(({ name, text }) => ({ name, text: texts.get(name) ?? text })), settings);
    const left = new Set(after.findings.map(key));
    for (const finding of lockdowns.flatMap(({ answers }) => answers)) expect(left).not.toContain(key(finding));
    for (const finding of elsewhere) expect(left).toContain(key(finding));
    const about = ({ control, cluster, object }: Finding): string => JSON.stringify([control, cluster, object]);
    const before = new Set(report.findings.map(about));
    // Another lock-down may find what has no place for a patch; that is said, and nothing else is new.
    const said = new Set(elsewhere.map(about));
    expect(after.findings.filter((finding) => !before.has(about(finding)) && !said.has(about(finding)))).toEqual([]);
  });

  test("goes into the kustomization around the controllers, or into the FluxInstance", async () => {
    const offers = await Promise.all(cases.map(({ offer }) => offer));
    expect(offers.map(({ lockdowns }) => lockdowns.map(({ holder, change }) => [holder, change.name]))).toEqual([
      [["kustomization", "examples/insecure/clusters/production/flux-system/kustomization.yaml"]],
      expect.arrayContaining([["FluxInstance", "clusters/staging/flux-system/flux-instance.yaml"]]),
    ]);
  });

  test("is written as Flux's documentation writes it", async () => {
    const { lockdowns } = await (cases[0]?.offer ?? Promise.reject(new Error("no case")));
    expect(lockdowns[0]?.change.after).toContain(`
  - patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --no-remote-bases=true
`);
    expect(lockdowns[0]?.change.after).toContain(`
    target:
      kind: Kustomization
      name: flux-system
`);
  });
});
