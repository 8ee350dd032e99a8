// Profiles and parameters, in a form that their schemas make. Every change is checked at once.

import type { Mode, Profile } from "flux-audit";
import { useState } from "preact/hooks";
import schemas from "virtual:schemas";
import { changed, type Parameter, parameters, shown, typed } from "../model/parameters";
import { CONFIG_FILE, type Settings } from "../model/settings";
import { closeDialog } from "../state/dialog";
import { check, controls, files, report, settings } from "../state/store";
import { Dialog, plural } from "./parts";

export function SettingsDialog() {
  const { profiles, failOn, mode, params = {} } = settings.value;
  const chosen = profiles ?? report.value?.profiles ?? ["base"];
  const hasFile = files.value.some(({ name }) => name === CONFIG_FILE);
  const state = check.value;
  const set = (change: Partial<typeof settings.value>): void => {
    settings.value = { ...settings.value, ...change };
  };
  const toggle = (profile: Profile): void =>
    set({ profiles: chosen.includes(profile) ? chosen.filter((other) => other !== profile) : [...chosen, profile] });
  const all = parameters([...controls.value.values()]);
  const actions = (
    <>
      <button type="button" class="quiet" onClick={() => (settings.value = {})}>
        Reset
      </button>
      <span class="spacer" />
      <button type="button" class="primary" onClick={closeDialog}>
        Done
      </button>
    </>
  );
  return (
    <Dialog title="Settings" wide actions={actions}>
      {hasFile && (
        <p class="soft">
          <code>{CONFIG_FILE}</code> is among the files. What is chosen here counts instead of what it says.
        </p>
      )}
      {state.state === "failed" && state.error.code === "bad-config" && (
        <p class="field-error" role="alert">
          {state.error.message}
        </p>
      )}
      <fieldset>
        <legend>Profiles</legend>
        <div class="options">
          {schemas.profiles.map(({ value, description }) => (
            <label key={value} class="option">
              <input
                type="checkbox"
                checked={value === "base" || chosen.includes(value as Profile)}
                // The engine always selects it.
                disabled={value === "base"}
                onChange={() => toggle(value as Profile)}
              />
              <span>
                <strong>{value}</strong>
                <span class="soft">{description}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <div class="two">
        <label class="field">
          <span>What the input is</span>
          <select
            value={mode ?? ""}
            onChange={({ currentTarget: { value } }) => {
              const { mode: _, ...others } = settings.value;
              settings.value = value ? { ...others, mode: value as Mode } : others;
            }}
          >
            <option value="">Told from the files</option>
            {schemas.modes.map(({ value, description }) => (
              <option key={value} value={value}>
                {value}: {description}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Lowest severity that decides the verdict</span>
          <select value={failOn ?? "low"} onChange={({ currentTarget: { value } }) => set({ failOn: value as NonNullable<Settings["failOn"]> })}>
            {schemas.failOn.map(({ value }) => (
              <option key={value} value={value}>
                {value}
              </option>
            ))}
          </select>
        </label>
      </div>
      <h3>Parameters of the controls</h3>
      <div class="parameters">
        {all.map((parameter) => (
          <ParameterField key={parameter.name} parameter={parameter} params={params} onChange={(params) => set({ params })} />
        ))}
      </div>
    </Dialog>
  );
}

interface FieldProps {
  parameter: Parameter;
  params: Record<string, unknown>;
  onChange: (params: Record<string, unknown>) => void;
}

function ParameterField({ parameter, params, onChange }: FieldProps) {
  const { name, description, field, fallback, controls } = parameter;
  const value = Object.hasOwn(params, name) ? params[name] : fallback;
  const [text, setText] = useState(shown(field, value));
  const [error, setError] = useState("");
  const put = (next: string): void => {
    setText(next);
    try {
      onChange(changed(params, parameter, typed(field, next)));
      setError("");
    } catch {
      setError("This is no YAML.");
    }
  };
  const common = { id: `param-${name}`, "aria-describedby": `about-${name}` };
  return (
    <div class="parameter" data-changed={Object.hasOwn(params, name)}>
      <label for={`param-${name}`}>
        <code>{name}</code>
      </label>
      {field.type === "switch" ? (
        <input {...common} type="checkbox" role="switch" checked={value === true} onChange={(event) => put(String(event.currentTarget.checked))} />
      ) : field.type === "choice" ? (
        <select {...common} value={text} onChange={(event) => put(event.currentTarget.value)}>
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      ) : field.type === "lines" || field.type === "yaml" ? (
        <textarea
          {...common}
          rows={Math.min(6, Math.max(1, text.split("\n").length))}
          spellcheck={false}
          placeholder={field.type === "lines" ? "one a line" : "YAML"}
          value={text}
          onInput={(event) => put(event.currentTarget.value)}
        />
      ) : field.type === "number" ? (
        <input {...common} type="number" min={field.minimum} max={field.maximum} value={text} onInput={(event) => put(event.currentTarget.value)} />
      ) : (
        <input {...common} value={text} onInput={(event) => put(event.currentTarget.value)} />
      )}
      <p id={`about-${name}`} class="soft">
        {description} <span title={controls.join(", ")}>({controls.length < 4 ? controls.join(", ") : plural(controls.length, "control")})</span>
      </p>
      {error && <p class="field-error">{error}</p>}
    </div>
  );
}
