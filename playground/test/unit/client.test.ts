// The page's client on the package's worker: the protocol with the thread, which here is the test.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWorker } from "../../../wasm/pkg/worker.js";
import { Client, type EngineError, type Outcome } from "../../src/engine/client";
import type { CheckInput } from "../../src/model/settings";

const TIMING = { debounce: 100, stale: 500, limit: 2000 };
const MODULE = new Uint8Array([0]);

interface Call {
  name: string;
  args: unknown[];
}

/** A thread that answers when the test says so. */
class FakeThread extends EventTarget {
  readonly received: unknown[] = [];
  isEnded = false;

  postMessage(message: unknown): void {
    this.received.push(message);
  }

  terminate(): void {
    this.isEnded = true;
  }

  reply(answer: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data: answer }));
  }

  crash(message: string): void {
    this.dispatchEvent(Object.assign(new Event("error"), { message }));
  }

  /** The calls, after the module. */
  get calls(): Call[] {
    return this.received.slice(1) as Call[];
  }

  answer(value: unknown): void {
    this.reply({ value });
  }
}

let threads: FakeThread[];
let client: Client;
let outcomes: Outcome[];

const input = (text: string): CheckInput => ({ files: [{ name: "a.yaml", text }], settings: {}, now: "2026-01-01T00:00:00Z" });
const check = (text: string): void => client.check(input(text), (outcome) => outcomes.push(outcome));
const texts = (thread: FakeThread | undefined): string[] =>
  (thread?.calls ?? []).map(({ name, args: [files] }) => (name === "check" ? ((files as CheckInput["files"])[0]?.text ?? "") : name));
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => {
  vi.useFakeTimers();
  threads = [];
  outcomes = [];
  const thread = (): Worker => {
    const thread = new FakeThread();
    threads.push(thread);
    return thread as unknown as Worker;
  };
  client = new Client(createWorker({ module: MODULE, thread }), TIMING);
});
afterEach(() => vi.useRealTimers());

