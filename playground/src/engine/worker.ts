import { Engine, initSync, readConfig, readEvidence, version } from "flux-audit";
import type { Request } from "./protocol";
import { server } from "./serve";

const serve = server({
  init: (module) => initSync(module),
  engine: (config) => new Engine(config),
  readConfig,
  readEvidence,
  version,
});

addEventListener("message", (event: MessageEvent<Request>) => postMessage(serve(event.data)));
