import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Client, EngineError, type Outcome, type WorkerLike } from "../../src/engine/client";
import type { CheckInput, Reply, Request } from "../../src/engine/protocol";

const TIMING = { debounce: 100, stale: 500, limit: 2000 };
const MODULE = {} as WebAssembly.Module;

/** A worker that answers when the test says so. */
class FakeWorker implements WorkerLike {
  onmessage: WorkerLike["onmessage"] = null;
  onerror: WorkerLike["onerror"] = null;
  readonly received: Request[] = [];
  isEnded = false;

  postMessage(message: Request): void {
    this.received.push(message);
    if (message.id === 0) this.reply({ id: 0, ok: null });
  }

  terminate(): void {
    this.isEnded = true;
  }

  reply(reply: Reply): void {
    this.onmessage?.({ data: reply } as MessageEvent<Reply>);
  }

  crash(message: string): void {
    this.onerror?.({ message, preventDefault() {} } as ErrorEvent);
  }

  /** The calls but for loading the module. */
  get calls(): Request[] {
    return this.received.filter(({ id }) => id !== 0);
  }

  answer(ok: unknown): void {
    this.reply({ id: this.calls.at(-1)?.id ?? -1, ok });
  }
}

let workers: FakeWorker[];
let client: Client;
let outcomes: Outcome[];

const input = (text: string): CheckInput => ({ files: [{ name: "a.yaml", text }], settings: {}, now: "2026-01-01T00:00:00Z" });
const check = (text: string): void => client.check(input(text), (outcome) => outcomes.push(outcome));
const texts = (worker: FakeWorker | undefined): string[] =>
  (worker?.calls ?? []).map((call) => (call.call === "check" ? (call.input.files[0]?.text ?? "") : call.call));
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => {
  vi.useFakeTimers();
  workers = [];
  outcomes = [];
  client = new Client(
    () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
    MODULE,
    TIMING,
  );
});
afterEach(() => vi.useRealTimers());

describe("checks", () => {
  test("wait until typing pauses, and only the last is run", async () => {
    for (const text of ["a", "ab", "abc"]) {
      check(text);
      await pass(TIMING.debounce - 1);
    }
    expect(workers).toHaveLength(0);
    await pass(1);
    expect(texts(workers[0])).toEqual(["abc"]);
  });

  test("load the module before the first one", async () => {
    check("a");
    await pass(TIMING.debounce);
    expect(workers[0]?.received[0]).toEqual({ id: 0, call: "load", input: MODULE });
  });

  test("tell their outcome with the input that it is of", async () => {
    check("a");
    await pass(TIMING.debounce);
    workers[0]?.answer("report");
    await pass(0);
    expect(outcomes).toMatchObject([{ state: "done", report: "report", input: input("a") }]);
  });

  test("drop an answer that came too late, and run the next one", async () => {
    check("old");
    await pass(TIMING.debounce);
    check("new");
    await pass(TIMING.debounce);
    expect(texts(workers[0])).toEqual(["old"]);
    workers[0]?.answer("old report");
    await pass(0);
    expect(outcomes).toEqual([]);
    expect(texts(workers[0])).toEqual(["old", "new"]);
    workers[0]?.answer("new report");
    await pass(0);
    expect(outcomes).toMatchObject([{ report: "new report" }]);
  });

  test("never take the answer to one call for the answer to another", async () => {
    check("a");
    await pass(TIMING.debounce);
    workers[0]?.reply({ id: 99, ok: "of another call" });
    await pass(0);
    expect(outcomes).toEqual([]);
  });

  test("replace one that has not begun", async () => {
    check("running");
    await pass(TIMING.debounce);
    check("waiting");
    await pass(TIMING.debounce);
    check("newest");
    await pass(TIMING.debounce);
    workers[0]?.answer("stale");
    await pass(0);
    expect(texts(workers[0])).toEqual(["running", "newest"]);
  });

  test("end a stale run that holds up the next one, in another worker", async () => {
    check("endless");
    await pass(TIMING.debounce);
    check("next");
    await pass(TIMING.debounce + TIMING.stale);
    expect(workers[0]?.isEnded).toBe(true);
    expect(texts(workers[1])).toEqual(["next"]);
    workers[1]?.answer("report");
    await pass(0);
    expect(outcomes).toMatchObject([{ state: "done", input: input("next") }]);
  });

  test("end a run that hangs, say so, and work again afterwards", async () => {
    check("endless");
    await pass(TIMING.debounce + TIMING.limit);
    expect(workers[0]?.isEnded).toBe(true);
    expect(outcomes).toMatchObject([{ state: "failed", error: { code: "hung", message: expect.stringContaining("2 s") } }]);
    workers[0]?.answer("much too late");
    check("next");
    await pass(TIMING.debounce);
    expect(workers[1]?.received[0]).toMatchObject({ call: "load" });
    workers[1]?.answer("report");
    await pass(0);
    expect(outcomes.at(-1)).toMatchObject({ state: "done", report: "report" });
    expect(outcomes).toHaveLength(2);
  });

  test("can be stopped, which is no verdict", async () => {
    check("long");
    await pass(TIMING.debounce);
    client.stop();
    await pass(0);
    expect(workers[0]?.isEnded).toBe(true);
    expect(outcomes).toMatchObject([{ state: "failed", error: { code: "stopped" } }]);
  });

  test("fail with the engine's own error, and the worker stays", async () => {
    check("a");
    await pass(TIMING.debounce);
    workers[0]?.reply({ id: workers[0].calls[0]?.id ?? -1, error: { code: "bad-config", message: "no profile x" } });
    await pass(0);
    expect(outcomes).toMatchObject([{ state: "failed", error: { code: "bad-config", message: "no profile x" } }]);
    expect(workers[0]?.isEnded).toBe(false);
  });

  test("do not use a module again after a trap", async () => {
    check("a");
    await pass(TIMING.debounce);
    workers[0]?.reply({ id: workers[0].calls[0]?.id ?? -1, error: { code: "trap", message: "unreachable" } });
    await pass(0);
    expect(outcomes).toMatchObject([{ state: "failed", error: { code: "trap" } }]);
    expect(workers[0]?.isEnded).toBe(true);
    check("b");
    await pass(TIMING.debounce);
    expect(texts(workers[1])).toEqual(["b"]);
  });
});

describe("calls", () => {
  test("run one after another, each with its own answer", async () => {
    const first = client.call("render", { ...input("a"), format: "text" });
    const second = client.call("render", { ...input("a"), format: "json" });
    await pass(0);
    expect(workers[0]?.calls).toHaveLength(1);
    workers[0]?.answer("one");
    await expect(first).resolves.toBe("one");
    await pass(0);
    workers[0]?.answer("two");
    await expect(second).resolves.toBe("two");
  });

  test("are told when the worker dies, running and waiting ones", async () => {
    const calls = [client.call("load", MODULE), client.call("render", { ...input("a"), format: "text" })];
    const ends = calls.map((call) => call.catch((error: EngineError) => error.code));
    await pass(0);
    workers[0]?.crash("no memory");
    await expect(Promise.all(ends)).resolves.toEqual(["crashed", "crashed"]);
  });
});
