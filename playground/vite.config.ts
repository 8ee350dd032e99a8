import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BROWSERS } from "./build/browsers.ts";
import { withoutDefaults } from "./build/engine-glue.ts";
import { sitePolicy } from "./build/policy.ts";
import { serviceWorker } from "./build/service-worker.ts";
import { virtualModules } from "./build/virtual.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// The site, which works from any folder of a server.
export default defineConfig({
  base: "./",
  plugins: [withoutDefaults(), virtualModules(), sitePolicy(), serviceWorker()],
  resolve: { alias: { "#platform": here("./src/platform/site.ts") } },
  worker: { format: "iife", plugins: () => [withoutDefaults()] },
  build: { target: BROWSERS, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1000, license: { fileName: "licenses.md" } },
  server: { fs: { allow: [here("..")] } },
  test: { include: ["test/unit/**/*.test.ts"], testTimeout: 60_000 },
});
