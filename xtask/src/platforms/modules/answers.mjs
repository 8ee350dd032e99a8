// What the npm package answers to each line of the standard input, in the words of the plain interface:
// node answers.mjs ENTRY

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { Engine } = await import(pathToFileURL(process.argv[2]).href);
const engines = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  const { config, request } = JSON.parse(line);
  const key = JSON.stringify(config);
  if (!engines.has(key)) engines.set(key, new Engine(config));
  console.log(JSON.stringify({ ok: engines.get(key).check(request) }));
}
