import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { findSwift } from "../../../../scripts/swift.mjs";

/** Where tests find an object store that speaks S3 and Swift, and checks signatures. */
export interface SwiftAddress {
  readonly s3: { readonly endpoint: string; readonly region: string; readonly key: string; readonly secret: string };
  readonly swift: {
    readonly authUrl: string;
    readonly tenant: string;
    readonly user: string;
    readonly password: string;
  };
}

interface Ports {
  readonly proxy: number;
  readonly object: number;
  readonly container: number;
  readonly account: number;
  readonly cache: number;
}

/** Makes a ring of one device for each kind of server. */
const makeRings = `
import sys
from swift.common.ring import RingBuilder
folder, *ports = sys.argv[1:]
for name, port in zip(("account", "container", "object"), map(int, ports)):
    ring = RingBuilder(1, 1, 1)
    ring.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": port, "device": "d1",
                  "meta": "", "replication_ip": "127.0.0.1", "replication_port": port})
    ring.rebalance()
    ring.get_ring().save(f"{folder}/{name}.ring.gz")
`;

/** A private OpenStack Swift in a folder of its own, on loopback, for tests. Ended by the ids of its own processes. */
export class SwiftService {
  readonly #folder: string;
  readonly #programs: string;
  readonly #ports: Ports;
  #processes: readonly ChildProcess[] = [];

  private constructor(folder: string, programs: string, ports: Ports) {
    this.#folder = folder;
    this.#programs = programs;
    this.#ports = ports;
  }

  static async start(): Promise<SwiftService> {
    const programs = findSwift();
    if (programs === undefined) {
      throw new Error(
        "OpenStack Swift is not installed: on Debian, apt-get install python3-venv memcached, then node scripts/install-swift.mjs",
      );
    }
    const folder = mkdtempSync(join(tmpdir(), "parsec-swift-"));
    const [proxy = 0, object = 0, container = 0, account = 0, cache = 0] = await freePorts(5);
    const service = new SwiftService(folder, programs, { proxy, object, container, account, cache });
    try {
      await service.#configure();
      await service.restart();
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }

  get address(): SwiftAddress {
    const url = `http://127.0.0.1:${this.#ports.proxy}`;
    return {
      s3: { endpoint: url, region: "us-east-1", key: "test:tester", secret: "testing" },
      swift: { authUrl: `${url}/auth/v1.0`, tenant: "test", user: "tester", password: "testing" },
    };
  }

  /** Starts it again after {@link kill}; resolves when it answers. */
  async restart(): Promise<void> {
    const { cache } = this.#ports;
    const user = userInfo().username;
    const memory = ["-l", "127.0.0.1", "-p", String(cache), "-U", "0", "-m", "16", "-u", user];
    const servers = (["account", "container", "object", "proxy"] as const).map((name) => ({
      port: this.#ports[name],
      program: join(this.#programs, `swift-${name}-server`),
      args: [join(this.#folder, `${name}-server.conf`), "-v"],
    }));
    this.#processes = [{ program: "memcached", args: memory }, ...servers].map(({ program, args }) =>
      spawn(program, args, { stdio: "ignore", cwd: this.#folder }),
    );
    const ended = this.#processes.map(async (child) => {
      const [code] = await once(child, "exit");
      throw new Error(`${child.spawnfile} has ended with ${code}`);
    });
    for (const each of ended) each.catch(() => undefined);
    await Promise.race([...ended, Promise.all(servers.map(({ port }) => healthy(port)))]);
  }

  /** Ends all its processes at once, without warning. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    this.#processes = [];
    await Promise.all(
      running.map(async (child) => {
        const ended = once(child, "exit");
        child.kill(signal);
        await ended;
      }),
    );
  }

  async #configure(): Promise<void> {
    const { account, container, object } = this.#ports;
    mkdirSync(join(this.#folder, "devices", "d1"), { recursive: true });
    this.#write("swift.conf", {
      "swift-hash": { swift_hash_path_prefix: "tests", swift_hash_path_suffix: "tests" },
      "storage-policy:0": { name: "Policy-0", default: "yes" },
    });
    for (const name of ["account", "container", "object"] as const) {
      this.#write(`${name}-server.conf`, {
        DEFAULT: {
          ...this.#common(this.#ports[name]),
          devices: join(this.#folder, "devices"),
          mount_check: "false",
          disable_fallocate: "true",
          fallocate_reserve: "0",
        },
        "pipeline:main": { pipeline: `healthcheck ${name}-server` },
        "filter:healthcheck": { use: "egg:swift#healthcheck" },
        [`app:${name}-server`]: { use: `egg:swift#${name}` },
      });
    }
    this.#write("proxy-server.conf", proxyConfig(this.#common(this.#ports.proxy), this.#ports.cache));
    const python = join(this.#programs, "python3");
    const ports = [account, container, object].map(String);
    await promisify(execFile)(python, ["-c", makeRings, this.#folder, ...ports]);
  }

  #common(port: number): Section {
    const user = userInfo().username;
    return { bind_ip: "127.0.0.1", bind_port: String(port), workers: "0", user, swift_dir: this.#folder };
  }

  #write(name: string, sections: Readonly<Record<string, Section>>): void {
    const lines = Object.entries(sections).flatMap(([section, settings]) => [
      `[${section}]`,
      ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`),
    ]);
    writeFileSync(join(this.#folder, name), `${lines.join("\n")}\n`);
  }
}

type Section = Readonly<Record<string, string>>;

function proxyConfig(common: Section, cachePort: number): Readonly<Record<string, Section>> {
  const filters: Readonly<Record<string, Section>> = {
    catch_errors: {},
    gatekeeper: {},
    healthcheck: {},
    cache: { use: "egg:swift#memcache", memcache_servers: `127.0.0.1:${cachePort}` },
    listing_formats: {},
    bulk: {},
    s3api: { location: "us-east-1" },
    tempauth: { user_test_tester: "testing .admin" },
    copy: {},
    slo: {},
    dlo: {},
    versioned_writes: { allow_versioned_writes: "true" },
    symlink: {},
  };
  return {
    DEFAULT: common,
    "pipeline:main": { pipeline: `${Object.keys(filters).join(" ")} proxy-server` },
    "app:proxy-server": { use: "egg:swift#proxy", account_autocreate: "true" },
    ...Object.fromEntries(
      Object.entries(filters).map(([name, settings]) => [`filter:${name}`, { use: `egg:swift#${name}`, ...settings }]),
    ),
  };
}

/** Held together until all are known, so that none comes twice. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("No free port");
    return address.port;
  });
  await Promise.all(servers.map((server) => promisify(server.close.bind(server))()));
  return ports;
}

/** Resolves when a server answers. Nothing tells when it does but asking again. */
async function healthy(port: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/healthcheck`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok === true) return;
    await setTimeout(50);
  }
}
