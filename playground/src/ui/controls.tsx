// Every control with its result: those that a person has to judge with the steps for it.

import type { ControlResult, Report } from "flux-audit";
import { type ControlSummary, RESULTS, summaries } from "../model/findings";
import { control, controls, openControl } from "../state/store";
import { Markdown } from "./markdown";
import { Mark, resultLabel, SeverityBadge } from "./parts";

export function ControlList({ report }: { report: Report }) {
  const all = summaries(report);
  return (
    <div class="list">
      {RESULTS.map((result) => [result, all.filter((summary) => summary.result === result)] as const)
        .filter(([, list]) => list.length > 0)
        .map(([result, list]) => (
          <section key={result} class="group" aria-label={resultLabel(result)}>
            <h3 class="group-head plain">
              <Mark result={result} />
              <span class="group-title">{HEADINGS[result]}</span>
              <span class="group-count">{list.length}</span>
            </h3>
            <ul>
              {list.map((summary) => (
                <ControlRow key={summary.id} summary={summary} />
              ))}
            </ul>
          </section>
        ))}
    </div>
  );
}

const HEADINGS: Record<ControlResult, string> = {
  fail: "Failed",
  unknown: "Could not be decided",
  warn: "Advice",
  manual: "For a person to check",
  accepted: "Accepted by an exception",
  pass: "Passed",
  "not-applicable": "Not applicable",
};

function ControlRow({ summary }: { summary: ControlSummary }) {
  const known = controls.value.get(summary.id);
  const reasons = [...new Set(summary.clusters.map(({ report }) => report.reason))].filter(Boolean);
  return (
    <li class="control-row">
      <button type="button" class="control-main" aria-current={control.value === summary.id} onClick={() => openControl(summary.id)}>
        <span class="group-id">{summary.id}</span>
        <span class="control-title">{known?.title}</span>
        <SeverityBadge severity={summary.severity} />
      </button>
      {summary.result !== "fail" && summary.result !== "pass" && reasons.length > 0 && <p class="reason">{reasons.join("; ")}</p>}
      {summary.result === "manual" && known && (
        <details>
          <summary>How to check</summary>
          <Markdown text={known.audit} />
        </details>
      )}
    </li>
  );
}
