// The fix of a finding, written into the file that it is about.

import type { Finding, SourceFile } from "flux-audit";
import { documents, is, lineStart, objects } from "./documents";
import { patchText, Refusal } from "./edit";
import { operations } from "./jsonpatch";

/** A file as it is and as it would be; `before` is absent for a new one. */
export interface FileChange {
  name: string;
  before: string | undefined;
  after: string;
}

/** Whether the finding has a fix at all. */
export function hasFix(finding: Finding): boolean {
  return operations(finding.fix) !== undefined;
}

/** The change that a finding's fix makes. @throws {Refusal} where the fix cannot be placed. */
export function fix(finding: Finding, files: readonly SourceFile[]): FileChange {
  const patch = operations(finding.fix);
  if (!patch) throw new Refusal("no fix is known for this finding");
  const file = files.find((file) => file.name === finding.location.source);
  if (!file) throw new Refusal("the file of this finding is not here any more");
  const place = lineStart(file.text, finding.location.line);
  const { kind, name } = finding.object;
  for (const { from, to } of documents(file.text)) {
    if (place < from || place >= Math.max(to, from + 1)) continue;
    const document = file.text.slice(from, to);
    const written = objects(document).filter(({ value }) => is(value, finding.object));
    const [only] = written;
    if (!only) break;
    if (written.length > 1) throw new Refusal(`${kind} ${name} is written here more than once`);
    const after = patchText(document, only.base, patch);
    return { name: file.name, before: file.text, after: file.text.slice(0, from) + after + file.text.slice(to) };
  }
  throw new Refusal(
    `${kind} ${name} is not written at this place: it is what a patch, a FluxInstance or a chart makes of other text. ` +
      "Follow the control's remediation, or take the lock-down patch.",
  );
}
