import { defineConfig } from "vitest/config";

// The built site in a real browser. One file after another: they share a machine of two cores.
export default defineConfig({
  test: { include: ["test/browser/**/*.test.ts"], fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 },
});
