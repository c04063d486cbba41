import { type DiagnosticEvent, equalBytes, randomBytes } from "@parsec/base";
import {
  type CreateWorker,
  newPasswordAlgorithm,
  openBlock,
  passwordToKeyDerivation,
  passwordToSecretKey,
  ready,
  SecretKey,
  sealBlock,
} from "@parsec/crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { type Fate, fatedWorker, missingWorker } from "./support.ts";

const told: DiagnosticEvent[] = [];
const data = randomBytes(100_000);
const algorithm = { ...newAlgorithm(), memlimitKb: 8, opslimit: 1 };
let key: SecretKey;

function newAlgorithm() {
  return { type: "ARGON2ID", memlimitKb: 8, opslimit: 1, parallelism: 1, salt: new Uint8Array(16) } as const;
}

beforeEach(async () => {
  told.length = 0;
  await ready({ backend: "wasm", diagnostics: (event) => told.push(event) });
  key = SecretKey.generate();
});

/** Counts how often a worker is started. */
function counted(create: CreateWorker) {
  const counter = { started: 0, create: () => ((counter.started += 1), create()) };
  return counter;
}

describe("where no worker starts", () => {
  test.each<[string, CreateWorker]>([
    ["a file that a bundler did not emit", missingWorker],
    [
      "a place without workers",
      () => {
        throw new Error("no workers in this place");
      },
    ],
  ])("blocks and passwords are done on this thread, and the diagnostics are told once: %s", async (_name, create) => {
    const counter = counted(create);
    await ready({ createWorker: counter.create });
    const sealed = await Promise.all([sealBlock(key, data), sealBlock(key, data)]);
    for (const block of sealed) expect(equalBytes(await openBlock(key, block), data)).toBe(true);
    const altered = sealed[0].slice();
    altered[50] = (altered[50] ?? 0) ^ 1;
    await expect(openBlock(key, altered)).rejects.toMatchObject({ code: "DECRYPTION" });
    const derived = await passwordToSecretKey("p", algorithm);
    expect((await passwordToKeyDerivation("p", algorithm)).toBytes()).toEqual(derived.toBytes());
    const message = expect.stringMatching(/bundler did not emit its file.*Build @parsec\/crypto\/worker.*createWorker/);
    const event = { area: "crypto", event: "worker_failed", fields: { message } };
    // The two first blocks went off together.
    expect(told.length).toBeLessThanOrEqual(2);
    expect(told.slice(0, 1)).toEqual([event]);
    expect(counter.started).toBeLessThanOrEqual(2);
  });

  test("timers have their turn between blocks", async () => {
    await ready({ createWorker: () => fatedWorker([{ dies: "404" }], { starts: false }).worker });
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    for (let k = 0; k < 200; k += 1) await sealBlock(key, data);
    expect(ticks).toBeGreaterThan(3);
    const before = ticks;
    await Promise.all(Array.from({ length: 200 }, () => sealBlock(key, data)));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(before + 3);
  });

  test("an abort is heard all the same", async () => {
    await ready({ createWorker: missingWorker });
    const reason = new Error("enough");
    const abort = new AbortController();
    const sealed = sealBlock(key, data, { signal: abort.signal });
    abort.abort(reason);
    await expect(sealed).rejects.toBe(reason);
  });

  test("another way of starting workers is tried anew", async () => {
    await ready({ createWorker: missingWorker });
    await sealBlock(key, data);
    const counter = counted(() => fatedWorker([{ status: "refused" }]).worker);
    await ready({ createWorker: counter.create });
    await expect(passwordToSecretKey("p", algorithm)).rejects.toMatchObject({ code: "DATA_SIZE" });
    expect(counter.started).toBe(1);
  });
});

describe("a worker that has started", () => {
  const withFates = async (...fates: Fate[]) => {
    const counter = counted(() => fatedWorker(fates).worker);
    await ready({ createWorker: counter.create });
    return counter;
  };

  test("and dies: its work is done here, and the next one starts another", async () => {
    const counter = await withFates({ dies: new Error("killed") });
    for (let k = 1; k <= 3; k += 1) {
      const derived = await passwordToSecretKey("p", algorithm);
      expect(derived.toBytes()).toHaveLength(32);
      expect(counter.started).toBe(k);
      expect(told.at(-1)).toMatchObject({ event: "worker_failed", fields: { message: "The crypto worker died" } });
    }
  });

  test.each<[string, Fate]>([
    ["says that there is no memory", { status: "no_memory" }],
    ["dies of it", { dies: Object.assign(new Error("heap"), { code: "ERR_WORKER_OUT_OF_MEMORY" }) }],
  ])("and %s: that is the error, never a wrong key", async (_name, fate) => {
    await withFates(fate);
    const sealed = key.encrypt(data);
    await expect(openBlock(key, sealed)).rejects.toMatchObject({ code: "CRYPTO_MEMORY" });
    await withFates(fate);
    await expect(sealBlock(key, data)).rejects.toMatchObject({ code: "CRYPTO_MEMORY" });
    await withFates(fate);
    await expect(passwordToSecretKey("p", algorithm)).rejects.toMatchObject({ code: "CRYPTO_MEMORY" });
    expect(told).toEqual([]);
  });

  test("and fails in another way: its work is done here", async () => {
    await withFates({ status: "failed", message: "unreachable" });
    expect((await passwordToSecretKey("p", algorithm)).toBytes()).toHaveLength(32);
    expect(told).toMatchObject([{ fields: { message: "libsodium failed: unreachable" } }]);
  });

  test("and dies while nobody asks it for anything: the next work finds a living one", async () => {
    const workers: ReturnType<typeof fatedWorker>[] = [];
    await ready({
      createWorker: () => {
        const made = fatedWorker([{ status: "done", bytes: Uint8Array.of(workers.length) }]);
        workers.push(made);
        return made.worker;
      },
    });
    const sealed = key.encrypt(data);
    const first = await openBlock(key, sealed);
    for (const { die } of workers) die(new Error("evicted"));
    const second = await openBlock(key, sealed);
    expect(second).not.toEqual(first);
    expect(told).toEqual([]);
  });
});

test("a password derivation that asks for more memory than there is says so", async () => {
  const greedy = { ...newPasswordAlgorithm(), memlimitKb: 2 * 1024 * 1024, opslimit: 1 };
  await ready({ createWorker: missingWorker });
  await expect(passwordToSecretKey("p", greedy)).rejects.toMatchObject({ code: "CRYPTO_MEMORY" });
});
