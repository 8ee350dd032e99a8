import { render } from "preact";
import { stayOffline } from "#platform";
import { say, start } from "./state/store";
import { App } from "./ui/app";
import "./style/page.css";

const host = document.getElementById("app");
if (!host) throw new Error("the page has no place for the app");
// The engine is fetched while the page is drawn.
const started = start();
render(<App />, host);
void started.then(stayOffline).catch(() => say("The page could not be kept for use without a network.", "error"));
