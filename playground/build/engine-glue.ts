// The package's own ways to find its module and its thread are not used here: the page hands both over. Without this a
// bundler would put second copies of them beside the page's.

import type { Plugin } from "vite";

const DEFAULTS: Record<string, RegExp> = {
  "flux_audit.js": /new URL\(['"]flux_audit_bg\.wasm['"], import\.meta\.url\)/,
  "worker.js": /new Worker\(new URL\(['"]\.\/thread\.js['"], import\.meta\.url\), \{[^}]*\}\)/,
};

export function withoutDefaults(): Plugin {
  return {
    name: "flux-audit:without-defaults",
    enforce: "pre",
    transform(code, id) {
      const [path = "", name = ""] = /\/wasm\/pkg\/([^/?]+)/.exec(id) ?? [];
      const found = path === "" ? undefined : DEFAULTS[name];
      if (!found) return undefined;
      if (!found.test(code)) throw new Error(`${name}: the default is written in another way than this expects`);
      return code.replace(found, "undefined");
    },
  };
}
