// Every format in which a report can be had. `Record` holds the list to the formats that the engine knows.

import type { FormatName } from "flux-audit";

export interface FormatInfo {
  label: string;
  description: string;
  file: string;
  type: string;
}

export const FORMATS: Record<FormatName, FormatInfo> = {
  text: { label: "Text", description: "For people", file: "flux-audit.txt", type: "text/plain" },
  json: { label: "JSON", description: "The report itself", file: "flux-audit.json", type: "application/json" },
  openreports: {
    label: "OpenReports",
    description: "Objects of openreports.io for kubectl apply",
    file: "flux-audit-openreports.json",
    type: "application/json",
  },
  policyreport: {
    label: "PolicyReport",
    description: "Objects of wgpolicyk8s.io for kubectl apply",
    file: "flux-audit-policyreport.json",
    type: "application/json",
  },
};
