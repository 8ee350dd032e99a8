// Takes the examples out of the README, so that they run as they are printed: node readme.mjs README FOLDER. A comment
// `<!-- example: FILE -->` before a block of code names the file that it becomes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , readme, folder] = process.argv;
const text = readFileSync(readme, "utf8");
const blocks = [...text.matchAll(/<!-- example: (\S+) -->\n```\w+\n([^]*?)\n```/g)];
const code = text.match(/^```(?!$)/gm)?.length ?? 0;
if (blocks.length === 0 || blocks.length !== code) {
  throw new Error(`${readme}: ${code} blocks of code, of which ${blocks.length} are tested; name the file of each`);
}
for (const [, name, source] of blocks) writeFileSync(join(folder, name), `${source}\n`);
