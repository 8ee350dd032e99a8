export { Engine, render, version } from "./flux_audit.js";
export type * from "./flux_audit.js";
