// The documents of a stream, and the objects in them.

import type { ObjectRef } from "flux-audit";
import { read } from "./edit";
import { isObject } from "./jsonpatch";

/** A document's place in its text. */
export interface Stretch {
  from: number;
  to: number;
}

/** Every document. A line that begins with `---` is always a marker, whatever it stands in. */
export function documents(text: string): Stretch[] {
  const found: Stretch[] = [];
  let from = 0;
  for (const marker of text.matchAll(/^---(?=[ \t\r\n]|$)[^\n]*(?:\n|$)/gm)) {
    if (marker.index > from) found.push({ from, to: marker.index });
    // What follows the marker in its line belongs to the document.
    from = /^---[ \t]*(?:#[^\n]*)?[\r\n]*$/.test(marker[0]) ? marker.index + marker[0].length : marker.index + 3;
  }
  if (from < text.length || found.length === 0) found.push({ from, to: text.length });
  return found;
}

/** An object of a document: its value, and the path to it where a list holds it. */
export interface Written {
  base: string[];
  value: Record<string, unknown>;
}

/** The objects of a document. @throws {Refusal} where it cannot be read. */
export function objects(text: string): Written[] {
  const value: unknown = read(text).toJS();
  if (!isObject(value)) return [];
  const items = value["items"];
  if (typeof value["kind"] !== "string" || !value["kind"].endsWith("List") || !Array.isArray(items)) {
    return [{ base: [], value }];
  }
  return items.flatMap((item: unknown, at) => (isObject(item) ? [{ base: ["items", String(at)], value: item }] : []));
}

/** Whether this is how the object is written, as far as the text says: a kustomization may give it its namespace. */
export function is(value: Record<string, unknown>, object: ObjectRef): boolean {
  const metadata = isObject(value["metadata"]) ? value["metadata"] : {};
  const namespace = metadata["namespace"] ?? object.namespace;
  return (
    value["apiVersion"] === object.apiVersion &&
    value["kind"] === object.kind &&
    metadata["name"] === object.name &&
    namespace === object.namespace
  );
}

/** Where a line of a text begins; its end where there is no such line. */
export function lineStart(text: string, line: number): number {
  let at = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = text.indexOf("\n", at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return at;
}
