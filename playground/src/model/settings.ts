// What is checked, and with which choices: the options of the npm package's `check`, as far as the page offers them.

import type { CheckOptions, SourceFile } from "flux-audit";

/** What the user chose. What is absent comes from the repository's `.flux-audit.yaml`, or else is the default. */
export type Settings = Pick<CheckOptions, "profiles" | "params" | "failOn" | "mode">;

/** The settings that a repository has of its own. */
export const CONFIG_FILE = ".flux-audit.yaml";

/** Everything that a check depends on. */
export interface CheckInput {
  files: SourceFile[];
  settings: Settings;
  /** RFC 3339 in UTC, whole seconds: what the command line would be given as `--now`. */
  now: string;
}

/** The files as the command line reads them, and the options. */
export function call({ files, settings: { profiles, params, failOn, mode }, now }: CheckInput): [SourceFile[], CheckOptions] {
  // One by one: a link may bring settings that the page would not show.
  return [[...files].sort((a, b) => byPath(a.name, b.name)), { profiles, params, failOn, mode, now }];
}

/** The order in which a walk over folders meets files: by each name in turn, not by the path as a text. */
export function byPath(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [one, other] = [left[at] ?? "", right[at] ?? ""];
    if (one !== other) return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
