export { Engine, readConfig, readEvidence, render, version } from "./flux_audit.js";
export type * from "./flux_audit.js";
