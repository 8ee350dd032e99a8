import { dialog } from "../state/dialog";
import { engine, report } from "../state/store";
import { Icon, type IconName } from "./parts";
import { nextTheme } from "./theme";

export function Header() {
  const state = engine.value;
  return (
    <header class="top">
      <h1 class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path class="shield" d="M16 2 4 7v8c0 8 5 13 12 15 7-2 12-7 12-15V7z" />
          <path class="tick" d="m10 16 4 4 8-8" />
        </svg>
        <span>
          flux-audit <span class="brand-soft">playground</span>
        </span>
        {state.state === "ready" && <span class="version">{state.version}</span>}
      </h1>
      <nav class="actions" aria-label="Page">
        <Action icon="book" label="Examples" onClick={() => (dialog.value = { kind: "examples" })} />
        <Action icon="sliders" label="Settings" onClick={() => (dialog.value = { kind: "settings" })} />
        <Action icon="download" label="Download" disabled={!report.value} onClick={() => (dialog.value = { kind: "download" })} />
        <Action icon="share" label="Share" onClick={() => (dialog.value = { kind: "share" })} />
        <button type="button" class="quiet icon-only" aria-label="Dark or light" title="Dark or light" onClick={nextTheme}>
          <Icon name="sun" />
        </button>
      </nav>
    </header>
  );
}

function Action({ icon, label, disabled, onClick }: { icon: IconName; label: string; disabled?: boolean; onClick: () => void }) {
  return (
    <button type="button" class="quiet" disabled={disabled ?? false} title={label} onClick={onClick}>
      <Icon name={icon} />
      <span class="action-label">{label}</span>
    </button>
  );
}
