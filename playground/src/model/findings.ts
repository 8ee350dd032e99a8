// What of a report is shown, and how it is grouped.

import type { ClusterReport, Control, ControlReport, ControlResult, Finding, Profile, Report, Severity } from "flux-audit";

export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"];
export const PROFILES: readonly Profile[] = ["base", "shared", "dedicated", "hard"];
/** The results that findings have. */
export const FINDING_RESULTS: readonly ControlResult[] = ["fail", "unknown", "warn"];
/** The results of controls, the worst first. */
export const RESULTS: readonly ControlResult[] = ["fail", "unknown", "warn", "manual", "accepted", "pass", "not-applicable"];

/** What is hidden. */
export interface Filter {
  severities: ReadonlySet<Severity>;
  results: ReadonlySet<ControlResult>;
  profiles: ReadonlySet<Profile>;
  text: string;
}

export const NO_FILTER: Filter = { severities: new Set(), results: new Set(), profiles: new Set(), text: "" };

export type Controls = ReadonlyMap<string, Control>;

export interface Group {
  /** A control's ID or a file's name. */
  key: string;
  findings: Finding[];
}

export function visible(findings: readonly Finding[], filter: Filter, controls: Controls): Finding[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return findings.filter((finding) => {
    const control = controls.get(finding.control);
    if (filter.severities.has(finding.severity) || filter.results.has(finding.result)) return false;
    if (control && hidesProfiles(control, filter)) return false;
    const { kind, namespace, name } = finding.object;
    const text = [finding.control, control?.title, control?.slug, finding.message, kind, `${namespace}/${name}`, finding.location.source];
    const said = text.join(" ").toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** A control goes with the last of its profiles. */
export function hidesProfiles(control: Control, filter: Filter): boolean {
  return control.profiles.length > 0 && control.profiles.every((profile) => filter.profiles.has(profile));
}

/** By control the worst first, by file in the order of the report. */
export function grouped(findings: readonly Finding[], by: "control" | "file"): Group[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = by === "control" ? finding.control : finding.location.source;
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  const list = [...groups].map(([key, findings]) => ({ key, findings }));
  if (by === "file") return list;
  const rank = ({ findings: [first] }: Group): number =>
    first ? RESULTS.indexOf(first.result) * 10 + SEVERITIES.indexOf(first.severity) : 0;
  for (const group of list) group.findings.sort((a, b) => RESULTS.indexOf(a.result) - RESULTS.indexOf(b.result));
  return list.sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
}

/** A control in a report: what it says of each cluster, and the worst of it. */
export interface ControlSummary {
  id: string;
  result: ControlResult;
  severity: Severity;
  clusters: { cluster: ClusterReport; report: ControlReport }[];
}

export function summaries(report: Report): ControlSummary[] {
  const found = new Map<string, ControlSummary>();
  for (const cluster of report.clusters) {
    for (const control of cluster.controls) {
      const { id, result, severity } = control;
      const summary = found.get(id) ?? { id, result, severity, clusters: [] };
      summary.clusters.push({ cluster, report: control });
      if (RESULTS.indexOf(result) < RESULTS.indexOf(summary.result)) summary.result = result;
      found.set(id, summary);
    }
  }
  return [...found.values()].sort((a, b) => RESULTS.indexOf(a.result) - RESULTS.indexOf(b.result) || (a.id < b.id ? -1 : 1));
}

export function count<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

/** `Kind namespace/name`. */
export function objectLabel({ kind, namespace, name }: Finding["object"]): string {
  return namespace ? `${kind} ${namespace}/${name}` : `${kind} ${name}`;
}
