import type { Finding } from "flux-audit";
import { useEffect, useRef, useState } from "preact/hooks";
import { hasFix } from "../model/fix";
import { type Group, grouped, NO_FILTER, objectLabel } from "../model/findings";
import { dialog } from "../state/dialog";
import { chosenFinding, control, controls, filter, findings, go, groupBy, openControl, report } from "../state/store";
import { Empty, Icon, Mark, Path, plural, SeverityBadge } from "./parts";

/** So many are quick to draw; the others on request. */
const SHOWN = 300;

export function FindingList() {
  const [all, setAll] = useState(false);
  const shown = findings.value;
  if (shown.length === 0) {
    return report.value?.findings.length ? (
      <Empty title="Every finding is filtered out">
        <button type="button" onClick={() => (filter.value = NO_FILTER)}>
          Show all
        </button>
      </Empty>
    ) : (
      <Empty title="No findings">
        <p>No control complains about these files. The tab Controls says what was checked, and what a person still has to check.</p>
      </Empty>
    );
  }
  const rest = all ? 0 : Math.max(0, shown.length - SHOWN);
  const groups = grouped(rest > 0 ? shown.slice(0, SHOWN) : shown, groupBy.value);
  return (
    <div class="list">
      {groups.map((group) => (
        <GroupView key={group.key} group={group} />
      ))}
      {rest > 0 && (
        <button type="button" class="more" onClick={() => setAll(true)}>
          Show {plural(rest, "more finding")}
        </button>
      )}
    </div>
  );
}

function GroupView({ group }: { group: Group }) {
  const [first] = group.findings;
  if (!first) return null;
  const byControl = groupBy.value === "control";
  return (
    <section class="group" aria-label={group.key}>
      {byControl ? (
        <button type="button" class="group-head" aria-current={control.value === group.key} onClick={() => openControl(group.key)}>
          <SeverityBadge severity={first.severity} />
          <span class="group-id">{group.key}</span>
          <span class="group-title">{controls.value.get(group.key)?.title}</span>
          <span class="group-count" title={plural(group.findings.length, "finding")}>
            {group.findings.length}
          </span>
        </button>
      ) : (
        <div class="group-head">
          <Icon name="file" />
          <span class="group-title group-file">{group.key}</span>
          <span class="group-count">{group.findings.length}</span>
        </div>
      )}
      <ul>
        {group.findings.map((finding, at) => (
          <FindingRow key={at} finding={finding} byControl={byControl} />
        ))}
      </ul>
    </section>
  );
}

function FindingRow({ finding, byControl }: { finding: Finding; byControl: boolean }) {
  const { location, message, object, result } = finding;
  const row = useRef<HTMLLIElement>(null);
  const isChosen = chosenFinding.value === finding;
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const choose = (): void => {
    chosenFinding.value = finding;
    go(location.source, location.line, location.column);
  };
  return (
    <li class="finding" ref={row} aria-current={isChosen}>
      <button type="button" class="finding-main" onClick={choose}>
        <Mark result={result} />
        <span class="finding-text">
          <span class="finding-message">{message}</span>
          <span class="finding-object">{objectLabel(object)}</span>
          <span class="finding-place">
            {byControl ? <Path name={location.source} /> : finding.control}:{location.line}
          </span>
        </span>
      </button>
      {!byControl && (
        <button type="button" class="quiet small" onClick={() => openControl(finding.control)}>
          {finding.control}
        </button>
      )}
      {hasFix(finding) && (
        <button type="button" class="small fix" onClick={() => (dialog.value = { kind: "fix", finding })}>
          Fix
        </button>
      )}
    </li>
  );
}
