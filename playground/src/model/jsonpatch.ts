// The part of RFC 6902 that fixes use.

export interface Operation {
  op: "add" | "replace" | "remove";
  path: string;
  value?: unknown;
}

export type Key = string | number;

/** A fix of a finding; `undefined` where it has none, or one that we do not know how to apply. */
export function operations(fix: unknown[]): Operation[] | undefined {
  const known = fix.every((item): item is Operation => {
    const { op, path } = (item ?? {}) as Partial<Operation>;
    return (op === "add" || op === "replace" || op === "remove") && typeof path === "string" && path.startsWith("/");
  });
  return known && fix.length > 0 ? (fix as Operation[]) : undefined;
}

/** The names in an RFC 6901 pointer. */
export function segments(pointer: string): string[] {
  return pointer.split("/").slice(1).map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value with the operation applied; an error where its place does not exist. */
export function apply(value: unknown, { op, path, value: given }: Operation): unknown {
  const names = segments(path);
  const result: unknown = structuredClone(value);
  const last = names.pop();
  if (last === undefined) throw new Error("a patch of the whole object");
  let parent = result;
  for (const name of names) parent = child(parent, name);
  if (Array.isArray(parent)) {
    const at = last === "-" ? parent.length : index(last, parent.length);
    if (op === "add") parent.splice(at, 0, given);
    else if (at >= parent.length) throw new Error(`there is no item ${last}`);
    else if (op === "replace") parent[at] = given;
    else parent.splice(at, 1);
  } else if (isObject(parent)) {
    if (op !== "add" && !Object.hasOwn(parent, last)) throw new Error(`there is no ${last}`);
    if (op === "remove") delete parent[last];
    else parent[last] = given;
  } else {
    throw new Error(`${path} leads through a scalar`);
  }
  return result;
}

function child(parent: unknown, name: string): unknown {
  const found = Array.isArray(parent)
    ? parent[index(name, parent.length)]
    : isObject(parent) && Object.hasOwn(parent, name)
      ? parent[name]
      : undefined;
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

function index(name: string, length: number): number {
  const at = /^(0|[1-9]\d*)$/.test(name) ? Number(name) : Number.NaN;
  if (!(at <= length)) throw new Error(`there is no item ${name}`);
  return at;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equality of JSON values; the order of members does not count. */
export function equal(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => equal(item, b[at]));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
  }
  return a === b;
}