describe("checks", () => {
  test("wait until typing pauses, and only the last is run", async () => {
    for (const text of ["a", "ab", "abc"]) {
      check(text);
      await pass(TIMING.debounce - 1);
    }
    expect(threads).toHaveLength(0);
    await pass(1);
    expect(texts(threads[0])).toEqual(["abc"]);
  });

  test("load the module before the first one", async () => {
    check("a");
    await pass(TIMING.debounce);
    expect(threads[0]?.received[0]).toEqual({ module: MODULE });
  });

  test("tell their outcome with the input that it is of", async () => {
    check("a");
    await pass(TIMING.debounce);
    threads[0]?.answer("report");
    await pass(0);
    expect(outcomes).toMatchObject([{ state: "done", report: "report", input: input("a") }]);
  });

  test("drop an answer that came too late, and run the next one", async () => {
    check("old");
    await pass(TIMING.debounce);
    check("new");
    await pass(TIMING.debounce);
    expect(texts(threads[0])).toEqual(["old"]);
    threads[0]?.answer("old report");
    await pass(0);
    expect(outcomes).toEqual([]);
    expect(texts(threads[0])).toEqual(["old", "new"]);
    threads[0]?.answer("new report");
    await pass(0);
    expect(outcomes).toMatchObject([{ report: "new report" }]);
  });

  test("are what the package is asked for, with the files in the order of the command line", async () => {
    const files = ["b.yaml", "a/x.yaml"].map((name) => ({ name, text: "" }));
    client.check({ files, settings: { profiles: ["hard"], mode: "git" }, now: "n" }, () => {});
    await pass(TIMING.debounce);
    const options = { profiles: ["hard"], mode: "git", now: "n", params: undefined, failOn: undefined };
    expect(threads[0]?.calls).toEqual([{ name: "check", args: [[files[1], files[0]], options] }]);
  });

  test("replace one that has not begun", async () => {
    check("running");
    await pass(TIMING.debounce);
    check("waiting");
    await pass(TIMING.debounce);
    check("newest");
    await pass(TIMING.debounce);
    threads[0]?.answer("stale");
    await pass(0);
    expect(texts(threads[0])).toEqual(["running", "newest"]);
  });

  test("end a stale run that holds up the next one, in another worker", async () => {
    check("endless");
    await pass(TIMING.debounce);
    check("next");
    await pass(TIMING.debounce + TIMING.stale);
    expect(threads[0]?.isEnded).toBe(true);
    expect(texts(threads[1])).toEqual(["next"]);
    threads[1]?.answer("report");
    await pass(0);
    expect(outcomes).toMatchObject([{ state: "done", input: input("next") }]);
  });

  test("end a run that hangs, say so, and work again afterwards", async () => {
    check("endless");
    await pass(TIMING.debounce + TIMING.limit);
    expect(threads[0]?.isEnded).toBe(true);
    expect(outcomes).toMatchObject([{ state: "failed", error: { code: "hung", message: expect.stringContaining("2 s") } }]);
    threads[0]?.answer("much too late");
    check("next");
    await pass(TIMING.debounce);
    expect(threads[1]?.received[0]).toEqual({ module: MODULE });
    threads[1]?.answer("report");
    await pass(0);
    expect(outcomes.at(-1)).toMatchObject({ state: "done", report: "report" });
    expect(outcomes).toHaveLength(2);
  });

  test("can be stopped, which is no verdict", async () => {
    check("long");
    await pass(TIMING.debounce);
    client.stop();
    await pass(0);
    expect(threads[0]?.isEnded).toBe(true);
    expect(outcomes).toMatchObject([{ state: "failed", error: { code: "stopped" } }]);
  });

  test("fail with the engine's own error, and the worker stays", async () => {
    check("a");
    await pass(TIMING.debounce);
    threads[0]?.reply({ error: { code: "bad-config", message: "no profile x", path: undefined, line: undefined } });
    await pass(0);
    expect(outcomes).toMatchObject([{ state: "failed", error: { code: "bad-config", message: "no profile x" } }]);
    expect(threads[0]?.isEnded).toBe(false);
  });

  test("do not use a module again after a trap", async () => {
    check("a");
    await pass(TIMING.debounce);
    threads[0]?.reply({ trap: "unreachable" });
    await pass(0);
    expect(outcomes).toMatchObject([{ state: "failed", error: { code: "crashed", message: "unreachable" } }]);
    expect(threads[0]?.isEnded).toBe(true);
    check("b");
    await pass(TIMING.debounce);
    expect(texts(threads[1])).toEqual(["b"]);
  });
});

describe("calls", () => {
  test("run one after another, each with its own answer", async () => {
    const first = client.render(input("a"), "text");
    const second = client.lockDown(input("a"));
    await pass(0);
    expect(threads[0]?.calls).toMatchObject([{ name: "checkAs", args: [[{ name: "a.yaml" }], "text", {}] }]);
    threads[0]?.answer("one");
    await expect(first).resolves.toBe("one");
    expect(threads[0]?.calls).toMatchObject([{ name: "checkAs" }, { name: "lockDown" }]);
    threads[0]?.answer("two");
    await expect(second).resolves.toBe("two");
  });

  test("are told when the thread dies, and the next one gets another", async () => {
    const first = client.controls().catch((error: EngineError) => error.code);
    const second = client.preview(input("a"));
    await pass(0);
    threads[0]?.crash("no memory");
    await expect(first).resolves.toBe("crashed");
    threads[1]?.answer("report");
    await expect(second).resolves.toBe("report");
  });

  test("for the controls outlive a check that hangs before them", async () => {
    check("endless");
    await pass(TIMING.debounce);
    const controls = client.controls();
    await pass(TIMING.limit);
    expect(outcomes).toMatchObject([{ error: { code: "hung" } }]);
    expect(texts(threads[1])).toEqual(["controls"]);
    threads[1]?.answer([]);
    await expect(controls).resolves.toEqual([]);
  });

  test("end as well when they hang", async () => {
    const hung = client.render(input("a"), "text").catch((error: EngineError) => error.code);
    await pass(TIMING.limit);
    await expect(hung).resolves.toBe("hung");
    expect(threads[0]?.isEnded).toBe(true);
  });
});
