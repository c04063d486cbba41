import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundleProgram } from "../../../../test/support/bundle-program.ts";
import { createAuthority } from "../../../../test/support/certificates.ts";

const bin = join(import.meta.dirname, "../../src/bin.ts");

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "parsec-signals-"));
});
afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true });
});

/** Starts `parsec-server run` in a process of its own: where it listens, and all that it prints. */
async function run(...argv: readonly string[]) {
  const args = [await bundleProgram(bin), "run", "--dev", "--port", "0", ...argv];
  const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  child = started;
  const errors = text(started.stderr);
  let out = "";
  const exit = once(started, "exit").then(([code, signal]) => ({ code: Number(code), signal: signal as unknown }));
  const port = await new Promise<number>((resolve, reject) => {
    started.stdout.setEncoding("utf8").on("data", (part: string) => {
      out += part;
      const found = /Starting Parsec server on https?:\/\/127\.0\.0\.1:(\d+)/.exec(out);
      if (found !== null) resolve(Number(found[1]));
    });
    started.once("exit", () => reject(new Error("The server has ended")));
  });
  return { process: started, port, exit, errors, out: () => out };
}

const body = '{"organization_id":"Acme"}';

/** A request whose body is not there yet, and which the server has begun to read. */
async function halfSent(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const headers = ["Host: x", "Authorization: Bearer s3cr3t", `Content-Length: ${body.length}`, "Expect: 100-continue"];
  socket.write(`POST /administration/organizations HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
  const [go] = (await once(socket, "data")) as [Buffer];
  expect(go.toString()).toMatch(/^HTTP\/1\.1 100 /);
  return socket;
}

test.each(["SIGTERM", "SIGINT"] as const)("%s: requests under way end, then the process", async (signal) => {
  const { process: server, port, exit, out, errors } = await run();
  const socket = await halfSent(port);
  const answer = text(socket);
  server.kill(signal);
  // No connection is taken any more: it has begun to stop.
  await refused(port);
  socket.write(body);
  expect(await answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*bootstrap_url/);
  expect(await exit).toEqual({ code: 0, signal: null });
  expect(out()).toMatch(/bye ;-\)\n$/);
  expect(await errors).toMatch(/\[INFO\] request method=POST family=administration /);
});

/** Resolves when nobody listens there. Each try is a connection: there is nothing to wait on but the answer to the last. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (!isOpen) return;
  }
}

test("a second signal ends it at once", async () => {
  const { process: server, port, exit } = await run();
  await halfSent(port);
  server.kill("SIGTERM");
  await refused(port);
  server.kill("SIGTERM");
  expect(await exit).toMatchObject({ signal: "SIGTERM" });
});

test("SIGHUP reads the certificate and opens the log again; what is of no use changes nothing", async () => {
  const [keyFile, certFile, logFile] = ["key.pem", "cert.pem", "server.log"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const authority = createAuthority();
  const write = ({ key, cert }: { readonly key: string; readonly cert: string }) => {
    writeFileSync(keyFile, key);
    writeFileSync(certFile, cert);
  };
  const [first, second] = [authority.issue("first.example"), authority.issue("second.example")];
  write(first);
  const files = ["--ssl-keyfile", keyFile, "--ssl-certfile", certFile, "--log-file", logFile];
  const { process: server, port } = await run(...files, "--log-format", "CONSOLE_NO_TIMESTAMP");
  expect(await subjectOf(port)).toBe("first.example");
  write(second);
  renameSync(logFile, `${logFile}.1`);
  await reloaded(server, logFile, "[INFO] reloaded");
  expect(await subjectOf(port)).toBe("second.example");
  write({ key: first.key, cert: second.cert });
  await reloaded(server, logFile, "[ERROR] reload_failed");
  expect(await subjectOf(port)).toBe("second.example");
});

async function subjectOf(port: number): Promise<string | undefined> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN?.toString();
}

/** Sends SIGHUP, and waits until the log says what came of it. */
async function reloaded(server: ChildProcess, logFile: string, line: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const watcher = watch(folder, () => {
      let content = "";
      try {
        content = readFileSync(logFile, "utf8");
      } catch {
        // Not there yet.
      }
      if (!content.includes(line)) return;
      watcher.close();
      resolve();
    });
    server.kill("SIGHUP");
  });
}
