// Small parts that the whole page shares.

import type { ControlResult, Severity } from "flux-audit";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { closeDialog } from "../state/dialog";

const PATHS = {
  book: "M4 5a2 2 0 0 1 2-2h13v16H6a2 2 0 0 0-2 2zM4 19a2 2 0 0 0 2 2h13",
  sliders: "M4 7h9M17 7h3M4 17h3M11 17h9M13 7a2 2 0 1 0 4 0 2 2 0 0 0-4 0M7 17a2 2 0 1 0 4 0 2 2 0 0 0-4 0",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  share: "M10 14 20 4M14 4h6v6M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  folder: "M3 6a1 1 0 0 1 1-1h5l2 2h9a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z",
  file: "M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5",
  plus: "M12 5v14M5 12h14",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
  close: "M6 6l12 12M18 6 6 18",
  check: "m5 13 4 4L19 7",
  cross: "M6 6l12 12M18 6 6 18",
  question: "M9 9a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 1.8v.5M12 18h.01",
  alert: "M12 8v5M12 17h.01",
  hand: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21a8 8 0 0 1 16 0",
  minus: "M6 12h12",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  wrench: "M14.5 6.5a4 4 0 0 0-5 5L4 17l3 3 5.5-5.5a4 4 0 0 0 5-5L15 12l-3-3z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M16.5 16.5 21 21",
  stop: "M7 7h10v10H7z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

const RESULT: Record<ControlResult, { icon: IconName; label: string }> = {
  fail: { icon: "cross", label: "Fail" },
  unknown: { icon: "question", label: "Unknown" },
  warn: { icon: "alert", label: "Warn" },
  manual: { icon: "hand", label: "Manual" },
  accepted: { icon: "check", label: "Accepted" },
  pass: { icon: "check", label: "Pass" },
  "not-applicable": { icon: "minus", label: "Not applicable" },
};

export function resultLabel(result: ControlResult): string {
  return RESULT[result].label;
}

/** A result as a round mark, with its name for those who do not see it. */
export function Mark({ result }: { result: ControlResult }) {
  const { icon, label } = RESULT[result];
  return (
    <span class={`mark mark-${result}`} title={label}>
      <Icon name={icon} />
      <span class="hidden">{label}</span>
    </span>
  );
}

export function SeverityBadge({ severity }: { severity: Severity }) {
  return <span class={`badge severity-${severity}`}>{severity}</span>;
}

interface DialogProps {
  title: string;
  wide?: boolean;
  children: ComponentChildren;
  /** The buttons at the end. */
  actions?: ComponentChildren;
}

export function Dialog({ title, wide, children, actions }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => before instanceof HTMLElement && before.isConnected && before.focus();
  }, []);
  const onClick = (event: MouseEvent): void => {
    if (event.target === element.current) closeDialog();
  };
  return (
    <dialog ref={element} class={wide ? "dialog wide" : "dialog"} aria-labelledby="dialog-title" onClose={closeDialog} onClick={onClick}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id="dialog-title">{title}</h2>
          <button type="button" class="quiet icon-only" aria-label="Close" onClick={closeDialog}>
            <Icon name="close" />
          </button>
        </header>
        <div class="dialog-content">{children}</div>
        {actions && <footer class="dialog-foot">{actions}</footer>}
      </div>
    </dialog>
  );
}

/** A button that stays in or out, such as a filter. */
export function Chip({ on, count, children, onToggle }: { on: boolean; count?: number; children: ComponentChildren; onToggle: () => void }) {
  return (
    <button type="button" class="chip" aria-pressed={on} onClick={onToggle}>
      {children}
      {count !== undefined && <span class="chip-count">{count}</span>}
    </button>
  );
}

export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** A path that breaks after its slashes. */
export function Path({ name }: { name: string }) {
  return name.split(/(?<=\/)/).flatMap((part, at) => (at > 0 ? [<wbr key={at} />, part] : [part]));
}

/** `3 findings`, `1 finding`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
