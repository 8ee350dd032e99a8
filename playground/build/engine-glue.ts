// The package's own way to find its module is not used here: the page hands it over. Without this a bundler would put a
// second copy of the module into the worker.

import type { Plugin } from "vite";

export function withoutDefaultModule(): Plugin {
  return {
    name: "flux-audit:without-default-module",
    enforce: "pre",
    transform: (code, id) =>
      id.endsWith("/flux_audit.js") ? code.replaceAll(/new URL\(['"]flux_audit_bg\.wasm['"], import\.meta\.url\)/g, "undefined") : undefined,
  };
}
