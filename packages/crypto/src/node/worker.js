import { parentPort } from "node:worker_threads";
import { operate } from "../worker/operations.js";

parentPort?.on("message", async (request) => {
  const reply = await operate(request, { heapEnds: true });
  parentPort?.postMessage(reply, reply.status === "done" ? [reply.bytes.buffer] : []);
});

parentPort?.postMessage({ status: "started" });
