// Changes as a preview. Nothing is changed before "Apply".

import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { SourceFile } from "flux-audit";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { FileChange } from "../model/fix";
import { closeDialog } from "../state/dialog";
import { active, files } from "../state/store";
import { reading } from "./codemirror";
import { Path } from "./parts";

/** The files with changes in them. */
export function changed(changes: readonly FileChange[]): SourceFile[] {
  const texts = new Map(changes.map(({ name, after }) => [name, after]));
  return files.value.map(({ name, text }) => ({ name, text: texts.get(name) ?? text }));
}

/** The buttons of a preview. */
export function Apply({ changes }: { changes: readonly FileChange[] }) {
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

/** A change, line by line; with a button beside its name. */
export function Diff({ change, action }: { change: FileChange; action?: ComponentChildren }) {
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
      <figcaption>
        <span>
          <Path name={change.name} />
        </span>
        {action}
      </figcaption>
      <div ref={host} />
    </figure>
  );
}
