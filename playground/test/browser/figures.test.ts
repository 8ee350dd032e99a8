// Figures of the built site, printed and not asserted: they are of the machine as much as of the site.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encode } from "../../src/model/share";
import { DIST, launch, serve, SINGLE, type Site, Visit } from "./harness";

let site: Site;
let browser: Browser;
const figures: string[] = [];

beforeAll(async () => {
  site = await serve();
  browser = await launch("--js-flags=--expose-gc");
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  console.log(figures.join("\n"));
});

test("downloads", () => {
  // The best compression takes its time.
  const sizes = new Map<string, number>();
  const size = (path: string): number => {
    const known = sizes.get(path) ?? brotliCompressSync(readFileSync(path)).length;
    sizes.set(path, known);
    return known;
  };
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;
  const assets = readdirSync(join(DIST, "assets")).map((name) => join(DIST, "assets", name));
  const module = assets.filter((path) => extname(path) === ".wasm");
  expect(module).toHaveLength(1);
  const first = [join(DIST, "index.html"), ...assets.filter((path) => !path.includes("virtual_examples"))];
  const sum = (paths: string[]): number => paths.reduce((bytes, path) => bytes + size(path), 0);
  figures.push(`module, brotli: ${kilobytes(sum(module))}`);
  figures.push(`up to the first verdict, brotli: ${kilobytes(sum(first))}`);
  figures.push(`all, with the examples, brotli: ${kilobytes(sum([...assets, join(DIST, "index.html"), join(DIST, "sw.js")]))}`);
  figures.push(`the single file: ${kilobytes(readFileSync(SINGLE).length)}`);
}, 120_000);

test("from navigation to the first verdict", async () => {
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const visit = await Visit.to(browser, "about:blank");
    await visit.page.goto(site.url, { waitUntil: "commit" });
    await visit.page.waitForFunction(() => document.querySelector('.verdict[data-busy="false"]'), undefined, { polling: "raf" });
    times.push(await visit.page.evaluate(() => performance.now()));
    await visit.close();
  }
  figures.push(`navigation to first verdict, median of ${times.length}: ${median(times).toFixed(0)} ms`);
});

test("a check for each key, by the number of objects", async () => {
  for (const objects of [10, 100, 1000]) {
    const visit = await Visit.to(browser, link(objects));
    await visit.settled();
    const times: number[] = [];
    for (let run = 0; run < 5; run++) {
      await visit.page.locator(".cm-content").press("ControlOrMeta+End");
      await visit.page.keyboard.type(" ");
      await visit.page.waitForTimeout(200);
      await visit.settled();
      const said = await visit.page.locator(".verdict-text").innerText();
      times.push(Number(/(\d+) ms/.exec(said)?.[1]));
    }
    figures.push(`check of ${objects} objects, median of ${times.length}: ${median(times).toFixed(0)} ms`);
    await visit.close();
  }
}, 120_000);

test("memory after a thousand checks", async () => {
  const visit = await Visit.to(browser, link(10));
  await visit.settled();
  const [worker] = visit.page.workers();
  if (!worker) throw new Error("the page has no worker");
  const session = await browser.newBrowserCDPSession();
  const after: number[] = [];
  for (const times of [100, 450, 450]) {
    // The calls that the page would send; it did not ask, and drops the answers.
    await worker.evaluate(
      async ([times, text]) => {
        for (let id = 0; id < times; id++) {
          const args = [[{ name: "a.yaml", text: `${text}# ${id}\n` }], { now: "2026-01-01T00:00:00Z" }];
          self.dispatchEvent(new MessageEvent("message", { data: { name: "check", args } }));
          await new Promise((resolve) => setTimeout(resolve));
        }
        (globalThis as unknown as { gc(): void }).gc();
      },
      [times, stream(10)] as const,
    );
    await visit.page.evaluate(() => (globalThis as unknown as { gc(): void }).gc());
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    after.push(Math.max(...processInfo.filter(({ type }) => type === "renderer").map(({ id }) => resident(id))));
  }
  figures.push(`memory of the page's process after 100, 550 and 1,000 checks: ${after.map((bytes) => `${(bytes / 1e6).toFixed(0)} MB`).join(", ")}`);
  await visit.close();
}, 120_000);

/** Sources over plain HTTP, each a finding. */
function stream(objects: number): string {
  const one = (at: number): string =>
    `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: charts-${at}\n  namespace: apps\nspec:\n  interval: 1h\n  url: ${at % 10 === 0 ? "http" : "https"}://charts.example.com/${at}\n`;
  return Array.from({ length: objects }, (_, at) => one(at)).join("");
}

/** The page with so many objects in its editor. */
function link(objects: number): string {
  return site.url + encode({ files: [{ name: "a.yaml", text: stream(objects) }], settings: {} });
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Resident memory of a process in bytes, where `/proc` tells. */
function resident(id: number): number {
  const statistics = `/proc/${id}/statm`;
  return existsSync(statistics) ? Number(readFileSync(statistics, "utf8").split(" ")[1]) * 4096 : Number.NaN;
}
