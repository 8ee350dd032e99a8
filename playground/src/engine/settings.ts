// How the files and the choices of the user become what the engine is asked: as the command line does it.

import type { CheckRequest, Config, Evidence, SourceFile } from "flux-audit";
import type { CheckInput } from "./protocol";

export const CONFIG_FILE = ".flux-audit.yaml";
export const EVIDENCE_FILE = ".flux-audit-evidence.yaml";

/** The readers of settings files, of the npm package. */
export interface Readers {
  readConfig(file: SourceFile): Config;
  readEvidence(file: SourceFile): Evidence;
}

/** The configuration: that of the repository, under what the user chose here. */
export function config(input: CheckInput, readers: Readers): Config {
  const file = input.files.find((file) => file.name === CONFIG_FILE);
  const { profiles, params, failOn } = input.settings;
  const own = file ? readers.readConfig(file) : {};
  return {
    ...own,
    ...(profiles && { profiles }),
    ...(failOn !== undefined && { failOn: failOn as NonNullable<Config["failOn"]> }),
    ...((own.params || params) && { params: { ...own.params, ...params } }),
  };
}

/** The request for the engine. */
export function request(input: CheckInput, readers: Readers): CheckRequest {
  const evidence = input.files.find((file) => file.name === EVIDENCE_FILE);
  const { mode } = input.settings;
  return {
    sources: [...input.files].sort((a, b) => byPath(a.name, b.name)),
    now: input.now,
    ...(mode ? { mode } : { folder: input.files.length > 1 }),
    ...(evidence && { evidence: readers.readEvidence(evidence) }),
  };
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
