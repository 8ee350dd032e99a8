// Times one check of a file in Node: node bench.mjs PACKAGE FILE. For `cargo xtask bench`.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , folder, file] = process.argv;
const { Engine } = await import(new URL("node.js", `${pathToFileURL(folder)}/`));
const engine = new Engine({ profiles: ["base", "shared", "dedicated", "hard"] });
const request = { sources: [{ name: file, text: readFileSync(file, "utf8") }], mode: "render", now: "2026-11-22T03:00:00Z" };
const times = [];
for (let run = 0; run < 6; run++) {
  const start = performance.now();
  engine.check(request);
  times.push((performance.now() - start) / 1000);
}
const counted = times.slice(1).sort((a, b) => a - b);
console.log(`Node ${counted[2].toFixed(3)}`);
