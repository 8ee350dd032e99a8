// The built site as a user uses it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TIMING } from "../../src/engine/client";
import type { Example } from "../../src/model/example";
import { commandLine, program } from "../command-line";
import { builtExamples, launch, serve, SINGLE, type Site, Visit } from "./harness";

const BAD = `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: charts
  namespace: apps
spec:
  interval: 1h
  url: http://charts.example.com # plain
`;
const KUSTOMIZE = (flags: string): string => `# Ours.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kustomize-controller
  namespace: flux-system
  labels:
    app.kubernetes.io/component: kustomize-controller
    app.kubernetes.io/part-of: flux
spec:
  selector: {matchLabels: {app: kustomize-controller}}
  template:
    metadata:
      labels: {app: kustomize-controller}
    spec:
      containers:
        - name: manager
          image: ghcr.io/fluxcd/kustomize-controller:v1.9.4
          args: # of the controller
            - --log-level=info
${flags}`;

let site: Site;
let browser: Browser;
let visit: Visit;

beforeAll(async () => {
  site = await serve();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** The text of a finding's row. */
const rows = (control: string): Promise<string[]> => visit.page.locator(`.group[aria-label="${control}"] .finding`).allInnerTexts();

describe("on the site", () => {
  beforeEach(async () => {
    visit = await Visit.to(browser, site.url);
    await visit.settled();
  });
  afterEach(async () => {
    expect(visit.errors).toEqual([]);
    await visit.close();
  });

  test("a bad manifest is typed, found at its line, mended by the fix, and gone", async () => {
    await visit.write(KUSTOMIZE(""));
    expect(await rows("FX-KC-03")).toEqual([expect.stringMatching(/remote bases are allowed[^]*no_remote_bases\.yaml:19\n/)]);
    await visit.page.locator('.group[aria-label="FX-KC-03"] .finding-main').click();
    await expect.poll(() => visit.selection()).toBe("args");
    expect(await visit.page.locator(".cm-lintRange-error").allInnerTexts()).toContain("args");

    await visit.page.locator('.group[aria-label="FX-KC-03"] .fix').click();
    await visit.page.getByText(/^\d+ findings? goe?s? away, none is new\.$/).waitFor();
    expect(await visit.page.locator("dialog .cm-changedLine").allInnerTexts()).toEqual(["            - --no-remote-bases=true"]);
    await visit.page.getByRole("button", { name: "Apply", exact: true }).click();
    await visit.page.waitForTimeout(300);
    await visit.settled();
    expect(await visit.text()).toBe(KUSTOMIZE("            - --no-remote-bases=true\n"));
    expect(await rows("FX-KC-03")).toEqual([]);

    // Undo brings it back, as after typing.
    await visit.page.locator(".editor .cm-content").focus();
    await visit.page.keyboard.press("ControlOrMeta+z");
    await visit.page.waitForTimeout(300);
    await visit.settled();
    expect(await rows("FX-KC-03")).toHaveLength(1);
  });

  test("typing letter by letter is checked once it pauses", async () => {
    await visit.write(BAD.replace("http:", "https:"));
    expect(await rows("FX-EXT-01")).toEqual([]);
    await visit.page.locator(".cm-line", { hasText: "url:" }).click();
    await visit.page.keyboard.press("End");
    await visit.page.keyboard.press("Home");
    for (let times = 0; times < "url: https".length; times++) await visit.page.keyboard.press("ArrowRight");
    await visit.page.keyboard.press("Backspace");
    await visit.page.locator('.group[aria-label="FX-EXT-01"]').waitFor();
    expect((await rows("FX-EXT-01"))[0]).toContain(":8");
  });

  test("a repository comes as a zip, is resolved, and its lock-down mends it", async () => {
    const { files } = example("insecure");
    const bytes = zipSync(Object.fromEntries(files.map(({ name, text }) => [`repo-main/${name}`, strToU8(text)])));
    await visit.page.locator("input[type=file]").first().setInputFiles({ name: "repo.zip", mimeType: "application/zip", buffer: Buffer.from(bytes) });
    await visit.page.getByRole("tab", { name: "gotk-sync.yaml" }).waitFor();
    await visit.settled();
    expect(await visit.page.locator(".verdict-text").innerText()).toContain("repository");
    await choose("shared");
    const before = await count();
    await visit.page.getByRole("button", { name: "Lock down" }).click();
    await visit.page.getByText(/findings go away, (none is|\d+) new/).waitFor();
    await visit.page.getByRole("button", { name: "Apply", exact: true }).click();
    await visit.page.waitForTimeout(300);
    await visit.settled();
    expect(await count()).toBeLessThan(before - 10);
    expect(await visit.text()).toContain("value: --no-cross-namespace-refs=true");
  });

  test("a FluxInstance is patched where it is written", async () => {
    await open("flux-instance");
    await visit.page.getByRole("button", { name: "Lock down" }).click();
    await visit.page.getByText(/findings? goe?s? away/).waitFor();
    const file = "clusters/staging/flux-system/flux-instance.yaml";
    const diff = visit.page.locator("dialog .diff", { hasText: file });
    expect(await diff.locator(".cm-changedLine").allInnerTexts()).toContain("            value: --no-remote-bases=true");
    await visit.page.getByRole("button", { name: "Apply", exact: true }).click();
    await visit.page.waitForTimeout(300);
    await visit.settled();
    await visit.page.locator(`.file-tab[title="${file}"]`).click();
    await expect.poll(() => visit.text()).toContain("            value: --no-cross-namespace-refs=true\n");
    expect(await visit.page.locator('.group[aria-label="FX-MT-01"] .finding', { hasText: file }).count()).toBe(0);
  });

  test("a whole folder is dropped", async () => {
    const session = await visit.context.newCDPSession(visit.page);
    const folder = join(import.meta.dirname, "../../../examples/insecure");
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
    }
    await visit.page.getByRole("tab", { name: "gotk-sync.yaml" }).waitFor();
    await visit.settled();
    expect(await visit.page.locator(".verdict-text").innerText()).toContain("repository");
    expect(await rows("FX-EXT-01")).not.toEqual([]);
  });

  test("a finding in another file opens that file at its line", async () => {
    await open("insecure");
    await visit.page.locator(".finding", { hasText: "alerts.yaml:9" }).locator(".finding-main").first().click();
    await expect.poll(() => visit.selection()).toBe("http://hooks.example.com/flux");
    expect(await visit.page.locator('[role="tab"][aria-selected="true"]').first().innerText()).toContain("alerts.yaml");
  });

  test("a click on a mark in the text leads to its finding", async () => {
    await open("insecure");
    await visit.page.getByRole("tab", { name: /^Controls/ }).click();
    await visit.page.getByRole("tab", { name: "charts.yaml" }).click();
    const text = "http://charts.example.com";
    const mark = visit.page.locator(".editor .cm-lintRange-error", { hasText: text });
    await mark.click();
    const chosen = visit.page.locator('.finding[aria-current="true"]');
    await chosen.waitFor();
    expect(await chosen.locator(".finding-place").innerText()).toContain("sources/charts.yaml:");
    await expect.poll(() => chosen.evaluate((row) => row.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
    // And from the finding to the text again.
    await chosen.locator(".finding-main").click();
    await expect.poll(() => visit.selection()).toBe(text);
  });

  test("files are dropped, and pasted outside of the editor", async () => {
    await visit.page.evaluate((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "dropped.yaml"));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, BAD);
    await visit.page.getByRole("tab", { name: "dropped.yaml" }).waitFor();
    await visit.page.evaluate((text) => {
      const transfer = new DataTransfer();
      transfer.setData("text/plain", text);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
    }, BAD.replace("charts", "pasted"));
    await visit.page.getByRole("tab", { name: "manifest.yaml" }).waitFor();
    await expect.poll(() => visit.text()).toContain("name: pasted");
  });

  test("a document without end and a bomb are errors, and the page stays responsive", async () => {
    const lines = Array.from({ length: 9 }, (_, at) => `x${at}: &x${at} [${Array(9).fill(at === 0 ? '"ha"' : `*x${at - 1}`).join(", ")}]`);
    await visit.write(`${lines.join("\n")}\n`);
    expect(await visit.verdict()).not.toBe("Pass");
    expect(await visit.page.locator(".problems").innerText()).toMatch(/alias/i);

    const endless = `a:\n${"  - &a b\n".repeat(1_500_000)}`;
    await visit.page.locator("input[type=file]").first().setInputFiles({ name: "endless.yaml", mimeType: "text/yaml", buffer: Buffer.from(endless) });
    const frames = await visit.page.evaluate(async () => {
      const start = performance.now();
      let longest = 0;
      let last = start;
      while (performance.now() - start < 1500) {
        await new Promise(requestAnimationFrame);
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }
      return longest;
    });
    console.log(`longest pause of the page with ${(endless.length / 1e6).toFixed(0)} MB: ${Math.round(frames)} ms`);
    expect(frames).toBeLessThan(2000);
    await visit.settled();
    expect(await visit.page.locator(".problems, .failed").first().innerText()).toMatch(/larg|too|limit|long/i);
    // And it works again with something else.
    await visit.page.getByRole("button", { name: "Clear" }).click();
    await visit.page.getByRole("button", { name: "Start empty" }).click();
    await visit.write(BAD);
    expect(await rows("FX-EXT-01")).toHaveLength(1);
  });

  test("a run that hangs is ended and said to be no verdict, and the next one works", async () => {
    const hung = await Visit.to(browser, site.url, {}, (page) => page.clock.install());
    await hung.settled();
    const [worker] = hung.page.workers();
    if (!worker) throw new Error("the page has no worker");
    // No input is known to hang the engine, so what hands it its requests does at a word.
    await worker.evaluate(() => {
      const write = JSON.stringify;
      JSON.stringify = (value: unknown) => {
        const text = write(value);
        while (text.includes("never-ends"));
        return text;
      };
    });
    await hung.page.locator(".editor .cm-content").click();
    await hung.page.keyboard.press("ControlOrMeta+a");
    await hung.page.keyboard.insertText("never-ends: true\n");
    await hung.page.locator('.verdict[data-busy="true"]').waitFor();
    // The page is alive meanwhile.
    await hung.page.getByRole("button", { name: "Settings" }).first().click();
    await hung.page.getByRole("dialog").waitFor();
    await hung.page.keyboard.press("Escape");
    await hung.page.getByRole("dialog").waitFor({ state: "detached" });
    const ended = new Promise((resolve) => worker.once("close", resolve));
    await hung.page.clock.fastForward(TIMING.limit);
    await ended;
    expect(await hung.page.locator(".failed").innerText()).toMatch(/took too long[^]*within 20 s[^]*no verdict, and that is no pass/);
    expect(hung.page.workers()).toEqual([]);

    await hung.write(BAD);
    await hung.page.locator('.group[aria-label="FX-EXT-01"]').waitFor();
    expect(hung.page.workers()).toHaveLength(1);
    expect(hung.errors).toEqual([]);
    await hung.close();
  });

  test("a long check is stopped by its button", async () => {
    const pods = Array.from({ length: 5000 }, (_, at) => `---\napiVersion: v1\nkind: Pod\nmetadata: {name: a${at}, namespace: b}\n`);
    const buffer = Buffer.from(pods.join(""));
    await visit.page.locator("input[type=file]").first().setInputFiles({ name: "pods.yaml", mimeType: "text/yaml", buffer });
    await visit.page.getByRole("button", { name: "Stop" }).click();
    expect(await visit.page.locator(".failed").innerText()).toContain("The check was stopped");
    await visit.page.getByRole("button", { name: "Check again" }).click();
    await visit.settled();
    expect(await visit.page.locator(".verdict").count()).toBe(1);
  });

  test("filters, groups, the controls and their pages", async () => {
    await open("insecure");
    const all = await count();
    await visit.page.locator(".chip", { hasText: "critical" }).click();
    expect(await count()).toBeLessThan(all);
    await visit.page.locator(".chip", { hasText: "critical" }).click();
    await visit.page.locator(".chip", { hasText: /^shared$/ }).click();
    expect(await count()).toBeLessThan(all);
    await visit.page.locator(".chip", { hasText: /^shared$/ }).click();
    expect(await count()).toBe(all);
    await visit.page.getByRole("searchbox", { name: "Filter findings" }).fill("tls");
    expect(await count()).toBeLessThan(all);
    await visit.page.getByRole("searchbox", { name: "Filter findings" }).fill("");
    await visit.page.getByRole("button", { name: "By file" }).click();
    expect(await visit.page.locator(".group-file").first().innerText()).toContain("alerts.yaml");
    await visit.page.getByRole("tab", { name: /^Controls/ }).click();
    const manual = visit.page.locator('.group[aria-label="Manual"] .control-row').first();
    await manual.getByText("How to check").click();
    expect((await manual.locator(".prose").innerText()).length).toBeGreaterThan(40);
    await manual.locator(".control-main").click();
    await visit.page.getByRole("heading", { name: "How to mend" }).waitFor();
    await visit.page.keyboard.press("Escape");
    expect(await visit.page.locator(".control-page").count()).toBe(0);
  });

  test("parameters change the result, and wrong ones are said to be wrong", async () => {
    await visit.write(KUSTOMIZE("            - --concurrent=60\n"));
    await choose("shared");
    expect((await rows("FX-RES-07")).join()).toContain("60 workers");
    await visit.page.getByRole("button", { name: "Settings" }).first().click();
    await visit.page.getByLabel("maxConcurrent").fill("80");
    await visit.page.waitForTimeout(300);
    await visit.settled();
    expect((await rows("FX-RES-07")).join()).not.toContain("60 workers");
    await visit.page.getByLabel("maxConcurrent").fill("0");
    await visit.page.locator("dialog [role=alert]").waitFor();
    expect(await visit.page.locator("dialog [role=alert]").innerText()).toContain("maxConcurrent");
    await visit.page.getByRole("button", { name: "Reset" }).click();
  });

  test("a link brings everything back, and takes secrets along only when told to", async () => {
    await visit.write(`${BAD}---\napiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: apps}\nstringData: {token: CANARY-7}\n`);
    const text = await visit.text();
    await visit.page.getByRole("button", { name: "Share" }).first().click();
    expect(await visit.page.locator("dialog .warning").innerText()).toContain("Secret apps/token");
    expect(await visit.page.locator("dialog .warning").innerText()).not.toContain("CANARY");
    expect(await visit.page.locator(".share-link").count()).toBe(0);
    expect(await visit.page.getByRole("button", { name: "Copy the link" }).isDisabled()).toBe(true);
    await visit.page.getByLabel("Put it into the link all the same").check();
    const link = await visit.page.locator(".share-link").inputValue();
    expect(await visit.page.locator(".share-size").innerText()).toMatch(/^\d+ characters/);
    const other = await Visit.to(browser, link);
    await other.settled();
    expect(await other.text()).toBe(text);
    expect(await other.page.locator('.group[aria-label="FX-EXT-01"]').count()).toBe(1);
    expect(other.errors).toEqual([]);
    await other.close();
    const damaged = await Visit.to(browser, link.slice(0, -9));
    await damaged.page.getByText("This link cannot be opened").waitFor();
    await damaged.close();
  });

  test("works again without a network after the first load", async () => {
    await visit.page.evaluate(() => navigator.serviceWorker.ready);
    await visit.context.setOffline(true);
    await visit.page.reload();
    await visit.settled();
    expect(await visit.verdict()).toBe("Fail");
    await open("hardened");
    await visit.context.setOffline(false);
  });

  test("nothing leaves the page, and nothing may", async () => {
    const origin = new URL(site.url).origin;
    await visit.page.evaluate(() => navigator.serviceWorker.ready);
    // What the service worker keeps comes once, after the first verdict.
    await visit.page.waitForTimeout(1000);
    const before = site.requests.length;
    await open("insecure");
    await visit.write(BAD);
    await visit.page.getByRole("button", { name: "Share" }).first().click();
    await visit.page.keyboard.press("Escape");
    expect(site.requests.slice(before)).toEqual([]);
    expect(visit.requests.filter((url) => !url.startsWith(origin) && !url.startsWith(`blob:${origin}`))).toEqual([]);
    const blocked = await visit.page.evaluate(async () => {
      // Its answer does not tell; the requests do.
      navigator.sendBeacon("https://example.com/", "x");
      new Image().src = "https://example.com/?x";
      const attempts = [
        () => fetch("https://example.com/"),
        () => fetch("https://example.com/", { method: "POST", mode: "no-cors", body: "x" }),
      ];
      const results = await Promise.allSettled(attempts.map((attempt) => attempt()));
      return results.map((result) => (result.status === "rejected" ? String(result.reason) : "sent"));
    });
    for (const result of blocked) expect(result).toMatch(/TypeError/);
    await visit.page.waitForTimeout(300);
    expect(visit.answers.filter((url) => url.startsWith("https:"))).toEqual([]);
    // These errors were wanted.
    visit.errors.length = 0;
  });

  test("everything is reached by the keyboard alone", async () => {
    await visit.page.locator("body").press("Tab");
    const seen = new Set<string>();
    for (let steps = 0; steps < 60; steps++) {
      const name = await visit.page.evaluate(() => {
        const element = document.activeElement;
        return element ? (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40) : "";
      });
      seen.add(name);
      await visit.page.keyboard.press("Tab");
    }
    for (const name of ["Examples", "Settings", "Share", "Manifest", "Filter findings", "Fix"]) expect([...seen].join("\n")).toContain(name);
    await visit.page.getByRole("button", { name: "Settings" }).first().focus();
    await visit.page.keyboard.press("Enter");
    await visit.page.getByRole("dialog").waitFor();
    await visit.page.keyboard.press("Escape");
    expect(await visit.page.getByRole("dialog").count()).toBe(0);
    expect(await visit.page.evaluate(() => document.activeElement?.textContent)).toContain("Settings");
  });

  test("downloaded reports are those of the command line, to the byte", async () => {
    if (!program) return console.log("skipped: FLUX_AUDIT names no program");
    // All others are compared without a page around the engine.
    for (const one of all.filter(({ group }, at) => group === "repository" || at % 25 === 0)) {
      await open(one.id);
      const kubernetes = await download("flux-audit-openreports.json");
      // When the page checked is told by this format alone.
      const seconds = /"seconds": ?(\d+)/.exec(kubernetes)?.[1];
      const now = new Date(seconds ? Number(seconds) * 1000 : Date.now()).toISOString();
      const expected = commandLine(program, one, now);
      expect(kubernetes, `${one.id} as OpenReports`).toBe(expected.openreports);
      expect(await download("flux-audit-policyreport.json"), `${one.id} as PolicyReport`).toBe(expected.policyreport);
      expect(await download("flux-audit.json"), `${one.id} as JSON`).toBe(expected.json);
      expect(await download("flux-audit.txt"), `${one.id} as text`).toBe(expected.text);
    }
  });
});

describe("as one file", () => {
  test("works from a disk, with its own policy and without a network", async () => {
    visit = await Visit.to(browser, `file://${SINGLE}`, { offline: true });
    await visit.settled();
    expect(await visit.verdict()).toBe("Fail");
    await open("insecure");
    await visit.write(BAD);
    expect(await rows("FX-EXT-01")).not.toEqual([]);
    expect(visit.requests.filter((url) => !/^(file|blob|data):/.test(url))).toEqual([]);
    expect(visit.errors).toEqual([]);
    await visit.close();
  });
});

const all = await builtExamples();

function example(id: string): Example {
  const found = all.find((one) => one.id === id);
  if (!found) throw new Error(`there is no example ${id}`);
  return found;
}

/** Opens an example from the menu. */
async function open(id: string): Promise<void> {
  const { title, control, group } = example(id);
  await visit.page.getByRole("button", { name: "Examples" }).first().click();
  await (control ? visit.page.getByRole("button", { name: `${control}: ${group} example` }) : visit.page.locator(".card", { hasText: title })).click();
  await visit.page.waitForTimeout(150);
  await visit.settled();
}

/** Selects a profile in the settings. */
async function choose(profile: string): Promise<void> {
  await visit.page.getByRole("button", { name: "Settings" }).first().click();
  await visit.page.getByRole("checkbox", { name: profile }).check();
  await visit.page.getByRole("button", { name: "Done" }).click();
  await visit.page.waitForTimeout(300);
  await visit.settled();
}

function count(): Promise<number> {
  return visit.page.locator(".finding").count();
}

async function download(name: string): Promise<string> {
  await visit.page.getByRole("button", { name: "Download" }).first().click();
  const [file] = await Promise.all([visit.page.waitForEvent("download"), visit.page.locator("dialog .card", { hasText: name }).click()]);
  await visit.page.keyboard.press("Escape");
  return readFileSync(await file.path(), "utf8");
}
