// The worker's side: one call in, one answer out. An engine is kept for as long as its configuration stays the same.

import type { CheckRequest, Config, Control, FormatName, Report } from "flux-audit";
import type { Failure, Reply, Request } from "./protocol";
import { config, type Readers, request } from "./settings";

/** What is used of the npm package. */
export interface Package extends Readers {
  init(module: WebAssembly.Module): void;
  version(): string;
  engine(config: Config): {
    check(request: CheckRequest): Report;
    checkAs(request: CheckRequest, format: FormatName): string;
    controls(): Control[];
    free(): void;
  };
}

type Loaded = ReturnType<Package["engine"]>;

export function server(library: Package): (request: Request) => Reply {
  let last: { key: string; engine: Loaded } | undefined;
  const engine = (config: Config): Loaded => {
    const key = JSON.stringify(config);
    if (last?.key === key) return last.engine;
    const engine = library.engine(config);
    last?.engine.free();
    last = { key, engine };
    return engine;
  };
  const answer = (message: Request): unknown => {
    switch (message.call) {
      case "load":
        library.init(message.input);
        return library.version();
      case "controls":
        // Every engine knows all of them.
        return (last?.engine ?? engine({})).controls();
      case "check":
        return engine(config(message.input, library)).check(request(message.input, library));
      case "render":
        return engine(config(message.input, library)).checkAs(request(message.input, library), message.input.format);
    }
  };
  return (message) => {
    try {
      return { id: message.id, ok: answer(message) };
    } catch (error) {
      return { id: message.id, error: failure(error) };
    }
  };
}

/** After a trap the module is of no use any more, so that whoever gets `trap` starts another worker. */
function failure(error: unknown): Failure {
  if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
    return { code: "trap", message: error.message };
  }
  const { code, message } = error as { code?: unknown; message?: unknown };
  return { code: typeof code === "string" ? code : "internal", message: String(message ?? error) };
}
