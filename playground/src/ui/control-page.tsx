// Everything that the catalogue says of one control.

import { useEffect, useRef } from "preact/hooks";
import { type ControlSummary, summaries } from "../model/findings";
import { closeControl, control, controls, report } from "../state/store";
import { Markdown } from "./markdown";
import { Icon, Mark, resultLabel, SeverityBadge } from "./parts";

export function ControlPage() {
  const heading = useRef<HTMLHeadingElement>(null);
  const id = control.value;
  useEffect(() => heading.current?.focus({ preventScroll: true }), [id]);
  const known = id === undefined ? undefined : controls.value.get(id);
  if (!known) return null;
  const summary = report.value && summaries(report.value).find((summary) => summary.id === id);
  return (
    <aside class="pane control-page" aria-label={`Control ${known.id}`} key={known.id}>
      <header class="page-head">
        <div class="row">
          <span class="group-id">{known.id}</span>
          <SeverityBadge severity={known.severity} />
          <span class="spacer" />
          <button type="button" class="quiet icon-only" aria-label="Close the control's page" onClick={closeControl}>
            <Icon name="close" />
          </button>
        </div>
        <h2 ref={heading} tabIndex={-1}>
          {known.title}
        </h2>
        <p class="soft">
          {known.assessment} · profiles {known.profiles.join(", ")} · since {known.since}
        </p>
      </header>
      <div class="page-body">
        {summary && <Outcome summary={summary} />}
        <Section title="What" text={known.description} />
        <Section title="Why" text={known.rationale} />
        <Section title="How to check" text={known.audit} />
        <Section title="How to mend" text={known.remediation} />
        {Object.keys(known.params).length > 0 && (
          <section>
            <h3>Parameters</h3>
            <ul class="plain-list">
              {Object.entries(known.params).map(([name, schema]) => (
                <li key={name}>
                  <code>{name}</code> {(schema as { description?: string }).description}
                </li>
              ))}
            </ul>
          </section>
        )}
        <section>
          <h3>References</h3>
          <ul class="plain-list">
            {known.related_resources.map(({ ref, description }) => (
              <li key={ref}>
                <a href={ref} target="_blank" rel="noreferrer">
                  {description}
                </a>
              </li>
            ))}
            <li class="soft">{known.origin}</li>
          </ul>
        </section>
      </div>
    </aside>
  );
}

function Outcome({ summary }: { summary: ControlSummary }) {
  return (
    <ul class="outcome" aria-label="Results">
      {summary.clusters.map(({ cluster, report }) => (
        <li key={cluster.name}>
          <Mark result={report.result} />
          <span>
            <strong>{resultLabel(report.result)}</strong>
            {cluster.name && <> in {cluster.name}</>}
            {report.reason && <span class="soft">: {report.reason}</span>}
            {report.inferred && <span class="soft"> (from what the input stands for)</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Section({ title, text }: { title: string; text: string }) {
  if (text.trim() === "") return null;
  return (
    <section>
      <h3>{title}</h3>
      <Markdown text={text} />
    </section>
  );
}
