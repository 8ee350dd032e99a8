// The examples menu, made from the controls' own fixtures and from repositories of this project.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { type Control, Engine, type Mode, type Profile } from "flux-audit";
import { parse } from "yaml";
import type { Example } from "../src/model/example";

const ROOT = join(import.meta.dirname, "../..");

/** `root`: where the paths in the manifests start from. */
const REPOSITORIES = [
  { id: "insecure", folder: "examples/insecure", root: ".", title: "Insecure repository", note: "A bootstrapped cluster with tenants and many mistakes" },
  { id: "hardened", folder: "examples/hardened", root: ".", title: "Hardened repository", note: "The same cluster, locked down" },
  { id: "flux-instance", folder: "host-test/trees/flux-instance", root: "host-test/trees/flux-instance", title: "Flux Operator", note: "Three clusters, each from a FluxInstance" },
];

/** The options in the leading lines of a fixture. */
interface Options {
  mode?: Mode;
  profiles?: Profile[];
  params?: Record<string, unknown>;
}

/** Repositories first, then two for each control that manifests can decide: what is wrong, and how it is right. */
export function examples(): Example[] {
  const base = new Engine();
  const controls = base.controls();
  base.free();
  return [...REPOSITORIES.map(repository), ...controls.flatMap(pair)];
}

function repository({ id, folder, root, title, note }: (typeof REPOSITORIES)[number]): Example {
  const from = join(ROOT, folder);
  const paths = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    // What a test expects is no part of a repository.
    .filter((path) => path !== join(from, "expected.yaml"));
  const files = paths.map((path) => ({
    name: relative(join(ROOT, root), path).split(sep).join("/"),
    text: withoutMarkers(readFileSync(path, "utf8")),
  }));
  return { id, group: "repository", title, note, files, settings: { profiles: ["base", "shared"] } };
}

const KINDS = { bad: ["fail", "warn", "unknown"], good: ["pass"] } as const;

/** The first fixtures that show here what their names say. Some stand for what only a whole repository has. */
function pair(control: Control): Example[] {
  const folder = join(ROOT, "policies/flux", control.slug, "testdata");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort();
  return (["bad", "good"] as const).flatMap((kind) => {
    for (const result of KINDS[kind]) {
      const variants = names.filter((name) => name.startsWith(`${result}-`));
      for (const name of [`${result}.yaml`, ...variants].filter((name) => names.includes(name))) {
        const example = fixture(control, kind, readFileSync(join(folder, name), "utf8"));
        if (shows(example, control.id, result)) return [example];
      }
    }
    return [];
  });
}

function fixture(control: Control, kind: "bad" | "good", text: string): Example {
  const { mode, profiles, params } = options(text);
  const settings = { mode: mode ?? "render", profiles: profiles ?? control.profiles, ...(params && { params }) };
  const files = [{ name: `${control.slug}.yaml`, text: withoutMarkers(text) }];
  return { id: `${control.id}-${kind}`, group: kind, control: control.id, title: control.title, files, settings };
}

/** By configuration: loading one takes longer than a check. */
const engines = new Map<string, Engine>();

function shows({ files, settings }: Example, id: string, wanted: string): boolean {
  const { profiles, params, mode } = settings;
  const config = { ...(profiles && { profiles }), ...(params && { params }) };
  const key = JSON.stringify(config);
  const engine = engines.get(key) ?? new Engine(config);
  engines.set(key, engine);
  const report = engine.check({ sources: files, mode: mode ?? null, now: new Date().toISOString() });
  const results = report.clusters.flatMap(({ controls }) => controls.filter((control) => control.id === id));
  return report.problems.length === 0 && results.length > 0 && results.every(({ result }) => result === wanted);
}

function options(text: string): Options {
  const lines = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("#: ")) break;
    lines.push(line.slice(3));
  }
  return (parse(lines.join("\n")) as Options | null) ?? {};
}

/** Without options and markers, which are for the tests of the policies. */
function withoutMarkers(text: string): string {
  return text.replace(/^(#: .*\n)+/, "").replaceAll(/[ \t]+# ~ .*$/gm, "").replaceAll(/^# ~ .*\n/gm, "");
}
