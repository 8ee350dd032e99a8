// Compiled with `tsc --strict` for Node, without the types of a browser, and never run: the types fit what a user writes,
// and refuse what is wrong.
import { check, checkAs, controls, Engine, init, LoadError, lockDown, readConfig, readEvidence, render, version } from "flux-audit";
import type { CheckOptions, CheckRequest, Config, Control, Files, LockDown, Report, Severity } from "flux-audit";
import { createWorker } from "flux-audit/worker";

const config: Config = { profiles: ["base", "shared"], failOn: "high", onUnknown: "warn", params: { any: [1] } };
const request: CheckRequest = { sources: [{ name: "a.yaml", text: "" }], folder: true, now: new Date().toISOString() };

const engine = new Engine(config);
const report: Report = engine.check(request);
const all: Control[] = engine.controls();
const titles = new Map<string, string>(all.map((control) => [control.id, control.title]));
const lines: string[] = report.findings.map(
  (finding) => `${finding.location.source}:${finding.location.line} ${titles.get(finding.control) ?? ""} ${finding.message}`,
);
const worst: Severity | undefined = report.clusters[0]?.controls[0]?.severity;
const version_: string | null | undefined = report.clusters[0]?.fluxVersion;
const allowed: boolean = engine.review({}).response.allowed;
const text: string = render(report, "text") + version() + lines.join("\n") + String(worst) + String(version_) + String(allowed);
engine.free();
export function freed(): Report {
  const one: Disposable & { check(request: CheckRequest): Report } = new Engine();
  return one.check(request);
}

new Engine({ exceptions: [{ control: "FX-KC-03", object: { kind: "*", name: "*" }, reason: "r", owner: "o", expires: "2027-01-31" }] });
const evidence = readEvidence({ name: "e.yaml", text: "" });
new Engine(readConfig({ name: "c.yaml", text: "" })).check({ sources: [], evidence }).exceptions.map((one) => one.status);
new Engine().review({}, new Date().toISOString());
// @ts-expect-error an exception has an owner
new Engine({ exceptions: [{ control: "FX-KC-03", object: { kind: "*", name: "*" }, reason: "r" }] });
new Engine();
// @ts-expect-error no such setting
new Engine({ skip: ["all"] });
// @ts-expect-error no such threshold
new Engine({ failOn: "never" });
// @ts-expect-error a request has sources
engine.check({});
// @ts-expect-error a source has text
engine.check({ sources: [{ name: "a" }] });
// @ts-expect-error no such format
render(report, "yaml");
// @ts-expect-error no such verdict
if (report.verdict === "ok") throw new Error(text);

const files: Files[] = [{ "a.yaml": "" }, new Map([["a.yaml", ""]]), [{ name: "a.yaml", text: "" }], new Set([{ name: "a", text: "" }])];
const options: CheckOptions = { config, evidence, profiles: ["hard"], now: new Date(), mode: "git", clusters: ["a"], failOn: "none" };
export const reports: Report[] = files.map((one) => check(one, options));
check({}, { config: "kind: Config", evidence: "kind: Evidence", now: "2026-11-22T03:00:00Z" });
export const printed: string = checkAs({ "a.yaml": "" }, "text", options);
export const locked: LockDown = lockDown({ "a.yaml": "" }, options);
// @ts-expect-error no such format
checkAs({}, "yaml");
// @ts-expect-error a text is no list of files
check("a.yaml");
// @ts-expect-error no such option
check({}, { profile: "base" });
// @ts-expect-error no such mode
check({}, { mode: "all" });
export const ids: string[] = controls().map((control) => control.id);

export async function worker(signal: AbortSignal): Promise<string | undefined> {
  await init();
  const worker = createWorker();
  try {
    const report: Report = await worker.check({ "a.yaml": "" }, { ...options, signal });
    const { patches }: LockDown = await worker.lockDown({ "a.yaml": "" }, { signal });
    if (patches.length > 0) return await worker.checkAs({ "a.yaml": "" }, "text", { ...options, signal });
    return await worker.render(report, "json", { signal });
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    const code: "bad-config" | "bad-request" | "internal" = error.code;
    const place: [string | undefined, number | undefined] = [error.path, error.line];
    return `${code} ${place.join(":")}`;
  } finally {
    worker[Symbol.dispose]();
  }
}
