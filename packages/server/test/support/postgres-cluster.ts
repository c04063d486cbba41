import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findPostgres } from "../../../../scripts/postgres.mjs";

/** PostgreSQL refuses to run as root: then it runs as `nobody`. */
const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A private PostgreSQL in a folder of its own, on loopback, for tests. Ended by the ids of its own processes. */
export class PostgresCluster {
  readonly #folder: string;
  readonly #programs: string;
  readonly #settings: readonly string[];
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(folder: string, programs: string, port: number, settings: readonly string[]) {
    this.#folder = folder;
    this.#programs = programs;
    this.port = port;
    this.#settings = settings;
  }

  /** Makes and starts one. `durable`: every commit reaches the disk, as in production. */
  static async start(options: { readonly durable?: boolean } = {}): Promise<PostgresCluster> {
    const programs = findPostgres();
    if (programs === undefined) throw new Error("PostgreSQL is not installed: on Debian, apt-get install postgresql");
    const folder = mkdtempSync(join(tmpdir(), "parsec-postgres-"));
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
    const durability = options.durable === true ? [] : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
    const cluster = new PostgresCluster(folder, programs, await freePort(), [
      ...durability,
      "max_connections=200",
      "shared_buffers=64MB",
    ]);
    const init = ["-D", cluster.#data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"];
    await promisify(execFile)(join(programs, "initdb"), init, { ...user, cwd: folder });
    await cluster.restart();
    return cluster;
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  url(database = "postgres"): string {
    return `postgresql://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts it again after {@link kill}; resolves when it accepts connections. */
  async restart(): Promise<void> {
    const settings = ["listen_addresses=127.0.0.1", ...this.#settings].flatMap((setting) => ["-c", setting]);
    const args = ["-D", this.#data, "-k", this.#folder, "-p", String(this.port), ...settings];
    const child = spawn(join(this.#programs, "postgres"), args, {
      ...user,
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let said = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-10_000);
        if (said.includes("ready to accept connections")) resolve();
      });
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`PostgreSQL has ended: ${said}`)));
    });
  }

  /** Kills all its processes at once, or the main one alone, without warning. Resolves when all have ended. */
  async kill(which: "all" | "main" = "all"): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return;
    // First itself, so that it starts no other.
    const pids = [child.pid, ...childrenOf(child.pid)];
    const ended = new Promise((resolve) => child.once("exit", resolve));
    for (const pid of which === "all" ? pids : pids.slice(0, 1)) kill(pid, "SIGKILL");
    await ended;
    this.#process = undefined;
    for (const pid of pids) while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child !== undefined) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGQUIT");
      await ended;
    }
    rmSync(this.#folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("No free port");
  return address.port;
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/).map(Number).filter(Boolean);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** True until the process has ended, whether somebody has taken note of that or not. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
