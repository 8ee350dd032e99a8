// What a Web Worker runs: it loads the module that the first message names, and answers every other one.
import { init } from "./init.js";
import { answer } from "./protocol.js";

let ready: Promise<void> | undefined;

addEventListener("message", async ({ data }) => {
  if (ready === undefined) {
    ready = init(data.module);
    // Told with the answers.
    ready.catch(() => {});
    return;
  }
  try {
    await ready;
    postMessage(answer(data));
  } catch (error) {
    postMessage({ trap: String(error) });
  }
});
