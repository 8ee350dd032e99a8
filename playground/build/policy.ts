// The Content-Security-Policy: nothing but what is listed, so that the page cannot send anything anywhere.

import { createHash } from "node:crypto";
import type { Plugin } from "vite";

/** CodeMirror writes its style sheets into `<style>` elements. */
const COMMON = { "default-src": "'none'", "style-src": "'self' 'unsafe-inline'", "img-src": "'self' data:", "base-uri": "'none'", "form-action": "'none'" };

const SITE = {
  ...COMMON,
  "script-src": "'self' 'wasm-unsafe-eval'",
  // The module, and what the service worker keeps.
  "connect-src": "'self'",
  "worker-src": "'self' blob:",
  "manifest-src": "'self'",
};

/** The policy of the site, as a `<meta>`. */
export function sitePolicy(): Plugin {
  return {
    name: "flux-audit:policy",
    apply: "build",
    transformIndexHtml: () => [meta(SITE)],
  };
}

/** That of the single file: it needs nothing but its own script. */
export function singlePolicy(script: string): string {
  const hash = createHash("sha256").update(script).digest("base64");
  return text({
    ...COMMON,
    "style-src": "'unsafe-inline'",
    "img-src": "data:",
    "script-src": `'sha256-${hash}' 'wasm-unsafe-eval'`,
    "worker-src": "blob:",
  });
}

function meta(policy: Record<string, string>) {
  return {
    tag: "meta",
    attrs: { "http-equiv": "Content-Security-Policy", content: text(policy) },
    injectTo: "head-prepend" as const,
  };
}

function text(policy: Record<string, string>): string {
  return Object.entries(policy).map(([name, value]) => `${name} ${value}`).join("; ");
}
