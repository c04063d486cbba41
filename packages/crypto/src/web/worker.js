import { operate } from "../worker/operations.js";

/** @param {MessageEvent<import("../worker/protocol.ts").WorkerRequest>} event */
async function answer(event) {
  const reply = await operate(event.data, { heapEnds: true });
  self.postMessage(reply, { transfer: reply.status === "done" ? [reply.bytes.buffer] : [] });
}

self.addEventListener("message", answer);
self.postMessage({ status: "started" });
