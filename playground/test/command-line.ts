// What the command line says of an example: the program that `FLUX_AUDIT` names.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FormatName } from "flux-audit";
import type { Example } from "../src/model/example";
import { FORMATS } from "../src/model/formats";

export const program = process.env["FLUX_AUDIT"];
if (!program && process.env["CI"]) throw new Error("FLUX_AUDIT names no program");

/** The report of the same files with the same choices, in every format; some of them tell the time of the check. */
export function commandLine(program: string, { files, settings }: Example, now: string): Record<FormatName, string> {
  const root = mkdtempSync(join(tmpdir(), "flux-audit-"));
  const folder = join(root, "files");
  const formats = Object.keys(FORMATS) as FormatName[];
  const output = (format: FormatName): string => join(root, `report.${format}`);
  try {
    for (const { name, text } of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const isRepository = settings.mode === "git" || files.length > 1;
    const params = Object.entries(settings.params ?? {}).flatMap(([name, value]) => ["--param", `${name}=${JSON.stringify(value)}`]);
    const mode = settings.mode && !isRepository ? ["--mode", settings.mode] : [];
    const profiles = settings.profiles ? ["--profile", settings.profiles.join(",")] : [];
    const path = isRepository ? "." : (files[0]?.name ?? "");
    const outputs = formats.flatMap((format) => ["--output", `${format}=${output(format)}`]);
    const { status, stderr } = spawnSync(program, ["check", path, "--now", now, ...outputs, ...mode, ...profiles, ...params], { cwd: folder, encoding: "utf8", maxBuffer: 64 << 20 });
    if (status !== 0 && status !== 1 && status !== 3) throw new Error(`${program}: exit code ${status}: ${stderr}`);
    const reports = formats.map((format) => [format, readFileSync(output(format), "utf8")]);
    return Object.fromEntries(reports) as Record<FormatName, string>;
  } finally {
    rmSync(root, { recursive: true });
  }
}
