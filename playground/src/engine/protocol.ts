// What passes between the page and its worker. The worker answers every call, in order, with the call's number.

import type { Control, FormatName, Mode, Profile, Report, SourceFile } from "flux-audit";

/** What the user chose. What is absent comes from the repository's `.flux-audit.yaml`, or else is the default. */
export interface Settings {
  profiles?: Profile[];
  params?: Record<string, unknown>;
  failOn?: string;
  /** Absent: several files are a folder, as a repository is, and of one file its objects tell. */
  mode?: Mode;
}

/** Everything that a check depends on. */
export interface CheckInput {
  files: SourceFile[];
  settings: Settings;
  /** RFC 3339 in UTC, whole seconds: what the command line would be given as `--now`. */
  now: string;
}

/** The calls: their argument and their answer. `load` comes first and answers with the version. */
export interface Calls {
  load: { input: WebAssembly.Module; output: string };
  controls: { input: undefined; output: Control[] };
  check: { input: CheckInput; output: Report };
  /** The report in a format: checked again, since a report does not hold the lines of the files that formats show. */
  render: { input: CheckInput & { format: FormatName }; output: string };
}

export type CallName = keyof Calls;

export type Request = {
  [Name in CallName]: { id: number; call: Name; input: Calls[Name]["input"] };
}[CallName];

/** An error that is the user's to mend has the code `bad-config` or `bad-request`; any other is ours. */
export interface Failure {
  code: string;
  message: string;
}

export type Reply = { id: number; ok: unknown } | { id: number; error: Failure };
