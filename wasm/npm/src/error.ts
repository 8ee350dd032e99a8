/** What kind of mistake it is: in the settings, in the arguments, or in this package. */
export type ErrorCode = "bad-config" | "bad-request" | "internal";

/** Every mistake that this package throws. Whatever else a call throws is a trap: the module is of no use after it. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  /** What kind of mistake it is. */
  readonly code: ErrorCode;
  /** The file of settings that is wrong, where it is one. */
  readonly path?: string | undefined;
  /** Its line, from 1. */
  readonly line?: number | undefined;

  /** The message names path and line, too. */
  constructor(code: ErrorCode, message: string, path?: string, line?: number) {
    super(message);
    this.code = code;
    this.path = path;
    this.line = line;
  }
}
