// A link that holds everything. What is after `#` is sent to no server; but whoever gets the link can read all of it.

import { useMemo, useState } from "preact/hooks";
import { secrets } from "../model/secrets";
import { encode } from "../model/share";
import { files, say, settings } from "../state/store";
import { Dialog, plural } from "./parts";

/** Some programs cut longer links, and browsers themselves take far more. */
const LONG = 8000;

export function ShareDialog() {
  const found = useMemo(() => secrets(files.value), []);
  const [agreed, setAgreed] = useState(false);
  const isAllowed = found.length === 0 || agreed;
  const link = useMemo(
    () => (isAllowed ? location.href.replace(/#.*$/s, "") + encode({ files: files.value, settings: settings.value }) : ""),
    [isAllowed],
  );
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      say("The link is in the clipboard.");
    } catch {
      document.querySelector<HTMLTextAreaElement>(".share-link")?.select();
      say("Copy the selected link.");
    }
  };
  const actions = (
    <button type="button" class="primary" disabled={!isAllowed} onClick={() => void copy()}>
      Copy the link
    </button>
  );
  return (
    <Dialog title="Share" actions={actions}>
      <p>
        The link itself holds {plural(files.value.length, "file")} and the settings, compressed. Nothing is stored on a server, and
        whoever gets the link can read all of it.
      </p>
      {found.length > 0 && (
        <div class="warning" role="alert">
          <strong>There is secret data in these files:</strong>
          <ul>
            {found.map(({ file, what }, at) => (
              <li key={at}>
                {what}, in <code>{file}</code>
              </li>
            ))}
          </ul>
          <label class="option">
            <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
            <span>Put it into the link all the same</span>
          </label>
        </div>
      )}
      {isAllowed && (
        <>
          <textarea class="share-link" readOnly rows={4} aria-label="Link" value={link} onFocus={(event) => event.currentTarget.select()} />
          <p class="soft share-size">
            {size(link.length)}
            {link.length > LONG && ". Chat and mail programs may cut a link of this length."}
          </p>
        </>
      )}
    </Dialog>
  );
}

function size(characters: number): string {
  return characters < 10_000 ? `${characters} characters` : `${(characters / 1024).toFixed(0)} KiB`;
}
