// The patch that gives Flux's controllers every flag that they lack, and with it the Kustomization of the platform the
// account that it needs then. It goes where a repository keeps such patches: into the kustomization around the
// controllers, or into the FluxInstance.

import type { Finding, Report, SourceFile } from "flux-audit";
import { type Document, isMap, isSeq } from "yaml";
import { documents, lineStart } from "./documents";
import { patchText, read, Refusal } from "./edit";
import type { FileChange } from "./fix";
import { isObject, type Operation, operations } from "./jsonpatch";

/** One place that takes patches, with the patches for it. */
export interface Lockdown {
  /** What the patches stand in. */
  holder: "kustomization" | "FluxInstance";
  change: FileChange;
  /** The findings that this answers. */
  answers: Finding[];
}

/** What is offered, and the findings about flags for which there is no such place. */
export interface Offer {
  lockdowns: Lockdown[];
  elsewhere: Finding[];
}

/** A selector is left out: it locks nothing down, and objects that no other shard selects would be served by nobody. */
const FLAG = /^--(?!watch-label-selector=)[a-z]/;
/** One round makes another necessary at most: with a default account, the platform has to name its own. */
const ROUNDS = 3;

/** The whole lock-down: what the patches themselves make necessary is part of it. `check` is the engine. */
export async function lockdown(report: Report, files: readonly SourceFile[], check: (files: SourceFile[]) => Promise<Report>): Promise<Offer> {
  const found = new Map<string, Lockdown>();
  let offer = round(report, files);
  let current = [...files];
  for (let number = 1; offer.lockdowns.length > 0 && number <= ROUNDS; number++) {
    for (const next of offer.lockdowns) {
      const { name } = next.change;
      const known = found.get(name);
      const change = { ...next.change, before: known?.change.before ?? next.change.before };
      found.set(name, { ...next, change, answers: [...(known?.answers ?? []), ...next.answers] });
      current = current.map((file) => (file.name === name ? { name, text: change.after } : file));
    }
    offer = round(await check(current), current);
  }
  return { lockdowns: [...found.values()], elsewhere: offer.elsewhere };
}

function round(report: Report, files: readonly SourceFile[]): Offer {
  const missing = report.findings.filter(isPartOfLockdown);
  const kustomizations = new Kustomizations(files);
  const holders = new Map<string, { holder: Lockdown["holder"]; file: SourceFile; at: number; answers: Finding[] }>();
  const elsewhere: Finding[] = [];
  for (const finding of missing) {
    const place = fluxInstance(finding, files) ?? kustomizations.around(finding);
    if (!place) {
      elsewhere.push(finding);
      continue;
    }
    const key = `${place.file.name}#${place.at}`;
    const entry = holders.get(key) ?? { ...place, answers: [] };
    entry.answers.push(finding);
    holders.set(key, entry);
  }
  const lockdowns: Lockdown[] = [];
  const changed = new Set<string>();
  for (const { holder, file, at, answers } of holders.values()) {
    // Another document of the same file waits for the next round.
    if (changed.has(file.name)) continue;
    changed.add(file.name);
    try {
      lockdowns.push({ holder, answers, change: { name: file.name, before: file.text, after: place(file, at, holder, answers) } });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      elsewhere.push(...answers);
    }
  }
  return { lockdowns, elsewhere };
}

/** A finding that an argument more would mend; or an account, which a default one for all makes necessary. */
function isPartOfLockdown({ fix, object }: Finding): boolean {
  const isPart = { Deployment: isFlag, Kustomization: isAccount }[object.kind];
  const patch = operations(fix);
  return isPart !== undefined && patch !== undefined && patch.every(isPart);
}

function isFlag({ op, path, value }: Operation): boolean {
  return op === "add" && /\/(args|command)\/-$/.test(path) && typeof value === "string" && FLAG.test(value);
}

function isAccount({ op, path, value }: Operation): boolean {
  return op === "add" && path === "/spec/serviceAccountName" && typeof value === "string";
}

interface Place {
  holder: Lockdown["holder"];
  file: SourceFile;
  /** The number of its document in the file. */
  at: number;
}

/** The FluxInstance that the finding's place is in: it stands for the controllers. */
function fluxInstance(finding: Finding, files: readonly SourceFile[]): Place | undefined {
  const file = files.find(({ name }) => name === finding.location.source);
  if (!file || !file.text.includes("FluxInstance")) return undefined;
  const line = lineStart(file.text, finding.location.line);
  const at = documents(file.text).findIndex(({ from, to }) => from <= line && line < Math.max(to, from + 1));
  return value(file, at)?.["kind"] === "FluxInstance" ? { holder: "FluxInstance", file, at } : undefined;
}

