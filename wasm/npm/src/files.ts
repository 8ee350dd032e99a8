import { LoadError } from "./error.js";
import type { SourceFile } from "./flux_audit.js";

/** Files by name, or as a list. A name is a path from the root of the repository, and `/` parts folders. */
export type Files = Readonly<Record<string, string>> | ReadonlyMap<string, string> | Iterable<SourceFile>;

/** The files as a list, in their order. */
export function listed(files: Files): SourceFile[] {
  if (typeof files !== "object" || files === null) {
    throw new LoadError("bad-request", "files: neither names with texts nor a list");
  }
  if (isMap(files)) return Array.from(files, ([name, text]) => ({ name, text }));
  if (isIterable(files)) return [...files];
  return Object.entries(files).map(([name, text]) => ({ name, text }));
}

function isMap(files: Files): files is ReadonlyMap<string, string> {
  return files instanceof Map;
}

function isIterable(files: Files): files is Iterable<SourceFile> {
  return Symbol.iterator in files;
}
