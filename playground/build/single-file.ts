// `flux-audit.html`: the page with everything in it, for machines without any network.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { singlePolicy } from "./policy.ts";

export const SINGLE_FILE = "flux-audit.html";

export function singleFile(): Plugin {
  return {
    name: "flux-audit:single-file",
    apply: "build",
    enforce: "post",
    // After Vite's own, which finishes the code of the chunks.
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        let script = "";
        let style = "";
        let page: string | undefined;
        for (const file of Object.values(bundle)) {
          if (file.type === "chunk") script += file.code;
          else if (file.fileName.endsWith(".css")) style += text(file.source);
          else if (file.fileName === "index.html") page = text(file.source);
          delete bundle[file.fileName];
        }
        if (!page || !script) throw new Error("the build has no page or no script");
        // What would end the element may stand in a string only.
        script = `\n${script.replaceAll("</script", "<\\/script")}\n`;
        const head = `<meta http-equiv="Content-Security-Policy" content="${singlePolicy(script)}">`;
        const body = `<script id="module" type="text/plain">${engine()}</script>\n<script type="module">${script}</script>`;
        const source = page
          .replaceAll(/<script\b[^>]*src=[^>]*><\/script>|<link\b[^>]*rel="(?:stylesheet|modulepreload|manifest)"[^>]*>/g, "")
          .replace("<head>", () => `<head>\n${head}`)
          .replace("</head>", () => `<style>\n${style}</style>\n</head>`)
          .replace("</body>", () => `${body}\n</body>`);
        this.emitFile({ type: "asset", fileName: SINGLE_FILE, source });
      },
    },
  };
}

/** The module, compressed as browsers can undo. */
function engine(): string {
  const path = createRequire(import.meta.url).resolve("flux-audit/flux_audit_bg.wasm");
  return gzipSync(readFileSync(path), { level: 9 }).toString("base64");
}

function text(source: string | Uint8Array): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}