function value(file: SourceFile, at: number): Record<string, unknown> | undefined {
  const stretch = documents(file.text)[at];
  if (!stretch) return undefined;
  try {
    const found: unknown = read(file.text.slice(stretch.from, stretch.to)).toJS();
    return isObject(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The kustomizations of a repository, by the files that they build from. */
class Kustomizations {
  readonly #files: { file: SourceFile; uses: Set<string> }[] = [];

  constructor(files: readonly SourceFile[]) {
    for (const file of files) {
      const [name, folder] = [file.name.split("/").at(-1), file.name.split("/").slice(0, -1)];
      if (name !== "kustomization.yaml" && name !== "kustomization.yml" && name !== "Kustomization") continue;
      const found = value(file, 0);
      if (!found) continue;
      const uses = new Set([file.name, ...references(found).map((path) => resolve(folder, path))]);
      this.#files.push({ file, uses });
    }
  }

  around(finding: Finding): Place | undefined {
    const found = this.#files.find(({ uses }) => uses.has(finding.location.source));
    return found && { holder: "kustomization", file: found.file, at: 0 };
  }
}

function references(kustomization: Record<string, unknown>): string[] {
  const lists = ["resources", "patches", "patchesStrategicMerge", "patchesJson6902"].map((key) => kustomization[key]);
  return lists.flatMap((list) => (Array.isArray(list) ? list : [])).flatMap((item: unknown) => {
    const path = isObject(item) ? item["path"] : item;
    return typeof path === "string" ? [path] : [];
  });
}

function resolve(folder: readonly string[], path: string): string {
  const names = [...folder];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "." && name !== "") names.push(name);
  }
  return names.join("/");
}

/** The file with the patches added to those that it has. */
function place(file: SourceFile, at: number, holder: Lockdown["holder"], answers: readonly Finding[]): string {
  const stretch = documents(file.text)[at];
  if (!stretch) throw new Refusal("the document is not here any more");
  const text = file.text.slice(stretch.from, stretch.to);
  const list = holder === "FluxInstance" ? ["spec", "kustomize", "patches"] : ["patches"];
  const document = read(text);
  const there = document.getIn(list);
  const patches = patchesFor(answers, style(there));
  let edited: string;
  if (isSeq(there) && there.items.length > 0) {
    const added = patches.map((value): Operation => ({ op: "add", path: `/${list.join("/")}/-`, value }));
    edited = patchText(text, [], added);
  } else {
    edited = patchText(text, [], [nested(document, list, patches)]);
  }
  return file.text.slice(0, stretch.from) + edited + file.text.slice(stretch.to);
}

/** Adds a value with the mappings above it that are missing. */
function nested(document: Document, path: readonly string[], value: unknown): Operation {
  let size = 1;
  while (size < path.length && isMap(document.getIn(path.slice(0, size)))) size++;
  const inner = path.slice(size).reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  return { op: "add", path: `/${path.slice(0, size).join("/")}`, value: inner };
}

/** How the patches that are there begin: with their target, or with what they do. */
function style(patches: unknown): "target-first" | "patch-first" {
  const first = isSeq(patches) ? patches.items[0] : undefined;
  const [key] = isMap(first) ? first.items.map((pair) => String(pair.key)) : [];
  return key === "target" ? "target-first" : "patch-first";
}

/** One patch for each set of objects that lack the same, as Flux's documentation writes them. */
function patchesFor(answers: readonly Finding[], order: ReturnType<typeof style>): unknown[] {
  const wanted = new Map<string, { kind: string; lines: string; names: Set<string> }>();
  for (const { fix, object } of answers) {
    for (const { path, value } of operations(fix) ?? []) {
      const lines = `- op: add\n  path: ${path}\n  value: ${scalar(String(value))}\n`;
      const entry = wanted.get(object.kind + lines) ?? { kind: object.kind, lines, names: new Set() };
      entry.names.add(object.name);
      wanted.set(object.kind + lines, entry);
    }
  }
  const patches = new Map<string, { target: { kind: string; name: string }; patch: string }>();
  for (const { kind, lines, names } of wanted.values()) {
    const list = [...names].sort().map(escaped);
    const target = { kind, name: list.length > 1 ? `(${list.join("|")})` : (list[0] ?? "") };
    const key = JSON.stringify(target);
    patches.set(key, { target, patch: (patches.get(key)?.patch ?? "") + lines });
  }
  return [...patches.values()].map(({ target, patch }) => (order === "target-first" ? { target, patch } : { patch, target }));
}

/** A name in a target is a regular expression. */
function escaped(name: string): string {
  return name.replaceAll(".", String.raw`\.`);
}

/** Quoted only where plain text would be something else. */
function scalar(value: string): string {
  return /^[a-z-][\w=.,/@!+-]*$/.test(value) ? value : JSON.stringify(value);
}
