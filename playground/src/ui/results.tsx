// What the check says: the verdict, then findings or controls.

import type { Report } from "flux-audit";
import { count, FINDING_RESULTS, PROFILES, SEVERITIES, summaries } from "../model/findings";
import { dialog } from "../state/dialog";
import { again, busy, check, engine, files, filter, findings, go, groupBy, report, stop, tab } from "../state/store";
import { ControlList } from "./controls";
import { FindingList } from "./findings";
import { Chip, Empty, Icon, plural, resultLabel } from "./parts";

export function Results() {
  return (
    <section class="pane results" aria-label="Results">
      <Content />
    </section>
  );
}

function Content() {
  const [loaded, state] = [engine.value, check.value];
  if (loaded.state === "broken") {
    return (
      <Empty title="The engine could not be started">
        <p>{loaded.message}</p>
        <p>This page needs a browser with WebAssembly and workers.</p>
      </Empty>
    );
  }
  if (state.state === "failed") return <Failed code={state.error.code} message={state.error.message} />;
  if (state.state === "none") {
    if (files.value.length === 0) {
      return (
        <Empty title="Nothing to check yet">
          <p>Bring a manifest or a whole repository, or look at an example.</p>
          <button type="button" onClick={() => (dialog.value = { kind: "examples" })}>
            Examples
          </button>
        </Empty>
      );
    }
    return <Loading />;
  }
  return (
    <>
      <Verdict report={state.report} milliseconds={state.milliseconds} />
      <Tabs report={state.report} />
      {tab.value === "findings" ? (
        <div class="tab-panel" role="tabpanel" id="panel-findings" aria-labelledby="tab-findings">
          <Filters report={state.report} />
          <FindingList />
        </div>
      ) : (
        <div class="tab-panel" role="tabpanel" id="panel-controls" aria-labelledby="tab-controls">
          <ControlList report={state.report} />
        </div>
      )}
    </>
  );
}

function Loading() {
  return (
    <div class="loading" role="status">
      <span class="hidden">{engine.value.state === "loading" ? "Loading the engine" : "Checking"}</span>
      <div class="bone bone-card" />
      <div class="bone" />
      <div class="bone bone-short" />
      <div class="bone" />
      <div class="bone bone-short" />
    </div>
  );
}

const REASONS: Record<string, string> = {
  hung: "The check took too long",
  stopped: "The check was stopped",
  crashed: "The engine stopped working",
  trap: "The engine stopped working",
  "bad-config": "The settings are not right",
};

function Failed({ code, message }: { code: string; message: string }) {
  return (
    <div class="failed" role="alert" data-busy={busy.value}>
      <h3>{REASONS[code] ?? "The check did not work"}</h3>
      <p>{message}</p>
      <p class="soft">There is no verdict, and that is no pass.</p>
      <div class="row">
        {busy.value ? (
          <StopButton />
        ) : (
          <button type="button" onClick={again}>
            Check again
          </button>
        )}
        {code === "bad-config" && (
          <button type="button" onClick={() => (dialog.value = { kind: "settings" })}>
            Settings
          </button>
        )}
      </div>
    </div>
  );
}

function StopButton() {
  return (
    <button type="button" class="quiet stop" onClick={stop}>
      <Icon name="stop" /> Stop
    </button>
  );
}

const VERDICTS = {
  pass: { title: "Pass", icon: "check", text: "Everything was read and decided." },
  fail: { title: "Fail", icon: "cross", text: "Recommendations are not followed." },
  incomplete: { title: "Incomplete", icon: "question", text: "Not everything could be read and decided." },
} as const;

function Verdict({ report, milliseconds }: { report: Report; milliseconds: number }) {
  const { title, icon, text } = VERDICTS[report.verdict];
  const counts = count(summaries(report), ({ result }) => result);
  const said = (["fail", "unknown", "warn", "manual", "accepted", "pass"] as const)
    .filter((result) => counts.has(result))
    .map((result) => `${counts.get(result)} ${resultLabel(result).toLowerCase()}`);
  return (
    <div class={`verdict verdict-${report.verdict}`} data-busy={busy.value}>
      <span class="verdict-icon">
        <Icon name={icon} />
      </span>
      <div class="verdict-text" role="status">
        <h2>{title}</h2>
        <p>{text}</p>
        {said.length > 0 && <p>Controls: {said.join(", ")}</p>}
        <p class="soft">
          {report.clusters.length > 1 ? `${plural(report.clusters.length, "cluster")} · ` : ""}
          {MODES[report.mode]} · {report.profiles.join(", ")} · {Math.round(milliseconds)} ms
        </p>
      </div>
      {busy.value ? (
        <StopButton />
      ) : (
        <button type="button" class="lockdown-button" onClick={() => (dialog.value = { kind: "lockdown" })}>
          <Icon name="lock" /> Lock down
        </button>
      )}
      <Problems report={report} />
    </div>
  );
}

