import { dialog } from "../state/dialog";
import { DownloadDialog } from "./dialog-download";
import { ExamplesDialog } from "./dialog-examples";
import { FixDialog } from "./dialog-fix";
import { LockDownDialog } from "./dialog-lockdown";
import { SettingsDialog } from "./dialog-settings";
import { ShareDialog } from "./dialog-share";

export function Dialogs() {
  const open = dialog.value;
  switch (open?.kind) {
    case "examples":
      return <ExamplesDialog />;
    case "settings":
      return <SettingsDialog />;
    case "download":
      return <DownloadDialog />;
    case "share":
      return <ShareDialog />;
    case "lockdown":
      return <LockDownDialog />;
    case "fix":
      return <FixDialog finding={open.finding} />;
    default:
      return null;
  }
}
