import { Engine, readConfig, readEvidence } from "./flux_audit.js";
import type {
  CheckRequest,
  Config,
  Control,
  Evidence,
  FormatName,
  LockDown,
  Mode,
  Report,
  SourceFile,
} from "./flux_audit.js";
import { LoadError } from "./error.js";
import { type Files, listed } from "./files.js";

type Choices = Pick<Config, "profiles" | "select" | "ignore" | "params" | "failOn">;
/** Every member may be undefined, too: it is as if it was not there. */
type OrUndefined<T> = { [Name in keyof T]?: T[Name] | undefined };
/** No member is. */
type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Settings of one check. Those of a configuration count where nothing else is said here. */
export interface CheckOptions extends OrUndefined<Choices> {
  /** The configuration, or the text of one. Without it, the file `.flux-audit.yaml` counts, where there is one. */
  config?: Config | string | undefined;
  /** Evidence, or the text of it. Without it, the file `.flux-audit-evidence.yaml` counts, where there is one. */
  evidence?: Evidence | string | undefined;
  /** The time of the check; the clock's where absent. */
  now?: Date | string | undefined;
  /** What the files are. Several are the files of a folder, and one is a stream, whichever mode they look like. */
  mode?: Mode | undefined;
  /** The clusters of a repository to audit, by name; all where empty. */
  clusters?: string[] | undefined;
}

const CONFIG = ".flux-audit.yaml";
const EVIDENCE = ".flux-audit-evidence.yaml";

/**
 * Checks files as the program `flux-audit check` does: several as a folder, in which clusters are found and followed,
 * one as a stream of manifests. Only a report with the verdict `pass` is success.
 *
 * @throws LoadError for settings or arguments that are wrong. No input makes it throw: what cannot be read is a problem
 * in the report.
 */
export function check(files: Files, options: CheckOptions = {}): Report {
  const { engine, request } = prepared(files, options);
  return engine.check(request);
}

/**
 * Checks files as `check` does, and writes the report as the program does: `text` with the lines of the files, which a
 * report does not hold.
 *
 * @throws LoadError as `check`.
 */
export function checkAs(files: Files, format: FormatName, options: CheckOptions = {}): string {
  const { engine, request } = prepared(files, options);
  return engine.checkAs(request, format);
}

/**
 * The patches that lock the controllers of a repository down, each tried. Without a `mode` the files are a repository,
 * even a single one.
 *
 * @throws LoadError as `check`.
 */
export function lockDown(files: Files, options: CheckOptions = {}): LockDown {
  const { engine, request } = prepared(files, { ...options, mode: options.mode ?? "git" });
  return engine.lockDown(request);
}

/** The engine and the request for a check. */
function prepared(files: Files, options: CheckOptions): { engine: Engine; request: CheckRequest } {
  const { config, evidence, now = new Date(), mode, clusters = [], ...changes } = options;
  const sources = listed(files);
  const request: CheckRequest = { sources, clusters, now: time(now) };
  if (mode === undefined) request.folder = sources.length > 1;
  else request.mode = mode;
  const found = settings(evidence, EVIDENCE, sources, readEvidence);
  if (found !== undefined) request.evidence = found;
  const base = settings(config, CONFIG, sources, readConfig) ?? {};
  const params = { ...base.params, ...changes.params };
  return { engine: engineFor({ ...base, ...defined(changes), params }), request };
}

/** Every control there is, by ID. */
export function controls(): Control[] {
  // Every engine knows all of them.
  return (last?.engine ?? engineFor({})).controls();
}

/** Settings as they are given, or from their text, or from the file among the sources. */
function settings<T>(
  given: T | string | undefined,
  name: string,
  sources: SourceFile[],
  read: (file: SourceFile) => T,
): T | undefined {
  if (typeof given === "string") return read({ name, text: given });
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given;
  if (given !== undefined) throw new LoadError("bad-request", `${name}: neither settings nor their text`);
  const file = sources.find((source) => source.name === name);
  return file && read(file);
}

/** In whole seconds, the form in which times compare as text. */
function time(now: Date | string): string {
  if (typeof now === "string") return now;
  if (!(now instanceof Date) || Number.isNaN(now.getTime())) throw new LoadError("bad-request", "now: not a time");
  return `${now.toISOString().slice(0, 19)}Z`;
}

function text(config: Config): string {
  try {
    return JSON.stringify(config);
  } catch (error) {
    throw new LoadError("bad-request", `the configuration cannot be written as JSON: ${error}`);
  }
}

/** Without members that are undefined. */
function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** The engine of the last configuration: most callers have only one, and loading it takes longer than a small check. */
let last: { key: string; engine: Engine } | undefined;

function engineFor(config: Config): Engine {
  const key = text(config);
  if (last?.key !== key) {
    const engine = new Engine(config);
    last?.engine.free();
    last = { key, engine };
  }
  return last.engine;
}
