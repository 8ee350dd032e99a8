// Examples and fixes held to the engine itself: what they claim to mend is mended, and nothing new is wrong.

import { check as checkFiles, checkAs, controls as allControls, type Finding, type FormatName, type Report, type SourceFile } from "flux-audit";
import { describe, expect, test } from "vitest";
import { examples } from "../../build/examples";
import { commandLine, program } from "../command-line";
import { FORMATS } from "../../src/model/formats";
import { fix, hasFix } from "../../src/model/fix";
import { call, type Settings } from "../../src/model/settings";

const check = (files: SourceFile[], settings: Settings): Report => checkFiles(...call({ files, settings, now: "2026-11-22T03:00:00Z" }));

const key = ({ control, cluster, object, message }: Finding): string => JSON.stringify([control, cluster, object, message]);
const all = examples();

describe("examples", () => {
  test("are three repositories, and a pair for each control that manifests can decide", () => {
    expect(all.filter(({ group }) => group === "repository").map(({ id }) => id)).toEqual(["insecure", "hardened", "flux-instance"]);
    const controls = allControls().filter(({ assessment }) => assessment === "automated");
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
    const now = "2026-11-22T03:00:00Z";
    const expected = commandLine(program ?? "", one, now);
    const [files, options] = call({ files: one.files, settings: one.settings, now });
    for (const format of Object.keys(FORMATS) as FormatName[]) {
      expect(checkAs(files, format, options), format).toBe(expected[format]);
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
