// Debian's Chromium and a server for the built site, below a folder as on GitHub Pages.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Example } from "../../src/model/example";

export const DIST = join(import.meta.dirname, "../../dist");
export const SINGLE = join(DIST, "flux-audit.html");
const BASE = "/some/folder/";
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

/** The examples that the site was built with. */
export async function builtExamples(): Promise<Example[]> {
  const assets = join(DIST, "assets");
  const name = readdirSync(assets).find((name) => name.includes("virtual_examples"));
  if (!name) throw new Error("the site has no examples");
  const chunk = (await import(/* @vite-ignore */ pathToFileURL(join(assets, name)).href)) as Record<string, Example[]>;
  const [examples] = Object.values(chunk);
  if (!Array.isArray(examples)) throw new Error("the examples are not where they were");
  return examples;
}

export interface Site {
  url: string;
  /** The paths that were asked for. */
  requests: string[];
  close(): Promise<void>;
}

export async function serve(): Promise<Site> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    requests.push(path);
    const name = path.slice(BASE.length) || "index.html";
    const file = join(DIST, name);
    if (!path.startsWith(BASE) || name.includes("..") || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${BASE}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function launch(...more: string[]): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  // The sandbox of Chromium does not start as root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args: [...args, ...more] });
}

/** A page that keeps what goes wrong in it and what it asks the network for. */
export class Visit {
  readonly errors: string[] = [];
  readonly requests: string[] = [];
  readonly answers: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on("console", (entry) => {
      if (entry.type() === "error" || entry.type() === "warning") this.errors.push(entry.text());
    });
    page.on("pageerror", (error) => this.errors.push(String(error)));
    context.on("request", (request) => this.requests.push(request.url()));
    context.on("response", (response) => this.answers.push(response.url()));
  }

  /** `prepare`: before the page is opened. */
  static async to(browser: Browser, url: string, options: BrowserContextOptions = {}, prepare?: (page: Page) => Promise<void>): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const visit = new Visit(context, await context.newPage());
    await prepare?.(visit.page);
    await visit.page.goto(url);
    return visit;
  }

  /** Waits until what is shown is the verdict on the files as they are. */
  async settled(): Promise<void> {
    await this.page.locator('[data-busy="false"]').waitFor({ state: "attached" });
  }

  /** What is selected in the editor. */
  selection(): Promise<string> {
    return this.page.evaluate(() => String(getSelection()));
  }

  verdict(): Promise<string> {
    return this.page.locator(".verdict h2").innerText();
  }

  /** Puts text into the editor in place of what is there. */
  async write(text: string): Promise<void> {
    await this.page.locator(".editor .cm-content").click();
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(text);
    await this.page.waitForTimeout(200);
    await this.settled();
  }

  /** The files of the editor, as the page has them. */
  text(): Promise<string> {
    return this.page.evaluate(() => {
      const content = document.querySelector(".editor .cm-content") as (HTMLElement & { cmTile?: { view: { state: { doc: unknown } } } }) | null;
      return String(content?.cmTile?.view.state.doc ?? "");
    });
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
