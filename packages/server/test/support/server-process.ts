import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { bundleProgram } from "../../../../test/support/bundle-program.ts";

const program = join(import.meta.dirname, "server-program.ts");

/** A server in a process of its own. */
export class ServerProcess {
  readonly #db: string;
  readonly #blocks: string;
  #child: ChildProcess | undefined;
  /** Where it listens; the same after {@link restart}. */
  url = "";

  private constructor(db: string, blocks: string) {
    this.#db = db;
    this.#blocks = blocks;
  }

  /** Blocks are in the database, unless told otherwise. */
  static async start(db: string, blocks = db.startsWith("sqlite:") ? "SQLITE" : "POSTGRESQL"): Promise<ServerProcess> {
    const server = new ServerProcess(db, blocks);
    await server.restart();
    return server;
  }

  /** Starts it again where it was. */
  async restart(): Promise<void> {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const child = spawn(process.execPath, [await bundleProgram(program), this.#db, port, this.#blocks], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    this.url = await new Promise<string>((resolve, reject) => {
      child.stdout?.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
      child.once("exit", (code) => reject(new Error(`The server has ended with ${code}`)));
    });
  }

  /** Without warning, in the middle of whatever it does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}
