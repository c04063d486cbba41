import { equalBytes, randomBytes, utf8 } from "@parsec/base";
import { newPasswordAlgorithm, openBlock, passwordToSecretKey, ready, SecretKey, sealBlock } from "@parsec/crypto";
import { libsodium } from "libsodium-wrappers-sumo";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { operate } from "../../src/worker/operations.js";
import type { WorkerRequest } from "../../src/worker/protocol.ts";
import { fatedWorker } from "./support.ts";

beforeAll(() => ready({ backend: "wasm" }));
afterEach(() => vi.restoreAllMocks());

const cleartext = utf8("a cleartext that is found nowhere else: 8d2e07");

function open(key: SecretKey, data: Uint8Array): WorkerRequest {
  return { kind: "open", key: key.toBytes(), data: new Uint8Array(data) };
}

test("the heap of a worker keeps no key, no password and no cleartext, whatever the outcome", async () => {
  const key = SecretKey.generate();
  const password = utf8("a password that is found nowhere else: 51cc3a");
  const seal = { kind: "seal", key: key.toBytes(), nonce: randomBytes(24), data: new Uint8Array(cleartext) } as const;
  const sealed = await operate(seal);
  if (sealed.status !== "done") throw new Error("it is sealed");
  const opened = await operate(open(key, sealed.bytes));
  expect(opened.status === "done" && equalBytes(opened.bytes, cleartext)).toBe(true);
  const altered = sealed.bytes.slice();
  altered[30] = (altered[30] ?? 0) ^ 1;
  expect(await operate(open(key, altered))).toEqual({ status: "refused" });
  const derived = await operate({
    kind: "argon2id",
    password: new Uint8Array(password),
    salt: randomBytes(16),
    opslimit: 1,
    memlimitKb: 8,
    size: 32,
  });
  expect(derived.status).toBe("done");
  const heap = Buffer.from(libsodium.HEAPU8.buffer);
  const secrets = { key: key.toBytes(), password, cleartext };
  for (const [name, secret] of Object.entries(secrets)) expect(heap.indexOf(secret), name).toBe(-1);
  // The request's own copy too.
  expect(seal.key.every((byte) => byte === 0)).toBe(true);
});

test("a block is opened and sealed as the backend of this thread does it, a password derived the same", async () => {
  const key = SecretKey.generate();
  const data = randomBytes(70_000);
  const nonce = randomBytes(24);
  const sealed = await operate({ kind: "seal", key: key.toBytes(), nonce: new Uint8Array(nonce), data });
  expect(sealed.status === "done" && equalBytes(key.decrypt(sealed.bytes), data)).toBe(true);
  const empty = await operate(open(key, key.encrypt(new Uint8Array())));
  expect(empty.status === "done" && empty.bytes.length).toBe(0);
  const algorithm = { ...newPasswordAlgorithm(), memlimitKb: 64, opslimit: 3 };
  const inWorker = await passwordToSecretKey("p", algorithm);
  const reply = await operate({
    kind: "argon2id",
    password: utf8("p"),
    salt: new Uint8Array(algorithm.salt),
    opslimit: 3,
    memlimitKb: 64,
    size: 32,
  });
  expect(reply.status === "done" && equalBytes(reply.bytes, inWorker.toBytes())).toBe(true);
});

test("want of memory is not taken for a wrong key", async () => {
  const key = SecretKey.generate();
  const sealed = key.encrypt(randomBytes(20_000));
  const allocate = libsodium._malloc.bind(libsodium);
  for (const possible of [0, 1, 2]) {
    let calls = 0;
    vi.spyOn(libsodium, "_malloc").mockImplementation((size) => {
      calls += 1;
      return calls > possible ? 0 : allocate(size);
    });
    const free = vi.spyOn(libsodium, "_free");
    expect(await operate(open(key, sealed))).toEqual({ status: "no_memory" });
    expect(free).toHaveBeenCalledTimes(possible);
    vi.restoreAllMocks();
  }
  expect(await operate(open(key, sealed))).toMatchObject({ status: "done" });
});

test("a worker without memory is told as such by both operations on blocks", async () => {
  await ready({ createWorker: () => fatedWorker([{ status: "no_memory" }]).worker });
  const key = SecretKey.generate();
  const data = randomBytes(100_000);
  await expect(openBlock(key, key.encrypt(data))).rejects.toMatchObject({ code: "CRYPTO_MEMORY" });
  await ready({ createWorker: () => fatedWorker([{ status: "no_memory" }]).worker });
  await expect(sealBlock(key, data)).rejects.toMatchObject({ code: "CRYPTO_MEMORY" });
  const algorithm = { ...newPasswordAlgorithm(), memlimitKb: 8, opslimit: 1 };
  await expect(passwordToSecretKey("p", algorithm)).rejects.toMatchObject({ code: "CRYPTO_MEMORY" });
});
