// JSON patches on the text of a YAML document. Only the lines that have to change do; comments, order and quotes of the
// others stay. Each result is read again and held to the patched value: a text that says anything else is refused.

import { type Document, isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Node, type Pair, parseDocument, stringify, type YAMLMap, type YAMLSeq } from "yaml";
import { apply, equal, type Operation, segments } from "./jsonpatch";

/** A stretch of the text and what takes its place. */
interface Change {
  from: number;
  to: number;
  text: string;
}

/** Why a patch cannot be placed, in words for the user. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

const READ = { merge: true, keepSourceTokens: false } as const;

/** Applies a patch to the value at `base` of a document's text. @throws {Refusal} */
export function patchText(text: string, base: readonly string[], patch: readonly Operation[]): string {
  return patch.reduce((text, operation) => patchOnce(text, absolute(base, operation)), text);
}

function absolute(base: readonly string[], operation: Operation): Operation {
  const prefix = base.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return { ...operation, path: prefix + operation.path };
}

function patchOnce(text: string, operation: Operation): string {
  const document = read(text);
  let wanted: unknown;
  try {
    wanted = apply(document.toJS(), operation);
  } catch (error) {
    throw new Refusal(`the fix does not fit what is written here: ${(error as Error).message}`);
  }
  for (const attempt of isJson(text) ? [asJson] : [inLines, rewritten]) {
    const result = attempt(text, document, operation);
    if (result !== undefined && says(result, wanted)) return result;
  }
  throw new Refusal("the fix cannot be written into this text without changing something else");
}

