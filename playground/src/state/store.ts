// What the page shows, and what changes it.

import type { Control, Finding, FormatName, LockDown, Report, SourceFile } from "flux-audit";
import { computed, effect, signal, untracked } from "@preact/signals";
import starter from "virtual:starter";
import { version } from "flux-audit/package.json";
import { createWorker } from "flux-audit/worker";
import { Client, EngineError, type Outcome } from "../engine/client";
import { type Filter, NO_FILTER, visible } from "../model/findings";
import { byPath, type CheckInput, type Settings } from "../model/settings";
import { decode } from "../model/share";
import { loadModule, spawn } from "#platform";

/** What the engine is doing. */
export type EngineState =
  | { state: "loading" }
  | { state: "ready"; version: string; controls: Control[] }
  | { state: "broken"; message: string };

/** What became of the last check. */
export type CheckState =
  | { state: "none" }
  | { state: "done"; report: Report; input: CheckInput; milliseconds: number }
  | { state: "failed"; error: EngineError };

/** A place to show in the editor; the number makes two equal requests differ. */
export interface Goto {
  file: string;
  line: number;
  column: number;
  number: number;
}

export type View = "editor" | "results" | "control";

export const engine = signal<EngineState>({ state: "loading" });
export const check = signal<CheckState>({ state: "none" });
export const busy = signal(false);

export const files = signal<SourceFile[]>(starter.files);
export const active = signal(starter.files[0]?.name ?? "");
export const settings = signal<Settings>(starter.settings);

export const filter = signal<Filter>(NO_FILTER);
export const groupBy = signal<"control" | "file">("control");
export const tab = signal<"findings" | "controls">("findings");
/** The control whose page is open. */
export const control = signal<string | undefined>(undefined);
/** The finding that was chosen last. */
export const chosenFinding = signal<Finding | undefined>(undefined);
/** What a narrow screen shows. */
export const view = signal<View>("editor");
export const place = signal<Goto | undefined>(undefined);
/** A word to the user, read out by screen readers. */
export const notice = signal<{ text: string; tone: "info" | "error" } | undefined>(undefined);

export const controls = computed(() => {
  const current = engine.value;
  return new Map(current.state === "ready" ? current.controls.map((control) => [control.id, control]) : []);
});
export const report = computed(() => (check.value.state === "done" ? check.value.report : undefined));
export const findings = computed(() => visible(report.value?.findings ?? [], filter.value, controls.value));

let client: Client | undefined;
let checkedAtOnce = false;
let gotos = 0;

/** Loads the engine; from then on every change of files and settings is checked. */
export async function start(): Promise<void> {
  openLink();
  try {
    client = new Client(createWorker({ module: await loadModule(), thread: spawn }));
  } catch (error) {
    engine.value = { state: "broken", message: message(error) };
    return;
  }
  effect(() => {
    const input = currentInput(files.value, settings.value);
    if (input.files.length === 0) {
      untracked(() => stopCheck());
      check.value = { state: "none" };
      return;
    }
    busy.value = true;
    client?.check(input, settled, !checkedAtOnce);
    checkedAtOnce = true;
  });
  // After the first check is on its way: it has to load an engine, and every engine knows the controls.
  setTimeout(loadControls);
}

async function loadControls(): Promise<void> {
  try {
    engine.value = { state: "ready", version, controls: await requireClient().controls() };
  } catch (error) {
    engine.value = { state: "broken", message: message(error) };
  }
}

function settled(outcome: Outcome): void {
  busy.value = false;
  if (outcome.state === "done") {
    check.value = outcome;
    return;
  }
  check.value = { state: "failed", error: outcome.error };
}

function stopCheck(): void {
  if (busy.peek()) client?.stop();
  busy.value = false;
}

/** Ends a check that takes long; the next change starts another. */
export function stop(): void {
  client?.stop();
}

/** Checks the same again. */
export function again(): void {
  files.value = [...files.value];
}

/** The check of files as if they were the current ones. */
export function preview(files: SourceFile[]): Promise<Report> {
  return requireClient().preview(currentInput(files, settings.value));
}

/** The lock-down of the current files, as of a repository; but what a cluster returned is none. */
export function lockDown(): Promise<LockDown> {
  const mode = report.value?.mode === "render" ? "git" : report.value?.mode;
  return requireClient().lockDown(currentInput(files.value, { ...settings.value, mode }));
}

/** The last report in a format. */
export async function render(format: FormatName): Promise<string> {
  const current = check.value;
  if (current.state !== "done") throw new EngineError("bad-request", "there is no report yet");
  return requireClient().render(current.input, format);
}

function requireClient(): Client {
  if (!client) throw new EngineError("internal", "the engine is not loaded yet");
  return client;
}

function currentInput(files: SourceFile[], settings: Settings): CheckInput {
  return { files, settings, now: `${new Date().toISOString().slice(0, 19)}Z` };
}

/** Shows other files instead. */
export function replaceFiles(next: SourceFile[], chosen?: Settings): void {
  const sorted = [...next].sort((a, b) => byPath(a.name, b.name));
  files.value = sorted;
  active.value = sorted[0]?.name ?? "";
  if (chosen) settings.value = chosen;
  filter.value = NO_FILTER;
  control.value = undefined;
  chosenFinding.value = undefined;
}

/** Adds files to those that are here; one of the same name is replaced. */
export function addFiles(next: readonly SourceFile[]): void {
  const names = new Set(next.map(({ name }) => name));
  const kept = files.value.filter(({ name }) => !names.has(name));
  files.value = [...kept, ...next].sort((a, b) => byPath(a.name, b.name));
  active.value = next[0]?.name ?? active.value;
}

export function editFile(name: string, text: string): void {
  files.value = files.value.map((file) => (file.name === name ? { name, text } : file));
}

export function renameFile(from: string, to: string): boolean {
  if (to === "" || (to !== from && files.value.some(({ name }) => name === to))) return false;
  files.value = files.value.map((file) => (file.name === from ? { name: to, text: file.text } : file));
  if (active.value === from) active.value = to;
  return true;
}

export function removeFile(name: string): void {
  const at = files.value.findIndex((file) => file.name === name);
  files.value = files.value.filter((file) => file.name !== name);
  if (active.value === name) active.value = (files.value[at] ?? files.value[at - 1])?.name ?? "";
}

/** A name that no file has yet. */
export function freshName(): string {
  const taken = new Set(files.value.map(({ name }) => name));
  for (let number = 1; ; number++) {
    const name = number === 1 ? "manifest.yaml" : `manifest-${number}.yaml`;
    if (!taken.has(name)) return name;
  }
}

/** Shows a place in the editor. */
export function go(file: string, line: number, column: number): void {
  if (!files.value.some(({ name }) => name === file)) return;
  active.value = file;
  place.value = { file, line, column, number: ++gotos };
  view.value = "editor";
}

/** Shows a finding in the list. */
export function reveal(finding: Finding): void {
  tab.value = "findings";
  chosenFinding.value = finding;
}

export function openControl(id: string): void {
  control.value = id;
  view.value = "control";
}

export function closeControl(): void {
  control.value = undefined;
  if (view.value === "control") view.value = "results";
}

export function say(text: string, tone: "info" | "error" = "info"): void {
  notice.value = { text, tone };
}

/** Takes the files of a link, where the address has one. */
function openLink(): void {
  try {
    const shared = decode(location.hash);
    if (!shared) return;
    replaceFiles(shared.files, shared.settings);
    say("Opened from a link. Nothing was sent anywhere.");
  } catch (error) {
    say(`This link cannot be opened: ${message(error)}`, "error");
  }
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
