// The files and the choices in the fragment of a link, which browsers send to nobody.

import type { SourceFile } from "flux-audit";
import { Deflate, Inflate, strFromU8, strToU8 } from "fflate";
import { isObject } from "./jsonpatch";
import type { Settings } from "./settings";

export interface Shared {
  files: SourceFile[];
  settings: Settings;
}

const KEY = "s=";
/** A link may be a bomb, so that unpacking ends here: characters of JSON. */
const LIMIT = 32 << 20;

/** The fragment, with its `#`. */
export function encode(shared: Shared): string {
  const parts: Uint8Array[] = [];
  const deflate = new Deflate({ level: 9 }, (part) => parts.push(part));
  deflate.push(strToU8(JSON.stringify(shared)), true);
  return `#${KEY}${base64(join(parts))}`;
}

/** What a fragment holds; `undefined` where it is none of ours. An error says what is wrong with it. */
export function decode(fragment: string): Shared | undefined {
  const text = fragment.replace(/^#/, "");
  if (!text.startsWith(KEY)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(strFromU8(unpack(bytes(text.slice(KEY.length)))));
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    throw new Error("the link is damaged: part of it may be missing");
  }
  if (!isShared(value)) throw new Error("the link holds something else than files");
  return value;
}

class TooLarge extends Error {}

function unpack(packed: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  const inflate = new Inflate((part, final) => {
    size += part.length;
    ended ||= final;
    if (size > LIMIT) throw new TooLarge("the link holds more than 32 MiB");
    parts.push(part);
  });
  // In small pieces, so that not much is unpacked before its size is known.
  for (let at = 0; at < packed.length; at += 4096) {
    inflate.push(packed.subarray(at, at + 4096), at + 4096 >= packed.length);
  }
  if (!ended) throw new Error("the end is missing");
  return join(parts);
}

function isShared(value: unknown): value is Shared {
  return (
    isObject(value) &&
    isObject(value["settings"]) &&
    Array.isArray(value["files"]) &&
    value["files"].every((file) => isObject(file) && typeof file["name"] === "string" && typeof file["text"] === "string")
  );
}

function join(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