const MODES = { git: "repository", render: "manifests", dump: "cluster dump", admission: "admission review" } as const;

/** What could not be read comes before everything else: it makes the report incomplete. */
function Problems({ report }: { report: Report }) {
  const { problems, suggestions } = report;
  return (
    <>
      {problems.length > 0 && (
        <ul class="problems" aria-label="Problems">
          {problems.slice(0, 20).map(({ code, line, message, source }, at) => (
            <li key={at}>
              <code>{code}</code> {message}{" "}
              {source && (
                <button type="button" class="link" onClick={() => go(source, line ?? 1, 1)}>
                  {source}
                  {line ? `:${line}` : ""}
                </button>
              )}
            </li>
          ))}
          {problems.length > 20 && <li>and {problems.length - 20} more</li>}
        </ul>
      )}
      {suggestions.map(({ cluster, profile, reason }) => (
        <p key={`${cluster} ${profile}`} class="suggestion">
          Profile <code>{profile}</code> fits{cluster ? ` ${cluster}` : ""}: {reason}.{" "}
          <button type="button" class="link" onClick={() => (dialog.value = { kind: "settings" })}>
            Settings
          </button>
        </p>
      ))}
    </>
  );
}

function Tabs({ report }: { report: Report }) {
  const tabs = [
    { id: "findings" as const, label: "Findings", count: report.findings.length },
    { id: "controls" as const, label: "Controls", count: summaries(report).length },
  ];
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    tab.value = tab.value === "findings" ? "controls" : "findings";
    const list = event.currentTarget as HTMLElement;
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  return (
    <div class="tabs" role="tablist" aria-label="Results" onKeyDown={onKeyDown}>
      {tabs.map(({ id, label, count }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-controls={`panel-${id}`}
          aria-selected={tab.value === id}
          tabIndex={tab.value === id ? 0 : -1}
          onClick={() => (tab.value = id)}
        >
          {label} <span class="tab-count">{count}</span>
        </button>
      ))}
    </div>
  );
}

function Filters({ report }: { report: Report }) {
  const { severities, results, profiles, text } = filter.value;
  const bySeverity = count(report.findings, ({ severity }) => severity);
  const byResult = count(report.findings, ({ result }) => result);
  const set = (change: Partial<typeof filter.value>): void => {
    filter.value = { ...filter.value, ...change };
  };
  const shownSeverities = SEVERITIES.filter((severity) => bySeverity.has(severity));
  const shownResults = FINDING_RESULTS.filter((result) => byResult.has(result));
  return (
    <div class="filters">
      <div class="filter-row">
        <label class="search">
          <Icon name="search" />
          <input type="search" placeholder="Filter findings" aria-label="Filter findings" value={text} onInput={(event) => set({ text: event.currentTarget.value })} />
        </label>
        <div class="segmented" role="group" aria-label="Group by">
          {(["control", "file"] as const).map((by) => (
            <button key={by} type="button" aria-pressed={groupBy.value === by} onClick={() => (groupBy.value = by)}>
              By {by}
            </button>
          ))}
        </div>
      </div>
      <div class="chips" role="group" aria-label="Show">
        {shownSeverities.map((severity) => (
          <Chip key={severity} on={!severities.has(severity)} count={bySeverity.get(severity) ?? 0} onToggle={() => set({ severities: toggled(severities, severity) })}>
            <span class={`dot severity-${severity}`} /> {severity}
          </Chip>
        ))}
        {shownResults.length > 1 && <span class="chip-gap" />}
        {shownResults.length > 1 &&
          shownResults.map((result) => (
            <Chip key={result} on={!results.has(result)} count={byResult.get(result) ?? 0} onToggle={() => set({ results: toggled(results, result) })}>
              {resultLabel(result)}
            </Chip>
          ))}
        {report.profiles.length > 1 && <span class="chip-gap" />}
        {report.profiles.length > 1 &&
          PROFILES.filter((profile) => report.profiles.includes(profile)).map((profile) => (
            <Chip key={profile} on={!profiles.has(profile)} onToggle={() => set({ profiles: toggled(profiles, profile) })}>
              {profile}
            </Chip>
          ))}
      </div>
    </div>
  );
}

function toggled<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}

/** How many findings there are, for the tabs of a narrow screen. */
export function shownCount(): number | undefined {
  return report.value && findings.value.length;
}
