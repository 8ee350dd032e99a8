// What of the files is secret, by name only.

import type { SourceFile } from "flux-audit";
import { documents, objects } from "./documents";
import { isObject } from "./jsonpatch";

/** A place with secret data: where it is, never what it is. */
export interface SecretPlace {
  file: string;
  what: string;
}

const FIELDS = ["data", "stringData"];
const HINT = /\bSecret\b|\bsecretGenerator\b/;

/** Every Secret with data, and what generates one. What cannot be read and speaks of a Secret counts as one. */
export function secrets(files: readonly SourceFile[]): SecretPlace[] {
  return files.flatMap(({ name, text }) => {
    if (/(^|\/)\.env$|\.env$|\.(key|pem|agekey)$/.test(name)) return [{ file: name, what: "the whole file" }];
    const parts = documents(text).map(({ from, to }) => text.slice(from, to));
    return parts.filter((part) => HINT.test(part)).flatMap((part) => inDocument(name, part));
  });
}

function inDocument(file: string, text: string): SecretPlace[] {
  let found: ReturnType<typeof objects>;
  try {
    found = objects(text);
  } catch {
    return [{ file, what: "a document that mentions a Secret and cannot be read" }];
  }
  return found.flatMap(({ value }) => {
    if (value["kind"] === "Secret" && FIELDS.some((field) => isFilled(value[field]))) {
      return [{ file, what: `Secret ${label(value)}${isObject(value["sops"]) ? ", encrypted by SOPS" : ""}` }];
    }
    const generators = value["secretGenerator"];
    const literal = Array.isArray(generators) && generators.some((one) => isObject(one) && isFilled(one["literals"]));
    return literal ? [{ file, what: "literals of a secretGenerator" }] : [];
  });
}

function isFilled(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : value !== undefined && value !== null;
}

function label(value: Record<string, unknown>): string {
  const metadata = isObject(value["metadata"]) ? value["metadata"] : {};
  const { name, namespace } = metadata;
  return typeof namespace === "string" ? `${namespace}/${String(name)}` : String(name ?? "without a name");
}
