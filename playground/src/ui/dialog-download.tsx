import type { FormatName } from "flux-audit";
import { FORMATS } from "../model/formats";
import { message, render, say } from "../state/store";
import { Dialog, Icon } from "./parts";

export function DownloadDialog() {
  const download = async (format: FormatName): Promise<void> => {
    const { file, type } = FORMATS[format];
    try {
      save(await render(format), file, type);
    } catch (error) {
      say(`The report cannot be written: ${message(error)}`, "error");
    }
  };
  return (
    <Dialog title="Download the report">
      <p class="soft">The same bytes as `flux-audit check --format …` writes.</p>
      <div class="cards">
        {(Object.entries(FORMATS) as [FormatName, (typeof FORMATS)[FormatName]][]).map(([name, { label, description, file }]) => (
          <button key={name} type="button" class="card" onClick={() => void download(name)}>
            <Icon name="download" />
            <strong>{label}</strong>
            <span class="soft">{description}</span>
            <code>{file}</code>
          </button>
        ))}
      </div>
    </Dialog>
  );
}

function save(text: string, file: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
