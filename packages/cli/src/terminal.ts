import { createReadStream } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { UsageError } from "./errors.ts";

/** Asks for a secret in the terminal, without echo. @throws UsageError when there is none */
export async function ask(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError(`No terminal to ask for: ${prompt}`);
  process.stderr.write(`${prompt}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once("SIGINT", () => {
        process.kill(process.pid, "SIGINT");
        reject(new UsageError("No answer"));
      });
      lines.question("").then(resolve, reject);
    });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}

/** The first line of what an open file descriptor gives. */
export async function readDescriptor(descriptor: number): Promise<string> {
  const content = await text(createReadStream("", { fd: descriptor, autoClose: true }));
  return content.split(/\r?\n/, 1)[0] ?? "";
}
