// The files: as tabs beside the editor, or as one list where there is no room.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { count } from "../model/findings";
import { chosen, intake, type RawFile } from "../model/intake";
import { active, addFiles, editFile, files, freshName, removeFile, renameFile, replaceFiles, report, say } from "../state/store";
import { Icon, plural } from "./parts";

/** Takes what a user brings: a repository instead of what is here, single files beside it. */
export function take(raw: readonly RawFile[]): void {
  const { files: found, left } = intake(raw);
  const [first] = left;
  if (found.length > 0) {
    const isWhole = found.length > 1 || files.value.every(({ text }) => text.trim() === "");
    // What the objects are decides the mode of files that replace an example.
    if (isWhole) replaceFiles(found, {});
    else addFiles(found);
  }
  if (first) say(`${plural(left.length, "file")} left out: ${first}`, "error");
  else if (found.length === 0) say("There is no text file in this.", "error");
  else say(`${plural(found.length, "file")} opened. Nothing was sent anywhere.`);
}

export function newFile(): void {
  const name = freshName();
  addFiles([{ name, text: "" }]);
}

export function FileBar() {
  const [renaming, setRenaming] = useState<string | undefined>(undefined);
  const name = active.value;
  const list = files.value;
  const rename = (): void => {
    if (renaming === undefined) return;
    if (!renameFile(name, renaming.trim())) say("There is a file of this name already.", "error");
    setRenaming(undefined);
  };
  return (
    <div class="file-bar">
      {list.length > 1 && (
        <select class="file-select" aria-label="File" value={name} onChange={(event) => (active.value = event.currentTarget.value)}>
          {list.map((file) => (
            <option key={file.name} value={file.name}>
              {file.name}
            </option>
          ))}
        </select>
      )}
      {name !== "" && (
        <input
          class="file-name"
          aria-label="Name of this file"
          value={renaming ?? name}
          onInput={(event) => setRenaming(event.currentTarget.value)}
          onBlur={rename}
          onKeyDown={(event) => {
            if (event.key === "Enter") rename();
            if (event.key === "Escape") setRenaming(undefined);
          }}
        />
      )}
      <span class="spacer" />
      <button type="button" class="quiet icon-only" aria-label="New file" title="New file" onClick={newFile}>
        <Icon name="plus" />
      </button>
      <Pick kind="quiet icon-only" label="Open files or zip">
        <Icon name="file" />
      </Pick>
      <Pick kind="quiet icon-only" label="Open folder" folder>
        <Icon name="folder" />
      </Pick>
      {name !== "" && (
        <button type="button" class="quiet icon-only" aria-label={`Remove ${name}`} title="Remove this file" onClick={() => removeFile(name)}>
          <Icon name="trash" />
        </button>
      )}
      {list.length > 1 && (
        <button type="button" class="quiet" onClick={() => replaceFiles([], {})}>
          Clear
        </button>
      )}
    </div>
  );
}

/** A button that asks for files, or for a folder with all that is in it. */
function Pick({ kind, label, folder, children }: { kind: string; label: string; folder?: boolean; children: ComponentChildren }) {
  const input = useRef<HTMLInputElement>(null);
  const onPick = async (event: Event): Promise<void> => {
    const target = event.currentTarget as HTMLInputElement;
    if (target.files) take(await chosen(target.files));
    target.value = "";
  };
  // The attribute of every browser that no standard has.
  const which = folder ? { webkitdirectory: true } : { multiple: true };
  return (
    <>
      <button type="button" class={kind} aria-label={label} title={label} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input ref={input} type="file" {...which} hidden onChange={(event) => void onPick(event)} />
    </>
  );
}

/** Tabs, one below the other, under their folders. */
export function FileTree() {
  const list = files.value;
  if (list.length < 2) return null;
  const counts = count(report.value?.findings ?? [], (finding) => finding.location.source);
  const folders = new Map<string, string[]>();
  for (const { name } of list) {
    const folder = name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : "";
    folders.set(folder, [...(folders.get(folder) ?? []), name]);
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const order = [...folders.values()].flat();
    const next = order[order.indexOf(active.value) + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    active.value = next;
    const tree = event.currentTarget as HTMLElement;
    requestAnimationFrame(() => tree.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  return (
    <div class="file-tree" role="tablist" aria-orientation="vertical" aria-label="Files" onKeyDown={onKeyDown}>
      {[...folders].map(([folder, names]) => (
        <div key={folder} role="presentation">
          {folder && (
            <div class="folder" title={folder} role="presentation">
              <bdi dir="ltr">{folder}</bdi>
            </div>
          )}
          {names.map((name) => {
            const found = counts.get(name);
            return (
              <button
                key={name}
                type="button"
                role="tab"
                class="file-tab"
                aria-selected={name === active.value}
                tabIndex={name === active.value ? 0 : -1}
                title={name}
                onClick={() => (active.value = name)}
              >
                <span class="file-tab-name">{name.slice(folder ? folder.length + 1 : 0)}</span>
                {found && (
                  <span class="file-count" title={plural(found, "finding")}>
                    {found}
                  </span>
                )}
              </button>
            );
          })}
        </div>
      ))}
    </div>
  );
}

/** Instead of the editor where there is no file. */
export function NoFiles() {
  const paste = async (): Promise<void> => {
    try {
      const text = await navigator.clipboard.readText();
      if (text.trim() === "") say("The clipboard holds no text.", "error");
      else replaceFiles([{ name: "manifest.yaml", text }], {});
    } catch {
      newFile();
      say("Paste into the editor.");
    }
  };
  return (
    <div class="no-files">
      <Icon name="folder" />
      <h2>Bring your manifests</h2>
      <p>Drop files, a folder or a zip here. Everything is read in this page, and nothing leaves it.</p>
      <div class="row">
        <Pick kind="primary" label="Open files or zip">
          Open files
        </Pick>
        <Pick kind="" label="Open folder" folder>
          Open folder
        </Pick>
        <button type="button" onClick={() => void paste()}>
          Paste
        </button>
        <button type="button" onClick={newFile}>
          Start empty
        </button>
      </div>
    </div>
  );
}

/** Pasting outside of a field opens what was pasted. */
export function onPaste(event: ClipboardEvent): void {
  const target = event.target as HTMLElement | null;
  if (target?.closest("input, textarea, dialog, .cm-editor")) return;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (text.trim() === "") return;
  event.preventDefault();
  const empty = files.value.find(({ name, text }) => name === active.value && text.trim() === "");
  if (empty) editFile(empty.name, text);
  else addFiles([{ name: freshName(), text }]);
}
