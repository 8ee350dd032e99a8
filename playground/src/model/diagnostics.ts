// The marks in the editor: findings and problems of one file.

import type { Finding, Problem, Report } from "flux-audit";
import type { Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";
import type { Controls } from "./findings";
import { lineRange, range } from "./range";

/** More marks than these help nobody, and cost time with every key. */
const LIMIT = 1000;

/** `show`: what leads from a mark to its finding. */
export function diagnostics(
  doc: Text,
  file: string,
  findings: readonly Finding[],
  report: Report,
  controls: Controls,
  show: (finding: Finding) => void,
): Diagnostic[] {
  const ofFile = findings.filter(({ location }) => location.source === file).slice(0, LIMIT);
  const marks = ofFile.map((finding): Diagnostic => {
    const { control, message, location, result, severity } = finding;
    const title = controls.get(control)?.title ?? "";
    return {
      ...range(doc, location.line, location.column),
      severity: result === "fail" ? "error" : result === "warn" ? "info" : "warning",
      source: `${control} · ${result} · ${severity} · ${title}`,
      message,
      actions: [{ name: "Show in the results", apply: () => show(finding) }],
    };
  });
  const problems = report.problems.filter(({ source }) => source === file).slice(0, LIMIT).map((problem) => mark(doc, problem, "error"));
  const notes = report.notes.filter(({ source }) => source === file).slice(0, LIMIT).map((note) => mark(doc, note, "info"));
  return [...marks, ...problems, ...notes].sort((a, b) => a.from - b.from);
}

/** The finding whose mark is at a place of the text. */
export function findingAt(doc: Text, file: string, findings: readonly Finding[], place: number): Finding | undefined {
  const line = doc.lineAt(place).number;
  return findings.find(({ location }) => {
    if (location.source !== file || location.line !== line) return false;
    const { from, to } = range(doc, location.line, location.column);
    return from <= place && place <= to;
  });
}

function mark(doc: Text, { code, line, message }: Problem, severity: Diagnostic["severity"]): Diagnostic {
  return { ...lineRange(doc, line ?? 1), severity, source: code, message };
}
