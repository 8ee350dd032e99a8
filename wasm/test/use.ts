// Compiled with `tsc --strict` and never run: the types fit what a user writes, and refuse what is wrong.
import { Engine, readConfig, readEvidence, render, version } from "flux-audit";
import type { CheckRequest, Config, Control, Report, Severity } from "flux-audit";
import init, { Engine as WebEngine } from "flux-audit/web";

const config: Config = { profiles: ["base", "shared"], failOn: "high", onUnknown: "warn", params: { any: [1] } };
const request: CheckRequest = { sources: [{ name: "a.yaml", text: "" }], now: new Date().toISOString() };

const engine = new Engine(config);
const report: Report = engine.check(request);
const controls: Control[] = engine.controls();
const titles = new Map<string, string>(controls.map((control) => [control.id, control.title]));
const lines: string[] = report.findings.map(
  (finding) => `${finding.location.source}:${finding.location.line} ${titles.get(finding.control) ?? ""} ${finding.message}`,
);
const worst: Severity | undefined = report.clusters[0]?.controls[0]?.severity;
const version_: string | null | undefined = report.clusters[0]?.fluxVersion;
const allowed: boolean = engine.review({}).response.allowed;
const text: string = render(report, "text") + version() + lines.join("\n") + String(worst) + String(version_) + String(allowed);
engine.free();

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

export async function web(): Promise<Report> {
  await init();
  return new WebEngine().check({ sources: [], mode: "git" });
}
