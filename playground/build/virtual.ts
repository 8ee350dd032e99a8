// Modules that the build writes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import type { Example } from "../src/model/example";
import { examples } from "./examples.ts";

const STARTER = "FX-KC-03-bad";

export function virtualModules(): Plugin {
  let made: Example[] | undefined;
  const all = (): Example[] => (made ??= examples());
  const modules: Record<string, () => unknown> = {
    "virtual:examples": all,
    "virtual:starter": () => {
      const starter = all().find(({ id }) => id === STARTER);
      if (!starter) throw new Error(`there is no example ${STARTER}`);
      return starter;
    },
    "virtual:schemas": schemas,
  };
  return {
    name: "flux-audit:virtual",
    resolveId: (id) => (id in modules ? `\0${id}` : undefined),
    load: (id) => {
      const make = modules[id.slice(1)];
      return id.startsWith("\0virtual:") && make ? `export default ${JSON.stringify(make())};` : undefined;
    },
  };
}

interface Schema {
  $defs: Record<string, { oneOf?: { const: string; description: string }[] }>;
}

function schemas(): unknown {
  const read = (name: string): Schema =>
    JSON.parse(readFileSync(join(import.meta.dirname, "../../schema", `${name}.schema.json`), "utf8")) as Schema;
  const options = (schema: Schema, type: string): unknown[] => {
    const found = schema.$defs[type]?.oneOf;
    if (!found) throw new Error(`the schema has no ${type}`);
    return found.map(({ const: value, description }) => ({ value, description }));
  };
  const config = read("config");
  return {
    profiles: options(config, "Profile"),
    failOn: options(config, "FailOn"),
    modes: options(read("check-request"), "Mode"),
  };
}
