// The parameters of the controls, as fields of a form: what field a JSON Schema asks for, and what was typed into it.

import type { Control } from "flux-audit";
import { parse } from "yaml";
import { equal, isObject } from "./jsonpatch";

export type Field =
  | { type: "switch" }
  | { type: "number"; minimum: number | undefined; maximum: number | undefined }
  | { type: "choice"; options: string[] }
  | { type: "lines" }
  | { type: "text" }
  /** Anything else is typed as YAML. */
  | { type: "yaml" };

export interface Parameter {
  name: string;
  description: string;
  fallback: unknown;
  field: Field;
  /** The controls that read it. */
  controls: string[];
}

export function parameters(controls: readonly Control[]): Parameter[] {
  const found = new Map<string, Parameter>();
  for (const control of controls) {
    for (const [name, schema] of Object.entries(control.params)) {
      const known = found.get(name);
      if (known) known.controls.push(control.id);
      else if (isObject(schema)) found.set(name, parameter(name, schema, control.id));
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function parameter(name: string, schema: Record<string, unknown>, control: string): Parameter {
  return { name, description: String(schema["description"] ?? ""), fallback: schema["default"], field: field(schema), controls: [control] };
}

function field(schema: Record<string, unknown>): Field {
  const options = schema["enum"];
  if (Array.isArray(options) && options.every((option) => typeof option === "string")) return { type: "choice", options };
  const items = schema["items"];
  switch (schema["type"]) {
    case "boolean":
      return { type: "switch" };
    case "integer":
    case "number":
      return { type: "number", minimum: number(schema["minimum"]), maximum: number(schema["maximum"]) };
    case "string":
      return { type: "text" };
    case "array":
      return isObject(items) && items["type"] === "string" ? { type: "lines" } : { type: "yaml" };
    default:
      return { type: "yaml" };
  }
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** What a field shows for a value. */
export function shown(field: Field, value: unknown): string {
  if (field.type === "lines" && Array.isArray(value)) return value.join("\n");
  if (field.type === "yaml") return JSON.stringify(value, undefined, 2);
  return String(value ?? "");
}

/** The value of a field's text; the engine says whether it is right. */
export function typed(field: Field, text: string): unknown {
  switch (field.type) {
    case "number":
      return text.trim() === "" ? null : Number(text);
    case "switch":
      return text === "true";
    case "lines":
      return text.split("\n").map((line) => line.trim()).filter(Boolean);
    case "yaml":
      return parse(text) as unknown;
    default:
      return text;
  }
}

/** The parameters without this one where it has its default again. */
export function changed(params: Record<string, unknown>, { name, fallback }: Parameter, value: unknown): Record<string, unknown> {
  const { [name]: _, ...others } = params;
  return equal(value, fallback) ? others : { ...others, [name]: value };
}
