// The editor: one view, and for each file a state with its own undo history.

import { setDiagnostics } from "@codemirror/lint";
import { EditorState, Transaction } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Finding } from "flux-audit";
import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { diagnostics, findingAt } from "../model/diagnostics";
import { range } from "../model/range";
import { active, check, controls, editFile, files, findings, place, reveal, view as shownView } from "../state/store";
import { writing } from "./codemirror";

export function Editor() {
  const host = useRef<HTMLDivElement>(null);
  const held = useRef<Held | undefined>(undefined);

  useEffect(() => {
    if (!host.current) return;
    const own = new Held(host.current);
    held.current = own;
    own.show(active.peek());
    return () => own.destroy();
  }, []);

  useSignalEffect(() => {
    const [name, list] = [active.value, files.value];
    held.current?.sync(list);
    held.current?.show(name);
  });

  useSignalEffect(() => {
    const [state, name, shown, known] = [check.value, active.value, findings.value, controls.value];
    const view = held.current?.view;
    if (!view) return;
    const marks = state.state === "done" ? diagnostics(view.state.doc, name, shown, state.report, known, show) : [];
    view.dispatch(setDiagnostics(view.state, marks));
  });

  useSignalEffect(() => {
    const goal = place.value;
    const view = held.current?.view;
    if (!goal || !view) return;
    held.current?.show(goal.file);
    const { from, to } = range(view.state.doc, goal.line, goal.column);
    view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    // A narrow screen shows the editor only after this.
    requestAnimationFrame(() => view.focus());
  });

  return <div class="editor" ref={host} />;
}

/** Where the results are not on the screen, they take the editor's place. */
function show(finding: Finding): void {
  reveal(finding);
  shownView.value = "results";
}

class Held {
  readonly view: EditorView;
  #shown = "";
  readonly #states = new Map<string, EditorState>();

  constructor(parent: HTMLElement) {
    this.view = new EditorView({
      parent,
      dispatchTransactions: (transactions, view) => {
        view.update(transactions);
        const edited = transactions.some((transaction) => transaction.docChanged && !isOurs(transaction));
        if (edited) editFile(this.#shown, view.state.doc.toString());
        if (transactions.some((transaction) => transaction.isUserEvent("select.pointer"))) this.#reveal();
      },
    });
  }

  /** Brings every state to the text that its file has now, and forgets those without one. */
  sync(list: readonly { name: string; text: string }[]): void {
    const texts = new Map(list.map(({ name, text }) => [name, text]));
    for (const name of this.#states.keys()) if (!texts.has(name)) this.#states.delete(name);
    for (const [name, text] of texts) {
      const state = name === this.#shown ? this.view.state : this.#states.get(name);
      if (!state) continue;
      const changes = difference(state.doc.toString(), text);
      if (!changes) continue;
      const spec = { changes, annotations: Transaction.userEvent.of(OURS) };
      if (name === this.#shown) this.view.dispatch(spec);
      else this.#states.set(name, state.update(spec).state);
    }
  }

  show(name: string): void {
    if (name === this.#shown) return;
    if (this.#shown && files.peek().some((file) => file.name === this.#shown)) this.#states.set(this.#shown, this.view.state);
    this.#shown = name;
    const text = files.peek().find((file) => file.name === name)?.text ?? "";
    this.view.setState(this.#states.get(name) ?? EditorState.create({ doc: text, extensions: writing }));
  }

  /** A click on a mark leads to its finding. */
  #reveal(): void {
    const { doc, selection } = this.view.state;
    const finding = findingAt(doc, this.#shown, findings.peek(), selection.main.head);
    if (finding) reveal(finding);
  }

  destroy(): void {
    this.view.destroy();
  }
}

const OURS = "flux-audit";

function isOurs(transaction: Transaction): boolean {
  return transaction.isUserEvent(OURS);
}

/** The one change between two texts, without what they have in common at both ends. */
function difference(before: string, after: string): { from: number; to: number; insert: string } | undefined {
  // The editor knows one kind of line end only.
  const wanted = after.replaceAll(/\r\n?/g, "\n");
  if (before === wanted) return undefined;
  let from = 0;
  while (from < before.length && before[from] === wanted[from]) from++;
  let tail = 0;
  const most = Math.min(before.length, wanted.length) - from;
  while (tail < most && before.at(-1 - tail) === wanted.at(-1 - tail)) tail++;
  return { from, to: before.length - tail, insert: wanted.slice(from, wanted.length - tail) };
}
