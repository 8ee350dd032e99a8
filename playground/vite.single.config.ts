import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { BROWSERS } from "./build/browsers.ts";
import { withoutDefaults } from "./build/engine-glue.ts";
import { singleFile } from "./build/single-file.ts";
import { virtualModules } from "./build/virtual.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// The single file, beside the site.
export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [withoutDefaults(), virtualModules(), singleFile()],
  resolve: { alias: { "#platform": here("./src/platform/single.ts") } },
  worker: { format: "iife", plugins: () => [withoutDefaults()] },
  build: {
    target: BROWSERS,
    emptyOutDir: false,
    modulePreload: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    rolldownOptions: { output: { codeSplitting: false } },
  },
});
