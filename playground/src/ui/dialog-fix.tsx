// Changes as a preview: what the text becomes, and what the engine says of it then. Nothing is changed before "Apply".

import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Finding, Report, SourceFile } from "flux-audit";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type FileChange, fix } from "../model/fix";
import { objectLabel } from "../model/findings";
import { type Offer, lockdown } from "../model/lockdown";
import { closeDialog } from "../state/dialog";
import { active, controls, files, go, message, preview, report } from "../state/store";
import { reading } from "./codemirror";
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
      <Effect changes={[change]} answers={[finding]} />
    </Dialog>
  );
}

type Sought = { state: "seeking" } | { state: "found"; offer: Offer } | { state: "failed"; message: string };

export function LockdownDialog() {
  const [sought, setSought] = useState<Sought>({ state: "seeking" });
  useEffect(() => {
    const current = report.value;
    if (!current) return setSought({ state: "failed", message: "There is no report yet." });
    lockdown(current, files.value, preview).then(
      (offer) => setSought({ state: "found", offer }),
      (error: unknown) => setSought({ state: "failed", message: message(error) }),
    );
  }, []);
  if (sought.state !== "found") {
    return (
      <Dialog title="Lock down">
        <p role="status">{sought.state === "seeking" ? "Looking for what the controllers lack…" : sought.message}</p>
      </Dialog>
    );
  }
  const { lockdowns, elsewhere } = sought.offer;
  const changes = lockdowns.map(({ change }) => change);
  const answers = lockdowns.flatMap(({ answers }) => answers);
  if (lockdowns.length === 0) {
    return (
      <Dialog title="Lock down">
        {elsewhere.length === 0 ? <p>No finding asks for another flag of a controller.</p> : <Elsewhere findings={elsewhere} />}
      </Dialog>
    );
  }
  return (
    <Dialog title="Lock down" wide actions={<Apply changes={changes} />}>
      <p>
        What Flux's controllers lack, as patches in{" "}
        {lockdowns.map(({ holder }) => (holder === "FluxInstance" ? "the FluxInstance" : "the kustomization")).filter(unique).join(" and ")}:
      </p>
      {changes.map((change) => (
        <Diff key={change.name} change={change} />
      ))}
      <Effect changes={changes} answers={answers} />
      {elsewhere.length > 0 && <Elsewhere findings={elsewhere} />}
    </Dialog>
  );
}

function Elsewhere({ findings }: { findings: readonly Finding[] }) {
  return (
    <div class="warning">
      <strong>Without a kustomization or FluxInstance for a patch:</strong>
      <ul>
        {findings.map((finding, at) => (
          <li key={at}>
            {finding.control}: {objectLabel(finding.object)}, in{" "}
            <button
              type="button"
              class="link"
              onClick={() => {
                closeDialog();
                go(finding.location.source, finding.location.line, finding.location.column);
              }}
            >
              {finding.location.source}:{finding.location.line}
            </button>
          </li>
        ))}
      </ul>
      <p>Each finding's own fix changes these where they are written.</p>
    </div>
  );
}

function unique<T>(item: T, at: number, list: T[]): boolean {
  return list.indexOf(item) === at;
}

function attempt<T>(make: () => T): { value: T } | { refused: string } {
  try {
    return { value: make() };
  } catch (error) {
    return { refused: message(error) };
  }
}

function changed(changes: readonly FileChange[]): SourceFile[] {
  const texts = new Map(changes.map(({ name, after }) => [name, after]));
  return files.value.map(({ name, text }) => ({ name, text: texts.get(name) ?? text }));
}

function Apply({ changes }: { changes: readonly FileChange[] }) {
  const apply = (): void => {
    files.value = changed(changes);
    const [first] = changes;
    if (first) active.value = first.name;
    closeDialog();
  };
  return (
    <>
      <button type="button" class="quiet" onClick={closeDialog}>
        Cancel
      </button>
      <button type="button" class="primary" onClick={apply}>
        Apply
      </button>
    </>
  );
}

function Diff({ change }: { change: FileChange }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!host.current) return;
    const merge = unifiedMergeView({ original: change.before ?? "", mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } });
    const label = EditorView.contentAttributes.of({ "aria-label": `Changes of ${change.name}`, tabindex: "0" });
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({ doc: change.after, extensions: [reading, merge, label, EditorState.readOnly.of(true), EditorView.editable.of(false)] }),
    });
    return () => view.destroy();
  }, [change]);
  return (
    <figure class="diff">
      <figcaption>{change.name}</figcaption>
      <div ref={host} />
    </figure>
  );
}

/** What the engine says of the changed files: how many findings go, and which are new. */
function Effect({ changes, answers }: { changes: readonly FileChange[]; answers: readonly Finding[] }) {
  const [said, setSaid] = useState("Checking what this changes…");
  useEffect(() => {
    let shown = true;
    const tell = (text: string): void => void (shown && setSaid(text));
    preview(changed(changes)).then(
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

/** Lines move, so that findings are compared by what they are about, and those meant also by what they say. */
function subject({ control, cluster, object }: Finding): string {
  return JSON.stringify([control, cluster, object]);
}

function statement(finding: Finding): string {
  return subject(finding) + finding.message;
}

function effect(before: Report | undefined, after: Report, answers: readonly Finding[]): string {
  const [old, next] = [before?.findings ?? [], after.findings];
  const gone = missing(old.map(subject), next.map(subject)).length;
  const fresh = missing(next.map(subject), old.map(subject)).map((text) => (JSON.parse(text) as [string])[0]);
  const left = answers.length - missing(answers.map(statement), next.map(statement)).length;
  const parts = [gone === 0 ? "No finding goes away" : `${plural(gone, "finding")} ${gone === 1 ? "goes" : "go"} away`];
  if (left > 0) parts.push(`${left} of those meant ${left === 1 ? "stays" : "stay"}`);
  const names = fresh.filter(unique).map((id) => `${id} ${controls.value.get(id)?.title ?? ""}`);
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
