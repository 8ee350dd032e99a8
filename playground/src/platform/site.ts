// The site: the module is a file beside the page.

import url from "flux-audit/flux_audit_bg.wasm?url";
// Inline, since a worker from a `blob:` obeys the page's Content-Security-Policy, and one from a file would not.
import EngineThread from "flux-audit/thread?worker&inline";

export function spawn(): Worker {
  return new EngineThread();
}

export function loadModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compileStreaming(fetch(url));
}

/** Lets the page work without a network from now on; without a service worker it just needs one. */
export async function stayOffline(): Promise<void> {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
}
