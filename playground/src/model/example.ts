import type { SourceFile } from "flux-audit";
import type { Settings } from "./settings";

/** An entry of the examples menu. */
export interface Example {
  id: string;
  group: "repository" | "bad" | "good";
  /** The control that it is about. */
  control?: string;
  title: string;
  note?: string;
  files: SourceFile[];
  settings: Settings;
}
