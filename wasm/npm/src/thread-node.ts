// What a worker thread of Node runs.
import { parentPort } from "node:worker_threads";
import "./node.js";
import { answer } from "./protocol.js";

parentPort?.on("message", (call) => parentPort?.postMessage(answer(call)));
