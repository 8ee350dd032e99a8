// Checks while typing, by the package's worker. Of checks only the last asked for counts: one that waits is replaced, and
// the answer of one that runs is dropped. A run cannot be interrupted from inside, so that one that takes too long ends
// its thread; the next call starts another.

import type { Control, FormatName, LockDown, Report } from "flux-audit";
import { type AuditWorker, LoadError } from "flux-audit/worker";
import { call, type CheckInput } from "../model/settings";

/** What is used of the package's worker. */
export type Engine = Pick<AuditWorker, "check" | "checkAs" | "lockDown" | "controls">;

/** Times in milliseconds. */
export interface Timing {
  /** How long typing has to pause before a check. */
  debounce: number;
  /** How long a check that nobody waits for any more may hold up the next one. */
  stale: number;
  /** How long any call may take. */
  limit: number;
}

export const TIMING: Timing = { debounce: 120, stale: 1500, limit: 20_000 };

/**
 * Why there is no answer. `hung`: it took too long; `stopped`: the user ended it; `crashed`: the thread died; any other code
 * is that of a `LoadError`.
 */
export class EngineError extends Error {
  override readonly name = "EngineError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What became of the check that was asked for last. */
export type Outcome =
  | { state: "done"; report: Report; input: CheckInput; milliseconds: number }
  | { state: "failed"; error: EngineError; input: CheckInput };

interface Check {
  input: CheckInput;
  done(outcome: Outcome): void;
}

export class Client {
  readonly #engine: Engine;
  readonly #timing: Timing;
  /** What was asked for last, until it is told. */
  #latest: Check | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;

  constructor(engine: Engine, timing: Timing = TIMING) {
    this.#engine = engine;
    this.#timing = timing;
  }

  /** Every control there is. The page is of little use without, so that this waits for the check before it. */
  async controls(): Promise<Control[]> {
    try {
      return await this.#engine.controls();
    } catch (error) {
      throw told(error);
    }
  }

  /** A check apart from the current one. */
  preview(input: CheckInput): Promise<Report> {
    const [files, options] = call(input);
    return this.#bounded((signal) => this.#engine.check(files, { ...options, signal }));
  }

  /** The report in a format. */
  render(input: CheckInput, format: FormatName): Promise<string> {
    const [files, options] = call(input);
    return this.#bounded((signal) => this.#engine.checkAs(files, format, { ...options, signal }));
  }

  /** The patches that lock the files' controllers down. */
  lockDown(input: CheckInput): Promise<LockDown> {
    const [files, options] = call(input);
    return this.#bounded((signal) => this.#engine.lockDown(files, { ...options, signal }));
  }

  /** Checks once typing pauses, unless another check is asked for until then. Only the last is told its outcome. */
  check(input: CheckInput, done: (outcome: Outcome) => void, immediately = false): void {
    clearTimeout(this.#pause);
    this.#latest = { input, done };
    this.#pause = setTimeout(() => this.#resume(), immediately ? 0 : this.#timing.debounce);
  }

  /** Ends the check that was asked for last. */
  stop(): void {
    clearTimeout(this.#pause);
    const stopped = new EngineError("stopped", "the check was stopped");
    const latest = this.#latest;
    this.#latest = undefined;
    this.#running?.abort(stopped);
    latest?.done({ state: "failed", error: stopped, input: latest.input });
  }

  /** After the pause. */
  #resume(): void {
    this.#pause = undefined;
    const running = this.#running;
    if (!running) return void this.#run();
    // Most checks are over before another thread could be there.
    setTimeout(() => running.abort(this.#hung()), this.#timing.stale);
  }

  async #run(): Promise<void> {
    const check = this.#latest;
    if (!check) return;
    const controller = new AbortController();
    this.#running = controller;
    const outcome = await this.#outcome(check.input, controller);
    this.#running = undefined;
    if (this.#latest === check) {
      this.#latest = undefined;
      check.done(outcome);
    } else if (this.#pause === undefined) {
      void this.#run();
    }
  }

  async #outcome(input: CheckInput, controller: AbortController): Promise<Outcome> {
    const start = performance.now();
    const [files, options] = call(input);
    try {
      const report = await this.#bounded((signal) => this.#engine.check(files, { ...options, signal }), controller);
      return { state: "done", report, input, milliseconds: performance.now() - start };
    } catch (error) {
      return { state: "failed", error: error as EngineError, input };
    }
  }

  /** A call that ends: with its answer, or with an `EngineError`. */
  async #bounded<T>(make: (signal: AbortSignal) => Promise<T>, controller = new AbortController()): Promise<T> {
    const timer = setTimeout(() => controller.abort(this.#hung()), this.#timing.limit);
    try {
      return await make(controller.signal);
    } catch (error) {
      throw told(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #hung(): EngineError {
    const seconds = Math.round(this.#timing.limit / 1000);
    return new EngineError("hung", `no answer within ${seconds} s, so that the check was ended`);
  }
}

function told(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError(error instanceof LoadError ? error.code : "crashed", message);
}
