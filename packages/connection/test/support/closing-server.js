// A server in a thread of its own: it answers all that comes, closes each connection as soon as it is told to, and wakes
// the sleeper once it is closed. It says nothing of how long it keeps connections.
import { createServer } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

const { answer, shared } = workerData;
/** 0: the number of requests; 1: what the client wants (1: close all); 2: 1 when all are closed. */
const cells = new Int32Array(shared);
const sockets = new Set();

const server = createServer((socket) => {
  sockets.add(socket);
  socket.on("error", () => undefined);
  socket.on("data", (data) => {
    if (!data.includes("POST ")) return;
    Atomics.add(cells, 0, 1);
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n`);
    socket.write(answer);
  });
  socket.on("close", () => {
    sockets.delete(socket);
    if (sockets.size > 0 || Atomics.load(cells, 1) === 0) return;
    Atomics.store(cells, 2, 1);
    Atomics.notify(cells, 2);
  });
});
setInterval(() => {
  if (Atomics.load(cells, 1) === 1) for (const socket of sockets) socket.destroy();
}, 10);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) parentPort?.postMessage(address.port);
});
