// The fix of a finding as a preview: what the text becomes, and what the engine says of it then.

import type { Finding, Report } from "flux-audit";
import { useEffect, useMemo, useState } from "preact/hooks";
import { objectLabel } from "../model/findings";
import { type FileChange, fix } from "../model/fix";
import { controls, files, message, preview, report } from "../state/store";
import { Apply, changed, Diff } from "./changes";
import { Dialog, plural } from "./parts";

export function FixDialog({ finding }: { finding: Finding }) {
  const result = useMemo(() => attempt(() => fix(finding, files.value)), [finding]);
  const title = `Fix ${finding.control}`;
  if ("refused" in result) {
    return (
      <Dialog title={title}>
        <p>{objectLabel(finding.object)}: {finding.message}</p>
        <p role="alert" class="warning">
          {result.refused}
        </p>
        <pre class="patch" tabIndex={0}>{JSON.stringify(finding.fix, undefined, 2)}</pre>
      </Dialog>
    );
  }
  const { value: change } = result;
  return (
    <Dialog title={title} wide actions={<Apply changes={[change]} />}>
      <p>
        {objectLabel(finding.object)}: {finding.message}
      </p>
      <Diff change={change} />
      <Effect change={change} answers={finding} />
    </Dialog>
  );
}

function attempt<T>(make: () => T): { value: T } | { refused: string } {
  try {
    return { value: make() };
  } catch (error) {
    return { refused: message(error) };
  }
}

/** What the engine says of the changed file: how many findings go, and which are new. */
function Effect({ change, answers }: { change: FileChange; answers: Finding }) {
  const [said, setSaid] = useState("Checking what this changes…");
  useEffect(() => {
    let shown = true;
    const tell = (text: string): void => void (shown && setSaid(text));
    preview(changed([change])).then(
      (after) => tell(effect(report.value, after, answers)),
      (error: unknown) => tell(`It could not be checked what this changes: ${message(error)}`),
    );
    return () => {
      shown = false;
    };
  }, []);
  return (
    <p class="effect" role="status">
      {said}
    </p>
  );
}

/** Lines move, so that findings are compared by what they are about, and the one that is meant also by what it says. */
function subject({ control, cluster, object }: Finding): string {
  return JSON.stringify([control, cluster, object]);
}

function statement(finding: Finding): string {
  return subject(finding) + finding.message;
}

function effect(before: Report | undefined, after: Report, answers: Finding): string {
  const [old, next] = [before?.findings ?? [], after.findings];
  const gone = missing(old.map(subject), next.map(subject)).length;
  const fresh = missing(next.map(subject), old.map(subject)).map((text) => (JSON.parse(text) as [string])[0]);
  const alike = (findings: Finding[]): number => findings.filter((finding) => statement(finding) === statement(answers)).length;
  const stays = alike(next) >= alike(old);
  const parts = [gone === 0 ? "No finding goes away" : `${plural(gone, "finding")} ${gone === 1 ? "goes" : "go"} away`];
  if (stays) parts.push("the one that was meant stays");
  const names = [...new Set(fresh)].map((id) => `${id} ${controls.value.get(id)?.title ?? ""}`);
  parts.push(fresh.length === 0 ? "none is new" : `${fresh.length} new: ${names.join("; ")}`);
  return `${parts.join(", ")}.`;
}

/** What of the first list is not in the second, each as often as it is there. */
function missing(list: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const one of others) left.set(one, (left.get(one) ?? 0) + 1);
  return list.filter((one) => {
    const count = left.get(one) ?? 0;
    left.set(one, count - 1);
    return count <= 0;
  });
}
