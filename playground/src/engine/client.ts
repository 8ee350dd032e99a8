// The page's side of the worker. Calls run one after another. Of checks only the last asked for counts: one that is
// still waiting is replaced, and the answer of one that runs is dropped. A run cannot be interrupted from inside, so
// that a worker that takes too long is ended and another takes its place.

import type { CallName, Calls, CheckInput, Failure, Reply, Request } from "./protocol";

/** What the client uses of a `Worker`. */
export interface WorkerLike {
  postMessage(message: Request): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** Times in milliseconds. */
export interface Timing {
  /** How long typing has to pause before a check. */
  debounce: number;
  /** How long a check that nobody waits for any more may hold up the next one. */
  stale: number;
  /** How long any run may take. */
  limit: number;
}

export const TIMING: Timing = { debounce: 120, stale: 1500, limit: 20_000 };

/** An answer that is an error. `hung`: it took too long; `stopped`: the user ended it; `crashed`: the worker died. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Job {
  request: Request;
  /** A check whose answer nobody waits for any more. */
  stale: boolean;
  resolve(value: unknown): void;
  reject(error: EngineError): void;
}

/** What became of the check that was asked for last. */
export type Outcome =
  | { state: "done"; report: Calls["check"]["output"]; input: CheckInput; milliseconds: number }
  | { state: "failed"; error: EngineError; input: CheckInput };

export class Client {
  readonly #spawn: () => WorkerLike;
  readonly #module: WebAssembly.Module;
  readonly #timing: Timing;
  #worker: WorkerLike | undefined;
  #queue: Job[] = [];
  #running: { job: Job; timer: ReturnType<typeof setTimeout> } | undefined;
  #wait: ReturnType<typeof setTimeout> | undefined;
  #latest: Job | undefined;
  #number = 0;

  constructor(spawn: () => WorkerLike, module: WebAssembly.Module, timing: Timing = TIMING) {
    this.#spawn = spawn;
    this.#module = module;
    this.#timing = timing;
  }

  /** Calls the worker; its answer, or an `EngineError`. */
  call<Name extends CallName>(call: Name, input: Calls[Name]["input"]): Promise<Calls[Name]["output"]> {
    return this.#enqueue(call, input).answer;
  }

  /** Checks once typing pauses, unless another check is asked for until then. Only the last is told its outcome. */
  check(input: CheckInput, done: (outcome: Outcome) => void, immediately = false): void {
    clearTimeout(this.#wait);
    this.#wait = setTimeout(() => this.#checkNow(input, done), immediately ? 0 : this.#timing.debounce);
  }

  /** Ends what runs and waits; the next call starts afresh. */
  stop(): void {
    clearTimeout(this.#wait);
    this.#restart("stopped", "the check was stopped");
  }

  #checkNow(input: CheckInput, done: (outcome: Outcome) => void): void {
    this.#dropLatest();
    const start = performance.now();
    const { job, answer } = this.#enqueue("check", input);
    this.#latest = job;
    const current = (): boolean => this.#latest === job;
    answer.then(
      (report) => current() && done({ state: "done", report, input, milliseconds: performance.now() - start }),
      (error: EngineError) => current() && done({ state: "failed", error, input }),
    );
  }

  /** Nobody wants the answer of the check before any more. */
  #dropLatest(): void {
    const job = this.#latest;
    this.#latest = undefined;
    if (!job) return;
    job.stale = true;
    this.#queue = this.#queue.filter((waiting) => waiting !== job);
    if (this.#running?.job === job) this.#setTimer(job, this.#timing.stale);
  }

  #enqueue<Name extends CallName>(
    call: Name,
    input: Calls[Name]["input"],
  ): { job: Job; answer: Promise<Calls[Name]["output"]> } {
    const request = { id: ++this.#number, call, input } as Request;
    let job: Job | undefined;
    const answer = new Promise<unknown>((resolve, reject) => {
      job = { request, stale: false, resolve, reject };
    });
    const queued = job as unknown as Job;
    this.#queue.push(queued);
    // After the caller has what it needs to know the job by.
    queueMicrotask(() => this.#next());
    return { job: queued, answer: answer as Promise<Calls[Name]["output"]> };
  }

  #next(): void {
    if (this.#running) return;
    const job = this.#queue.shift();
    if (!job) return;
    const worker = this.#worker ?? this.#start(job);
    this.#setTimer(job, this.#timing.limit);
    worker.postMessage(job.request);
  }

  /** Another worker, which has to load the module before anything else. */
  #start(first: Job): WorkerLike {
    const worker = this.#spawn();
    this.#worker = worker;
    worker.onmessage = (event) => this.#answered(worker, event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#worker === worker) this.#restart("crashed", event.message || "the worker could not be started");
    };
    if (first.request.call !== "load") worker.postMessage({ id: 0, call: "load", input: this.#module });
    return worker;
  }

  #answered(worker: WorkerLike, reply: Reply): void {
    const running = this.#running;
    if (this.#worker !== worker) return;
    if (reply.id === 0) {
      if ("error" in reply) this.#restart(reply.error.code, reply.error.message);
      return;
    }
    if (!running || running.job.request.id !== reply.id) return;
    clearTimeout(running.timer);
    this.#running = undefined;
    if ("ok" in reply) running.job.resolve(reply.ok);
    else this.#failed(running.job, reply.error);
    this.#next();
  }

  #failed(job: Job, { code, message }: Failure): void {
    if (code === "trap") this.#end();
    job.reject(new EngineError(code, message));
  }

  #setTimer(job: Job, milliseconds: number): void {
    if (this.#running) clearTimeout(this.#running.timer);
    const timer = setTimeout(() => {
      const seconds = Math.round(this.#timing.limit / 1000);
      this.#restart("hung", `no answer within ${seconds} s, so that the check was ended`);
    }, milliseconds);
    this.#running = { job, timer };
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** Ends the worker. What ran is told; what waits gets a new worker, unless the user wants nothing any more. */
  #restart(code: string, message: string): void {
    this.#end();
    const ended = this.#running?.job;
    if (this.#running) clearTimeout(this.#running.timer);
    this.#running = undefined;
    const waiting = code === "stopped" || code === "crashed" ? this.#queue.splice(0) : [];
    for (const job of ended ? [ended, ...waiting] : waiting) job.reject(new EngineError(code, message));
    this.#next();
  }
}
