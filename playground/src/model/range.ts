// Reports name the place where a thing begins; the editor also wants its end.

import type { Text } from "@codemirror/state";

/** The end of the YAML token that begins at `start` of a line (UTF-16 units, exclusive); never before its first one. */
export function tokenEnd(line: string, start: number): number {
  const rest = line.slice(start);
  const length = quoted(rest) ?? plain(rest);
  return start + Math.max(length, Math.min(1, rest.length));
}

/** A quoted scalar with its quotes; one that goes on in the next line ends with this one. */
function quoted(text: string): number | undefined {
  if (text.startsWith('"')) return /^"(?:[^"\\]|\\.)*"?/.exec(text)?.[0].length;
  if (text.startsWith("'")) return /^'(?:[^']|'')*'?/.exec(text)?.[0].length;
  return undefined;
}

/** Up to a comment, or to the colon after a key, or in a flow collection to what ends the scalar there. */
function plain(text: string): number {
  const body = /^(.*?)(?:\s+#.*|\s*)$/s.exec(text)?.[1] ?? text;
  // A list item is more than its dash.
  const dash = /^-\s+/.exec(body)?.[0].length ?? 0;
  const key = /^(?:[^:]|:(?=\S))*?(?=:(?:\s|$))/.exec(body.slice(dash));
  if (key?.[0]) return dash + key[0].length;
  return body.length;
}

/** A range of a document, from a line and a column in characters, both from 1. */
export function range(doc: Text, line: number, column: number): { from: number; to: number } {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const start = utf16(at.text, Math.max(column, 1) - 1);
  return { from: at.from + start, to: at.from + tokenEnd(at.text, start) };
}

/** All that is written in a line. */
export function lineRange(doc: Text, line: number): { from: number; to: number } {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const start = at.text.length - at.text.trimStart().length;
  return { from: at.from + Math.min(start, at.text.length), to: at.to };
}

/** Where a number of characters ends, in UTF-16 units. */
function utf16(text: string, characters: number): number {
  let at = 0;
  for (const character of text) {
    if (characters-- <= 0) break;
    at += character.length;
  }
  return at;
}
