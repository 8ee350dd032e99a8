// Uses the installed package of a folder in a browser, bundled by Vite: node browser.mjs FOLDER. Its examples are those of
// the README.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

const [, , folder] = process.argv;
const places = (process.env.PATH ?? "").split(delimiter).flatMap((path) => PROGRAMS.map((name) => join(path, name)));
const program = places.find((place) => existsSync(place));
if (program === undefined) {
  const message = `the browser test needs one of ${PROGRAMS.join(", ")}, and none is here`;
  if (process.env.CI) throw new Error(message);
  console.error(`skipped: ${message}`);
  process.exit(0);
}

const pages = ["cases", "example-browser", "example-worker"];
copyFileSync(fileURLToPath(new URL("cases.js", import.meta.url)), join(folder, "cases.js"));
const warnings = [];
await build({
  root: folder,
  logLevel: "warn",
  base: "./",
  customLogger: {
    ...Object.fromEntries(["info", "clearScreen"].map((name) => [name, () => {}])),
    ...Object.fromEntries(["warn", "warnOnce", "error"].map((name) => [name, (text) => void warnings.push(text)])),
    hasErrorLogged: () => false,
    hasWarned: false,
  },
  plugins: [{ name: "pages", resolveId: (id) => (id.endsWith(".html") ? id : null), load: page }],
  build: { target: "es2022", rollupOptions: { input: pages.map((name) => join(folder, `${name}.html`)) } },
});
// Such as that of a module of Node's, which a browser does not have.
assert.deepEqual(warnings, []);

function page(id) {
  const name = pages.find((name) => id.endsWith(`${name}.html`));
  if (name === undefined) return null;
  return `<!doctype html><html lang="en"><title>${name}</title><textarea></textarea><output></output>
    <script type="module" src="/${name}.js"></script></html>`;
}

const dist = join(folder, "dist");
const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  const file = path === "/expected.json" ? join(folder, "expected.json") : join(dist, path);
  if (!existsSync(file)) return void response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
  // Nothing may come from elsewhere, and no text be run.
  const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
  response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "text/plain", "Content-Security-Policy": policy });
  response.end(readFileSync(file));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({ executablePath: program, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
try {
  const open = async (name) => {
    const page = await browser.newPage();
    const said = [];
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && said.push(message.text()));
    await page.goto(`${origin}/${name}`);
    return { page, said };
  };
  for (const name of ["url", "text", "response", "bytes", "module", "sync", "default", "worker"]) {
    const { page, said } = await open(`cases.html?${name}`);
    await page.waitForFunction(() => document.querySelector("output").textContent !== "", null, { timeout: 60_000 });
    assert.deepEqual([name, await page.textContent("output"), said], [name, "done", []]);
    await page.close();
  }
  for (const name of ["example-browser", "example-worker"]) {
    const { page, said } = await open(`${name}.html`);
    await page.fill("textarea", readFileSync(join(folder, "apps.yaml"), "utf8"));
    await page.waitForFunction(() => /fail/.test(document.querySelector("output").textContent), null, { timeout: 60_000 });
    assert.deepEqual([name, said], [name, []]);
    await page.close();
  }
  console.log(`flux-audit in ${await browser.version()}: loads in every way, checks on the page and in a worker`);
} finally {
  await browser.close();
  server.close();
}
