// How it looks: nothing overlaps or scrolls sideways, axe has no serious complaint; and pictures of every state.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DIST, launch, serve, type Site, Visit } from "./harness";

const PICTURES = process.env["SCREENSHOTS"] ?? join(DIST, "../screenshots");

let site: Site;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  site = await serve();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const SIZES = [390, 1280] as const;
const SCHEMES = ["light", "dark"] as const;

/** States of the page, each reached from the one before. */
const STATES: [string, (visit: Visit) => Promise<void>][] = [
  ["loaded", async () => {}],
  ["repository", openRepository],
  ["results", (visit) => show(visit, "Results")],
  ["control", async ({ page }) => page.locator(".group-head").nth(1).click()],
  [
    "controls",
    async (visit) => {
      await show(visit, "Results");
      await visit.page.getByRole("tab", { name: /^Controls/ }).click();
    },
  ],
  ["examples", ({ page }) => page.getByRole("button", { name: "Examples" }).first().click()],
  ["settings", (visit) => dialog(visit, "Settings")],
  ["download", (visit) => dialog(visit, "Download")],
  ["share", (visit) => dialog(visit, "Share")],
  [
    "lockdown",
    async ({ page }) => {
      await page.keyboard.press("Escape");
      await page.getByRole("tab", { name: /^Findings/ }).click();
      await page.getByRole("button", { name: "Lock down" }).click();
      await page.getByText(/findings go away/).waitFor();
    },
  ],
  [
    "error",
    async (visit) => {
      await visit.page.keyboard.press("Escape");
      await dialog(visit, "Settings");
      await visit.page.getByLabel("maxConcurrent").fill("0");
      await visit.page.locator("dialog [role=alert]").waitFor();
      await visit.page.keyboard.press("Escape");
      await show(visit, "Results");
      await visit.page.locator(".failed").waitFor();
    },
  ],
  [
    "empty",
    async (visit) => {
      await dialog(visit, "Settings");
      await visit.page.getByRole("button", { name: "Reset" }).click();
      await visit.page.keyboard.press("Escape");
      await show(visit, "Files");
      await visit.page.getByRole("button", { name: "Clear" }).click();
      await visit.page.getByRole("heading", { name: "Bring your manifests" }).waitFor();
    },
  ],
];

describe.each(SIZES)("at %i px", (width) => {
  test.each(SCHEMES)("%s", async (colorScheme) => {
    const visit = await Visit.to(browser, site.url, { viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" });
    await visit.settled();
    for (const [name, reach] of STATES) {
      await reach(visit);
      await visit.page.waitForTimeout(100);
      await visit.page.screenshot({ path: join(PICTURES, `${width}-${colorScheme}-${name}.png`) });
      expect(await crowding(visit), `${name}: what is cut off, overlaps or scrolls sideways`).toEqual([]);
      expect(await complaints(visit), `${name}: what axe says`).toEqual([]);
    }
    expect(visit.errors).toEqual([]);
    await visit.close();
  });
});

test("nothing moves for those who do not want it", async () => {
  const visit = await Visit.to(browser, site.url, { reducedMotion: "reduce" });
  const moving = await visit.page.evaluate(() => document.getAnimations().length);
  expect(moving).toBe(0);
  await visit.close();
});

test("the switch turns dark into light, and the page remembers it", async () => {
  const visit = await Visit.to(browser, site.url, { colorScheme: "dark" });
  const background = (): Promise<string> => visit.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await background();
  await visit.page.getByRole("button", { name: "Dark or light" }).click();
  const light = await background();
  expect(light).not.toBe(dark);
  await visit.page.reload();
  expect(await background()).toBe(light);
  await visit.close();
});

async function openRepository(visit: Visit): Promise<void> {
  await visit.page.getByRole("button", { name: "Examples" }).first().click();
  await visit.page.locator(".card", { hasText: "Insecure repository" }).click();
  await visit.page.waitForTimeout(150);
  await visit.settled();
  await show(visit, "Files");
}

/** A narrow screen shows one part at a time. */
async function show({ page }: Visit, name: string): Promise<void> {
  const button = page.locator(".switcher").getByRole("button", { name: new RegExp(`^${name}`) });
  if (await button.isVisible()) await button.click();
}

async function dialog({ page }: Visit, name: string): Promise<void> {
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name, exact: true }).first().click();
  await page.getByRole("dialog").waitFor();
}

/** Buttons and fields that overlap each other or leave the screen, and whatever scrolls sideways but code. */
function crowding({ page }: Visit): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push("the page scrolls sideways");
    const area = document.querySelector("dialog[open]") ?? document.body;
    for (const element of area.querySelectorAll<HTMLElement>("div, section, aside, ul, li, header, nav, main")) {
      if (element.closest(".cm-editor, pre, .hidden") || !element.checkVisibility()) continue;
      const scrolls = /auto|scroll/.test(getComputedStyle(element).overflowX);
      if (scrolls && element.scrollWidth > element.clientWidth + 1) found.push(`${element.className} scrolls sideways`);
    }
    const name = (element: Element): string => `${element.tagName} ${(element.getAttribute("aria-label") ?? element.textContent ?? "").slice(0, 40)}`;
    // What a scrolling part hides is not on the screen.
    const seen = (element: Element): { left: number; right: number; top: number; bottom: number } => {
      let { left, right, top, bottom } = element.getBoundingClientRect();
      for (let outer = element.parentElement; outer; outer = outer.parentElement) {
        if (getComputedStyle(outer).overflowY === "visible") continue;
        const clip = outer.getBoundingClientRect();
        [top, bottom] = [Math.max(top, clip.top), Math.min(bottom, clip.bottom)];
      }
      return { left, right, top, bottom };
    };
    const boxes = [...area.querySelectorAll<HTMLElement>("button, input, select, textarea, a, summary")]
      .filter((element) => element.checkVisibility() && !element.closest(".cm-editor"))
      .map((element) => ({ element, box: seen(element) }))
      .filter(({ box }) => box.right > box.left && box.bottom > box.top);
    for (const [number, { element, box }] of boxes.entries()) {
      if (box.left < -1 || box.right > root.clientWidth + 1) found.push(`${name(element)} leaves the screen`);
      for (const other of boxes.slice(number + 1)) {
        if (element.contains(other.element) || other.element.contains(element)) continue;
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        // Heads of groups stay on top of what scrolls below them.
        const isSticky = [element, other.element].some((one) => getComputedStyle(one).position === "sticky");
        if (across > 2 && down > 2 && !isSticky) found.push(`${name(element)} overlaps ${name(other.element)}`);
      }
    }
    return found;
  });
}

/** Serious and critical violations, each with the first element it is about. */
async function complaints({ page }: Visit): Promise<string[]> {
  // The page's policy lets no script in but its own; the debugger may.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    return (await axe.run(document, { resultTypes: ["violations"] })).violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes[0]?.html ?? "" }));
  });
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, html }) => `${id}: ${html.slice(0, 200)}`);
}
