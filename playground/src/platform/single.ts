// The single file: the module is in the page, compressed.

import EngineThread from "flux-audit/thread?worker&inline";

export function spawn(): Worker {
  return new EngineThread();
}

export async function loadModule(): Promise<WebAssembly.Module> {
  const text = document.getElementById("module")?.textContent ?? "";
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(await new Response(stream).arrayBuffer());
}

export async function stayOffline(): Promise<void> {}
