// The one dialog that is open.

import type { Finding } from "flux-audit";
import { signal } from "@preact/signals";

export type DialogState =
  | { kind: "examples" }
  | { kind: "settings" }
  | { kind: "download" }
  | { kind: "share" }
  | { kind: "lockdown" }
  | { kind: "fix"; finding: Finding };

export const dialog = signal<DialogState | undefined>(undefined);

export function closeDialog(): void {
  dialog.value = undefined;
}
