import { useEffect, useState } from "preact/hooks";
import { dropped } from "../model/intake";
import { closeControl, control, files, notice, say, view, type View } from "../state/store";
import { dialog } from "../state/dialog";
import { ControlPage } from "./control-page";
import { Dialogs } from "./dialogs";
import { Editor } from "./editor";
import { FileBar, FileTree, NoFiles, onPaste, take } from "./files";
import { Header } from "./header";
import { Icon } from "./parts";
import { Results, shownCount } from "./results";

export function App() {
  const dragging = useDrop();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented && !dialog.value && control.value) closeControl();
    };
    document.addEventListener("keydown", onKeyDown);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("paste", onPaste);
    };
  }, []);
  return (
    <div class="app" data-view={view.value} data-page={control.value !== undefined}>
      <Header />
      <main class="panes">
        <section class="pane pane-editor" aria-label="Files">
          <FileBar />
          <div class="editor-area">
            <FileTree />
            <div class="editor-host" hidden={files.value.length === 0}>
              <Editor />
            </div>
            {files.value.length === 0 && <NoFiles />}
          </div>
        </section>
        <Results />
        <ControlPage />
      </main>
      <Switcher />
      <Notice />
      <Dialogs />
      {dragging && (
        <div class="drop" aria-hidden="true">
          <Icon name="folder" /> Drop files, a folder or a zip
        </div>
      )}
    </div>
  );
}

/** What a narrow screen shows of the page. */
function Switcher() {
  const count = shownCount();
  const views: { id: View; label: string; shown: boolean }[] = [
    { id: "editor", label: "Files", shown: true },
    { id: "results", label: count === undefined ? "Results" : `Results (${count})`, shown: true },
    { id: "control", label: "Control", shown: control.value !== undefined },
  ];
  return (
    <nav class="switcher" aria-label="View">
      {views.filter(({ shown }) => shown).map(({ id, label }) => (
        <button key={id} type="button" aria-current={view.value === id} onClick={() => (view.value = id)}>
          {label}
        </button>
      ))}
    </nav>
  );
}

function Notice() {
  const current = notice.value;
  useEffect(() => {
    if (current?.tone !== "info") return;
    const timer = setTimeout(() => (notice.value = undefined), 5000);
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <div class="notices" role="status" aria-live="polite">
      {current && (
        <div class={`notice notice-${current.tone}`}>
          <span>{current.text}</span>
          <button type="button" class="quiet icon-only" aria-label="Dismiss" onClick={() => (notice.value = undefined)}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}

/** Files may be dropped anywhere; whether some hang over the page just now. */
function useDrop(): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const onOver = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      setOver(false);
      if (!event.dataTransfer || !hasFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      dropped(event.dataTransfer).then(take, (error: Error) => say(`This cannot be read: ${error.message}`, "error"));
    };
    // Before the editor, which would insert the text.
    addEventListener("dragover", onOver, true);
    addEventListener("dragleave", onLeave);
    addEventListener("drop", onDrop, true);
    return () => {
      removeEventListener("dragover", onOver, true);
      removeEventListener("dragleave", onLeave);
      removeEventListener("drop", onDrop, true);
    };
  }, []);
  return over;
}