function isJson(text: string): boolean {
  try {
    return /^\s*[{[]/.test(text) && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

/** JSON stays JSON, in its own indentation. */
function asJson(text: string, _: Document.Parsed, operation: Operation): string {
  const indent = /\n([ \t]+)/.exec(text)?.[1] ?? "";
  return JSON.stringify(apply(JSON.parse(text), operation), undefined, indent) + (text.endsWith("\n") ? "\n" : "");
}

/** One document of a stream. @throws {Refusal} */
export function read(text: string): Document.Parsed {
  const document = parseDocument(text, READ);
  const [error] = document.errors;
  if (error) throw new Refusal(`the document cannot be read: ${error.message.split("\n")[0]}`);
  return document;
}

function says(text: string, wanted: unknown): boolean {
  try {
    return equal(read(text).toJS(), wanted);
  } catch {
    return false;
  }
}

/** The whole document written anew: for what the lines do not show, such as flow collections over several lines. */
function rewritten(text: string, document: Document.Parsed, { op, path, value }: Operation): string | undefined {
  const names = segments(path);
  if (through(document, names.slice(0, -1)) === undefined) return undefined;
  const parent = document.getIn(names.slice(0, -1));
  if (isSeq(parent)) {
    const at = names.at(-1) === "-" ? parent.items.length : Number(names.at(-1));
    if (op === "add") parent.items.splice(at, 0, document.createNode(value));
    else if (op === "replace") parent.items[at] = document.createNode(value);
    else parent.items.splice(at, 1);
  } else if (op === "remove") {
    document.deleteIn(names);
  } else {
    document.setIn(names, document.createNode(value));
  }
  return document.toString({ lineWidth: 0, indentSeq: indentsSequences(text) });
}

/** The smallest change of lines, where there is one. */
function inLines(text: string, document: Document.Parsed, { op, path, value }: Operation): string | undefined {
  const names = segments(path);
  const last = names.pop() ?? "";
  const parent = through(document, names);
  if (!isCollection(parent) || parent.flow) return undefined;
  const editor = new Lines(text, indentsSequences(text));
  const change = isMap(parent)
    ? editor.map(parent, last, op, value)
    : isSeq(parent)
      ? editor.seq(parent, last, op, value)
      : undefined;
  return change && text.slice(0, change.from) + change.text + text.slice(change.to);
}

/** The node at a path; `undefined` behind an alias or a merge, where a change would show in other places too. */
function through(document: Document.Parsed, names: readonly string[]): Node | undefined {
  let node: unknown = document.contents;
  for (const name of names) {
    node = isMap(node) ? pairOf(node, name)?.value : isSeq(node) ? node.items[Number(name)] : undefined;
    if (!isNode(node) || isAlias(node)) return undefined;
  }
  return isNode(node) ? node : undefined;
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === name);
}

/** Whether lists stand deeper than their keys; as most of them do in this text. */
function indentsSequences(text: string): boolean {
  let balance = 0;
  for (const [, indent, dash] of text.matchAll(/^( *)(?:- )?[^\s#:][^\n:]*:[ \t]*(?:#[^\n]*)?\n( *)- /gm)) {
    balance += (dash?.length ?? 0) > (indent?.length ?? 0) ? 1 : -1;
  }
  return balance >= 0;
}

/** Changes of block collections, line by line. */
class Lines {
  constructor(
    private readonly text: string,
    private readonly indentSeq: boolean,
  ) {}

  map(map: YAMLMap, key: string, op: Operation["op"], value: unknown): Change | undefined {
    const at = map.items.findIndex((pair) => isScalar(pair.key) && String(pair.key.value) === key);
    const pair = map.items[at];
    const first = start(map.items[0]);
    if (first === undefined) return undefined;
    const indent = this.column(first);
    if (op === "remove") return pair && this.remove(map.items.map(start), at, this.endOf(pair));
    const written = this.write({ [key]: value }, indent);
    if (!pair) return this.after(this.endOf(map.items.at(-1)), indent, written);
    const from = start(pair);
    const to = this.endOf(pair);
    if (from === undefined || to === undefined) return undefined;
    const old = pair.value;
    if (isScalar(old) && old.range && typeof value !== "object" && old.type !== "BLOCK_LITERAL" && old.type !== "BLOCK_FOLDED" && old.source !== "") {
      return { from: old.range[0], to: old.range[1], text: this.write(value, 0) };
    }
    return { from, to, text: this.text[to - 1] === "\n" ? `${written}\n` : written };
  }

  seq(seq: YAMLSeq, name: string, op: Operation["op"], value: unknown): Change | undefined {
    if (!seq.range || seq.items.length === 0) return undefined;
    const indent = this.column(seq.range[0]);
    const at = name === "-" ? seq.items.length : Number(name);
    const item = seq.items[at];
    if (op === "remove") return this.remove(this.dashes(seq), at, this.endOf(item));
    if (op === "add" && at < seq.items.length) return undefined;
    if (op === "add") return this.after(this.endOf(seq.items.at(-1)), indent, this.write([value], indent));
    if (!isScalar(item) || !item.range || typeof value === "object") return undefined;
    return { from: item.range[0], to: item.range[1], text: this.write(value, 0) };
  }

  /** The places of a list's dashes. */
  private dashes(seq: YAMLSeq): (number | undefined)[] {
    return seq.items.map((item) => {
      const at = isNode(item) && item.range ? this.text.lastIndexOf("-", item.range[0] - 1) : -1;
      return at < 0 ? undefined : at;
    });
  }

  /** Removes whole lines; where an entry shares its line with a dash, up to the entry after it. */
  private remove(starts: (number | undefined)[], at: number, end: number | undefined): Change | undefined {
    const from = starts[at];
    if (from === undefined || end === undefined || starts.length < 2) return undefined;
    const line = this.text.lastIndexOf("\n", from - 1) + 1;
    if (this.text.slice(line, from).trim() === "") return { from: line, to: this.nextLine(end), text: "" };
    const next = starts[at + 1];
    return next === undefined ? undefined : { from, to: next, text: "" };
  }

  private after(end: number | undefined, indent: number, written: string): Change | undefined {
    if (end === undefined) return undefined;
    const at = this.nextLine(end);
    const begins = at === 0 || this.text[at - 1] === "\n";
    const line = `${" ".repeat(indent)}${written}`;
    return { from: at, to: at, text: begins ? `${line}\n` : `\n${line}` };
  }

  /** Where the line after a place begins; the end of the text after its last line. */
  private nextLine(at: number): number {
    if (this.text[at - 1] === "\n") return at;
    const end = this.text.indexOf("\n", at);
    return end < 0 ? this.text.length : end + 1;
  }

  private column(at: number): number {
    return at - (this.text.lastIndexOf("\n", at - 1) + 1);
  }

  /** The value in YAML, to stand at this column; without a newline at the end. */
  private write(value: unknown, indent: number): string {
    const text = stringify(value, { lineWidth: 0, version: "1.1", indentSeq: this.indentSeq }).replace(/\n$/, "");
    return text.replaceAll(/\n(?!\n|$)/g, `\n${" ".repeat(indent)}`);
  }

  private endOf(entry: unknown): number | undefined {
    if (isNode(entry)) return entry.range?.[1];
    const { key, value } = (entry ?? {}) as Partial<Pair>;
    if (isNode(value) && value.range) return value.range[1];
    return isNode(key) ? key.range?.[1] : undefined;
  }
}

function start(pair: Pair | undefined): number | undefined {
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
}
