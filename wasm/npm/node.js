// For Node: loads the module from its file, so that nobody has to.
import { readFileSync } from "node:fs";
import { initSync } from "./flux_audit.js";

initSync({ module: readFileSync(new URL("flux_audit_bg.wasm", import.meta.url)) });

export { Engine, readConfig, readEvidence, render, version } from "./flux_audit.js";
