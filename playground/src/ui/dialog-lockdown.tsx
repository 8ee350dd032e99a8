// The lock-down: the patches that add what Flux's controllers lack, as the engine made and tried them.

import type { Finding, LockDown } from "flux-audit";
import { useEffect, useState } from "preact/hooks";
import { objectLabel } from "../model/findings";
import type { FileChange } from "../model/fix";
import { closeDialog } from "../state/dialog";
import { files, go, lockDown, message, say } from "../state/store";
import { Apply, Diff } from "./changes";
import { Dialog, Path, plural } from "./parts";

type Sought = { state: "seeking" } | { state: "found"; lockDown: LockDown } | { state: "failed"; message: string };

export function LockDownDialog() {
  const [sought, setSought] = useState<Sought>({ state: "seeking" });
  useEffect(() => {
    lockDown().then(
      (lockDown) => setSought({ state: "found", lockDown }),
      (error: unknown) => setSought({ state: "failed", message: message(error) }),
    );
  }, []);
  if (sought.state === "seeking") {
    return (
      <Dialog title="Lock down">
        <p role="status">Looking for what the controllers lack, and trying the patches…</p>
      </Dialog>
    );
  }
  if (sought.state === "failed") {
    return (
      <Dialog title="Lock down">
        <p role="alert" class="warning">
          The patches could not be made: {sought.message}
        </p>
      </Dialog>
    );
  }
  return <Offer lockDown={sought.lockDown} />;
}

function Offer({ lockDown: { patches, notOffered, opened } }: { lockDown: LockDown }) {
  const refused = notOffered.map(({ cluster, reason, findings }) => (
    <Stays key={cluster} title={`Without a patch${cluster ? ` in ${cluster}` : ""}: ${reason}.`} findings={findings} />
  ));
  if (patches.length === 0) {
    return <Dialog title="Lock down">{refused.length > 0 ? refused : <p>No finding asks for another flag of a controller.</p>}</Dialog>;
  }
  const changes = fileChanges(patches);
  const mended = patches.flatMap(({ mends }) => mends).length;
  return (
    <Dialog title="Lock down" wide actions={<Apply changes={changes} />}>
      <p>What Flux's controllers lack, as patches where this repository keeps them. They were tried:</p>
      <p class="effect" role="status">
        {plural(mended, "finding")} {mended === 1 ? "goes" : "go"} away, {opened.length === 0 ? "none is new" : `${opened.length} new or different`}.
      </p>
      {changes.map((change) => {
        const own = patches.filter(({ source }) => source === change.name).map(({ patch }) => patch);
        return <Diff key={change.name} change={change} action={<CopyButton text={own.join("")} />} />;
      })}
      {opened.length > 0 && <Stays title="New or different once the patches are applied; look at these first:" findings={opened} />}
      {refused}
    </Dialog>
  );
}

/** Every file with all of its patches: each patch has its file with those before it. */
function fileChanges(patches: LockDown["patches"]): FileChange[] {
  const after = new Map(patches.map(({ source, text }) => [source, text]));
  return [...after].map(([name, after]) => ({ name, before: files.value.find((file) => file.name === name)?.text, after }));
}

function CopyButton({ text }: { text: string }) {
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => say("The patch is in the clipboard."),
      () => say("The browser does not give access to the clipboard.", "error"),
    );
  };
  return (
    <button type="button" class="small" onClick={copy}>
      Copy the patch
    </button>
  );
}

function Stays({ title, findings }: { title: string; findings: readonly Finding[] }) {
  return (
    <div class="warning">
      <strong>{title}</strong>
      <ul>
        {findings.map(({ control, object, message, location }, at) => (
          <li key={at}>
            {control}, {objectLabel(object)}: {message}, in{" "}
            <button
              type="button"
              class="link"
              onClick={() => {
                closeDialog();
                go(location.source, location.line, location.column);
              }}
            >
              <Path name={location.source} />:{location.line}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
