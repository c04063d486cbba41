import { randomBytes, utf8 } from "@parsec/base";
import { openBlock, ready, SecretKey } from "@parsec/crypto";
import { libsodium } from "libsodium-wrappers-sumo";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { operate } from "../src/worker/operations.js";
import type { WorkerRequest } from "../src/worker/protocol.ts";

beforeAll(() => ready({ backend: "wasm" }));
afterEach(() => vi.restoreAllMocks());

const nonce = () => randomBytes(24);

function isOnHeap(bytes: Uint8Array): boolean {
  const heap = libsodium.HEAPU8;
  const first = bytes[0] ?? 0;
  for (let at = heap.indexOf(first); at >= 0; at = heap.indexOf(first, at + 1)) {
    if (bytes.every((byte, k) => heap[at + k] === byte)) return true;
  }
  return false;
}

test("the search finds what is there", () => {
  const bytes = randomBytes(32);
  const address = libsodium._malloc(32);
  libsodium.HEAPU8.set(bytes, address);
  expect(isOnHeap(bytes)).toBe(true);
  libsodium.HEAPU8.fill(0, address, address + 32);
  libsodium._free(address);
  expect(isOnHeap(bytes)).toBe(false);
});

describe("what workers run", () => {
  const message = utf8("a cleartext that is found nowhere else: 77ab01");
  const key = randomBytes(32);
  const password = utf8("a password that is found nowhere else: 09c4ee");
  const salt = randomBytes(16);
  const argon2id = { kind: "argon2id", salt, opslimit: 1, memlimitKb: 8, size: 32 } as const;

  test("keeps no key, no password and no cleartext, in its arguments or on its heap", async () => {
    const sealing: WorkerRequest = { kind: "seal", key: key.slice(), nonce: nonce(), data: message.slice() };
    const sealed = await operate(sealing);
    if (sealed.status !== "done") throw new Error("not sealed");
    const altered = sealed.bytes.slice();
    altered[40] = (altered[40] ?? 0) ^ 1;
    const opening: WorkerRequest = { kind: "open", key: key.slice(), data: sealed.bytes };
    expect(await operate(opening)).toEqual({ status: "done", bytes: message });
    const refused: WorkerRequest = { kind: "open", key: key.slice(), data: altered };
    expect(await operate(refused)).toEqual({ status: "refused" });
    const deriving: WorkerRequest = { ...argon2id, password: password.slice() };
    const derived = await operate(deriving);
    if (derived.status !== "done") throw new Error("not derived");
    for (const request of [sealing, opening, refused]) expect(request.key).toEqual(new Uint8Array(32));
    expect(deriving.password).toEqual(new Uint8Array(password.length));
    const found = Object.entries({ key, message, password, derived: derived.bytes }).filter(([, secret]) =>
      isOnHeap(secret),
    );
    expect(found.map(([name]) => name)).toEqual([]);
  });

  test.each<[string, () => WorkerRequest]>([
    ["seal", () => ({ kind: "seal", key: key.slice(), nonce: nonce(), data: message.slice() })],
    ["open", () => ({ kind: "open", key: key.slice(), data: new Uint8Array(100) })],
    ["argon2id", () => ({ ...argon2id, password: password.slice() })],
  ])("says when there is no memory, whichever allocation fails, and keeps nothing: %s", async (_name, make) => {
    const allocate = libsodium._malloc;
    for (let failing = 1; failing <= 3; failing += 1) {
      let count = 0;
      vi.spyOn(libsodium, "_malloc").mockImplementation((size) => ((count += 1) === failing ? 0 : allocate(size)));
      const request = make();
      expect(await operate(request)).toEqual({ status: "no_memory" });
      vi.restoreAllMocks();
      for (const secret of [key, password]) expect(isOnHeap(secret)).toBe(false);
      const secret = request.kind === "argon2id" ? request.password : request.key;
      expect(secret.every((byte) => byte === 0)).toBe(true);
    }
  });

  test("wipes all that it has used before it gives it back, the memory of Argon2id included", async () => {
    const sizes = new Map<number, number>();
    const freed: number[] = [];
    const [allocate, free] = [libsodium._malloc, libsodium._free];
    vi.spyOn(libsodium, "_malloc").mockImplementation((size) => {
      const address = allocate(size);
      sizes.set(address, size);
      return address;
    });
    vi.spyOn(libsodium, "_free").mockImplementation((address) => {
      const size = sizes.get(address) ?? 0;
      expect(libsodium.HEAPU8.subarray(address, address + size).every((byte) => byte === 0)).toBe(true);
      freed.push(size);
      free(address);
    });
    await operate({ ...argon2id, memlimitKb: 64, password: password.slice() });
    expect(freed).toContain(64 * 1024);
    await operate({ kind: "seal", key: key.slice(), nonce: nonce(), data: message.slice() });
    expect(freed.filter((size) => size === 32).length).toBeGreaterThanOrEqual(2);
  });

  test("says when libsodium breaks in another way", async () => {
    vi.spyOn(libsodium, "_malloc").mockImplementation(() => {
      throw new WebAssembly.RuntimeError("unreachable");
    });
    const request: WorkerRequest = { kind: "open", key: key.slice(), data: new Uint8Array(100) };
    expect(await operate(request)).toEqual({ status: "failed", message: "RuntimeError: unreachable" });
    expect(request.key).toEqual(new Uint8Array(32));
  });
});

describe("this thread", () => {
  test("tells a lack of memory from a wrong key", async () => {
    const key = SecretKey.generate();
    const sealed = key.encrypt(utf8("hello"));
    vi.spyOn(libsodium, "_malloc").mockReturnValue(0);
    expect(() => key.decrypt(sealed)).toThrow(expect.objectContaining({ code: "CRYPTO_MEMORY" }));
    expect(() => key.encrypt(sealed)).toThrow(expect.objectContaining({ code: "CRYPTO_MEMORY" }));
    expect(() => key.mac512(sealed)).toThrow(expect.objectContaining({ code: "CRYPTO_MEMORY" }));
    await expect(openBlock(key, sealed)).rejects.toMatchObject({ code: "CRYPTO_MEMORY" });
  });
});
