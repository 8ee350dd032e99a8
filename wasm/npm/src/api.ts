// What the package offers wherever it runs.

export { Engine, readConfig, readEvidence, render, version } from "./flux_audit.js";
export { check, checkAs, controls, lockDown } from "./check.js";
export { LoadError } from "./error.js";
export type * from "./flux_audit.js";
export type { CheckOptions } from "./check.js";
export type { ErrorCode } from "./error.js";
export type { Files } from "./files.js";
