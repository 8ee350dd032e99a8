import { useEffect, useState } from "preact/hooks";
import type { Example } from "../model/example";
import { closeDialog } from "../state/dialog";
import { controls, message, replaceFiles, view } from "../state/store";
import { Dialog, Icon, SeverityBadge } from "./parts";

type Loaded = { state: "loading" } | { state: "ready"; examples: Example[] } | { state: "failed"; message: string };

export function ExamplesDialog() {
  const [loaded, setLoaded] = useState<Loaded>({ state: "loading" });
  const [text, setText] = useState("");
  useEffect(() => {
    import("virtual:examples").then(
      ({ default: examples }) => setLoaded({ state: "ready", examples }),
      (error: unknown) => setLoaded({ state: "failed", message: message(error) }),
    );
  }, []);
  const open = ({ files, settings }: Example): void => {
    replaceFiles(files, settings);
    view.value = "results";
    closeDialog();
  };
  const all = loaded.state === "ready" ? loaded.examples : [];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const ids = [...new Set(all.flatMap(({ control }) => control ?? []))].filter((id) => {
    const said = `${id} ${controls.value.get(id)?.title ?? ""} ${controls.value.get(id)?.slug ?? ""}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
  return (
    <Dialog title="Examples" wide>
      {loaded.state === "failed" && <p role="alert">The examples cannot be loaded: {loaded.message}</p>}
      <h3>Whole repositories</h3>
      <div class="cards">
        {all
          .filter(({ group }) => group === "repository")
          .map((example) => (
            <button key={example.id} type="button" class="card" onClick={() => open(example)}>
              <Icon name="folder" />
              <strong>{example.title}</strong>
              <span class="soft">{example.note}</span>
            </button>
          ))}
      </div>
      <h3>One control, wrong and right</h3>
      <label class="search">
        <Icon name="search" />
        <input type="search" placeholder="Find a control" aria-label="Find a control" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <ul class="example-list">
        {ids.map((id) => {
          const control = controls.value.get(id);
          return (
            <li key={id}>
              <span class="group-id">{id}</span>
              <span class="example-title">{control?.title}</span>
              {control && <SeverityBadge severity={control.severity} />}
              <span class="example-buttons">
                {all
                  .filter((example) => example.control === id)
                  .map((example) => (
                    <button key={example.id} type="button" class={`small ${example.group}`} aria-label={`${id}: ${example.group} example`} onClick={() => open(example)}>
                      {example.group === "bad" ? "Bad" : "Good"}
                    </button>
                  ))}
              </span>
            </li>
          );
        })}
        {loaded.state === "ready" && ids.length === 0 && <li class="soft">No control matches.</li>}
      </ul>
    </Dialog>
  );
}
