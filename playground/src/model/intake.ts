// Files as users bring them: dropped, chosen, in a folder or in a zip.

import type { SourceFile } from "flux-audit";
import { unzipSync } from "fflate";

/** What was read, and what was left out and why. */
export interface Intake {
  files: SourceFile[];
  left: string[];
}

/** A file with its bytes, not looked at yet. */
export interface RawFile {
  path: string;
  bytes: Uint8Array;
}

/** Bounds on what a page can hold: bytes of all files, and their number. */
const TOTAL_BYTES = 64 << 20;
const FILES = 20_000;
/** What is no manifest matters only to generators, and no ConfigMap holds more than this. */
const OTHER_FILE_BYTES = 1 << 20;

const MANIFEST = /\.(ya?ml|json)$/i;
const IGNORED = /(^|\/)(\.git|node_modules|__MACOSX)\/|(^|\/)\.DS_Store$/;

/** Bytes to files: archives unpacked, the folder around everything taken off. */
export function intake(raw: readonly RawFile[]): Intake {
  const left: string[] = [];
  const opened = raw.flatMap((file) => (/\.zip$/i.test(file.path) ? unzip(file, left) : [file]));
  const files: SourceFile[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let total = 0;
  for (const { path, bytes } of opened) {
    if (IGNORED.test(path)) continue;
    total += bytes.length;
    if (files.length >= FILES || total > TOTAL_BYTES) {
      left.push(`${path} and what follows: more than ${FILES} files or ${TOTAL_BYTES >> 20} MiB`);
      break;
    }
    if (!MANIFEST.test(path) && (bytes.length > OTHER_FILE_BYTES || bytes.includes(0))) continue;
    try {
      files.push({ name: path, text: decoder.decode(bytes) });
    } catch {
      left.push(`${path}: not UTF-8 text`);
    }
  }
  return { files: withoutRoot(files), left };
}

function unzip(archive: RawFile, left: string[]): RawFile[] {
  let total = 0;
  let count = 0;
  try {
    const entries = unzipSync(archive.bytes, {
      filter: ({ name, originalSize }) => {
        if (name.endsWith("/") || IGNORED.test(name)) return false;
        total += originalSize;
        count += 1;
        if (total > TOTAL_BYTES || count > FILES) throw new Error(`it unpacks to more than ${TOTAL_BYTES >> 20} MiB or ${FILES} files`);
        return true;
      },
    });
    return Object.entries(entries).map(([path, bytes]) => ({ path: tidy(path), bytes }));
  } catch (error) {
    left.push(`${archive.path}: ${(error as Error).message}`);
    return [];
  }
}

/** Without `.`, `..` and a leading slash. */
function tidy(path: string): string {
  return path.split("/").filter((name) => name !== "" && name !== "." && name !== "..").join("/");
}

/**
 * Without the one folder that holds everything, as archives and dropped folders have it; but where the manifests speak of
 * it themselves, it is part of their paths.
 */
function withoutRoot(files: SourceFile[]): SourceFile[] {
  const root = files[0]?.name.split("/")[0];
  if (!root || !files.every(({ name }) => name.startsWith(`${root}/`))) return files;
  const spoken = new RegExp(String.raw`\bpath:\s*["']?(\./|/)?${root.replaceAll(/[^\w]/g, "\\$&")}(/|["']?\s*$)`, "m");
  if (files.some(({ name, text }) => MANIFEST.test(name) && spoken.test(text))) return files;
  return files.map(({ name, text }) => ({ name: name.slice(root.length + 1), text }));
}

/** Everything in a drop, folders with all that is in them. */
export async function dropped(transfer: DataTransfer): Promise<RawFile[]> {
  // The items are gone after the first wait.
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const dropped = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: RawFile[] = [];
  for (const { entry, file } of dropped) {
    if (entry) await walk(entry, found);
    else if (file) found.push(await raw(file, file.name));
  }
  return found;
}

/** Files of an `<input>`, which knows the path of each below a chosen folder. */
export async function chosen(list: FileList): Promise<RawFile[]> {
  const found: RawFile[] = [];
  for (const file of list) found.push(await raw(file, file.webkitRelativePath || file.name));
  return found;
}

async function walk(entry: FileSystemEntry, found: RawFile[]): Promise<void> {
  const path = tidy(entry.fullPath);
  if (found.length >= FILES || IGNORED.test(`${path}/`)) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push(await raw(file, path));
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives a part of the folder at a time, and nothing at its end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return;
    for (const child of part) await walk(child, found);
  }
}

async function raw(file: File, path: string): Promise<RawFile> {
  const kept = file.size <= TOTAL_BYTES ? file : file.slice(0, TOTAL_BYTES + 1);
  return { path, bytes: new Uint8Array(await kept.arrayBuffer()) };
}
