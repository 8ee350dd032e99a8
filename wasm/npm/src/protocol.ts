// What the two sides of a worker say to each other: one call at a time, then its answer.
import { check, checkAs, controls, lockDown } from "./check.js";
import { type ErrorCode, LoadError } from "./error.js";
import { render } from "./flux_audit.js";

/** What runs in the other thread. */
export const calls = { check, checkAs, controls, lockDown, render };

/** Their names. */
export type Name = keyof typeof calls;

/** A call. */
export type Call = { [N in Name]: { name: N; args: Parameters<(typeof calls)[N]> } }[Name];

/** Its answer. A trap is an error after which the thread must not be used any more. */
export type Answer =
  | { value: unknown }
  | { error: { code: ErrorCode; message: string; path: string | undefined; line: number | undefined } }
  | { trap: string };

/** Answers a call, in the thread. */
export function answer({ name, args }: Call): Answer {
  try {
    // The list of calls ties the arguments to the name, which the compiler cannot follow through the index.
    const call = calls[name] as (...args: unknown[]) => unknown;
    return { value: call(...args) };
  } catch (thrown) {
    if (!(thrown instanceof LoadError)) return { trap: String(thrown) };
    const { code, message, path, line } = thrown;
    return { error: { code, message, path, line } };
  }
}
