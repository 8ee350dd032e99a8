// `sw.js`: keeps every file of this build, so that the page works without a network after its first load.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export function serviceWorker(): Plugin {
  return {
    name: "flux-audit:service-worker",
    apply: "build",
    enforce: "post",
    // After Vite's own, which finishes the code of the chunks.
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const files = Object.values(bundle).map((file) => file.fileName).sort();
        const hash = createHash("sha256");
        for (const file of Object.values(bundle)) hash.update(file.type === "chunk" ? file.code : file.source);
        const script = readFileSync(join(import.meta.dirname, "sw.js"), "utf8")
          .replace("__VERSION__", hash.digest("hex").slice(0, 16))
          .replace("__FILES__", JSON.stringify(["./", ...files.filter((file) => file !== "index.html")]));
        this.emitFile({ type: "asset", fileName: "sw.js", source: script });
      },
    },
  };
}
