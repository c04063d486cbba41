import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "./usage.ts";

/** Asks for the password in the terminal, without echo. @throws UsageError when there is none */
export async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageError("No terminal to ask for the password: set PARSEC_PASSWORD");
  process.stderr.write("Password: ");
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
