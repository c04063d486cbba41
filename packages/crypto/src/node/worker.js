import { parentPort } from "node:worker_threads";
import { operate } from "../worker/operations.js";

parentPort?.on("message", async (request) => {
  const reply = await operate(request);
  parentPort?.postMessage(reply, reply.status === "done" ? [reply.bytes.buffer] : []);
});
