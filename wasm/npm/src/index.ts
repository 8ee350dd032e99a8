/// <reference lib="esnext.disposable" preserve="true" />
// For browsers, bundlers and everything that is not Node: nothing is loaded until `init` or `initSync` is called.

export { init, initSync } from "./init.js";
export type { Module, ModuleSource } from "./init.js";
export * from "./api.js";
