// The near side of a worker, whatever the platform.
import type { CheckOptions } from "./check.js";
import { LoadError } from "./error.js";
import { type Files, listed } from "./files.js";
import type { Control, FormatName, LockDown, Report } from "./flux_audit.js";
import type { Answer, Call } from "./protocol.js";

/** A call may be cancelled. */
export interface CallOptions {
  /** Ends the call: at once, even in the middle of a check. `AbortSignal.timeout(ms)` bounds it. */
  signal?: AbortSignal | undefined;
}

/** Another thread. */
export interface Thread {
  /** Hands it a call. */
  post(call: Call): void;
  /** Ends it, whatever it does. */
  end(): void;
}

/** Starts a thread, which answers or fails. */
export type Start = (answered: (answer: Answer) => void, failed: (error: Error) => void) => Thread;

interface Job {
  call: Call;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/**
 * Runs checks in another thread, one after the other. A call that is cancelled, and one that traps, ends the thread;
 * the next call starts a fresh one.
 */
export class AuditWorker {
  readonly #start: Start;
  #thread: Thread | undefined;
  #running: Job | undefined;
  #waiting: Job[] = [];
  #closed = false;

  /** @internal */
  constructor(start: Start) {
    this.#start = start;
  }

  /** Checks files, as the function `check` does. */
  check(files: Files, options: CheckOptions & CallOptions = {}): Promise<Report> {
    const { signal, ...rest } = options;
    return this.#call({ name: "check", args: [listed(files), rest] }, signal) as Promise<Report>;
  }

  /** Checks files and writes the report, as the function `checkAs` does. */
  checkAs(files: Files, format: FormatName, options: CheckOptions & CallOptions = {}): Promise<string> {
    const { signal, ...rest } = options;
    return this.#call({ name: "checkAs", args: [listed(files), format, rest] }, signal) as Promise<string>;
  }

  /** The patches that lock a repository down, as the function `lockDown` does. */
  lockDown(files: Files, options: CheckOptions & CallOptions = {}): Promise<LockDown> {
    const { signal, ...rest } = options;
    return this.#call({ name: "lockDown", args: [listed(files), rest] }, signal) as Promise<LockDown>;
  }

  /** Writes a report, as the function `render` does. */
  render(report: Report, format: FormatName, options: CallOptions = {}): Promise<string> {
    return this.#call({ name: "render", args: [report, format] }, options.signal) as Promise<string>;
  }

  /** Every control there is, by ID. */
  controls(options: CallOptions = {}): Promise<Control[]> {
    return this.#call({ name: "controls", args: [] }, options.signal) as Promise<Control[]>;
  }

  /** Ends the thread and every call. */
  close(): void {
    this.#closed = true;
    const jobs = [this.#running, ...this.#waiting];
    this.#waiting = [];
    this.#stop();
    for (const job of jobs) job?.reject(new Error("the worker is closed"));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #call(call: Call, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new Error("the worker is closed");
      signal?.throwIfAborted();
      const abort = (): void => this.#cancel(job, signal?.reason);
      const last = <T>(settle: (value: T) => void) => (value: T): void => {
        signal?.removeEventListener("abort", abort);
        settle(value);
      };
      const job: Job = { call, resolve: last(resolve), reject: last(reject) };
      signal?.addEventListener("abort", abort);
      this.#waiting.push(job);
      this.#next();
    });
  }

  #cancel(job: Job, reason: unknown): void {
    this.#waiting = this.#waiting.filter((other) => other !== job);
    if (this.#running === job) this.#stop();
    job.reject(reason);
    this.#next();
  }

  #next(): void {
    if (this.#running !== undefined) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#running = job;
    try {
      this.#thread ??= this.#begin();
      this.#thread.post(job.call);
    } catch (error) {
      this.#running = undefined;
      job.reject(error);
      this.#next();
    }
  }

  #begin(): Thread {
    // What a thread says after its end is nobody's answer.
    const thread: Thread = this.#start(
      (answer) => thread === this.#thread && this.#answered(answer),
      (error) => thread === this.#thread && this.#failed(error),
    );
    return thread;
  }

  #answered(answer: Answer): void {
    const job = this.#running;
    if ("trap" in answer) return this.#failed(new Error(answer.trap));
    this.#running = undefined;
    if ("value" in answer) job?.resolve(answer.value);
    else job?.reject(new LoadError(answer.error.code, answer.error.message, answer.error.path, answer.error.line));
    this.#next();
  }

  #failed(error: Error): void {
    const job = this.#running;
    this.#stop();
    job?.reject(error);
    this.#next();
  }

  #stop(): void {
    this.#thread?.end();
    this.#thread = undefined;
    this.#running = undefined;
  }
}
