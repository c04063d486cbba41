import { ParsecError } from "@parsec/base";
import { PrivateKey, ready, SecretKey, splitSigned } from "@parsec/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as t from "../src/index.ts";
import { allVectors, type DataVector, hex, loadVector } from "./support/data-vectors.ts";
import { documentCodec } from "./support/documents.ts";
import { mutate, SeededRandom } from "./support/seeded-mutations.ts";

beforeAll(() => ready());

/** How many mutated inputs: a few thousand by default, 200,000 in `pnpm fuzz`. */
const inputs = Number(process.env["FUZZ_INPUTS"] ?? 6000);
const seed = Number(process.env["FUZZ_SEED"] ?? 20_240_607);

/** All that reading bytes of a stranger may end with. */
const typedCodes = new Set<string>([
  "BAD_SERIALIZATION",
  "DATA_INTEGRITY",
  "DECRYPTION",
  "SIGNATURE",
  "UNEXPECTED_AUTHOR",
  "UNEXPECTED_TIMESTAMP",
  "UNEXPECTED_ID",
  "UNEXPECTED_VERSION",
  "UNEXPECTED_USER_ID",
]);

const vectors = allVectors.filter(({ expected, raw }) => expected !== undefined && raw !== undefined);

describe("mutated documents", () => {
  it(`end with a document or a typed error, ${inputs} times`, { timeout: 3_600_000 }, () => {
    const targets = vectors.flatMap((vector) => targetsOf(vector));
    const random = new SeededRandom(seed);
    for (let i = 0; i < inputs; i += 1) {
      const { bytes, read } = targets[i % targets.length] ?? { bytes: new Uint8Array(), read: () => undefined };
      readMutated(mutate(bytes, random), read);
    }
  });

  it("end with a typed error at every truncation of the msgpack and of the container", { timeout: 300_000 }, () => {
    for (const vector of vectors) {
      for (const { bytes, read, isWhole } of targetsOf(vector)) {
        if (isWhole) continue;
        for (let size = 0; size < bytes.length; size += 1) {
          const error = readMutated(bytes.subarray(0, size), read);
          if (error === undefined) throw new Error(`${vector.name} is still read when cut at ${size}`);
        }
      }
    }
  });

  it("leave no memory behind", { timeout: 300_000 }, () => {
    const random = new SeededRandom(seed + 1);
    const targets = vectors.flatMap((vector) => targetsOf(vector));
    const run = (count: number) => {
      for (let i = 0; i < count; i += 1) {
        const { bytes, read } = targets[i % targets.length] ?? { bytes: new Uint8Array(), read: () => undefined };
        readMutated(mutate(bytes, random), read);
      }
    };
    run(1000);
    const before = process.memoryUsage();
    run(2000);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 * 1024 * 1024);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(64 * 1024 * 1024);
  });
});

interface Target {
  readonly bytes: Uint8Array;
  readonly read: (bytes: Uint8Array) => unknown;
  /** The bytes as they travel, encrypted or signed: most changes stop there. */
  readonly isWhole: boolean;
}

/** The same document at three depths: as it travels, its container, its msgpack. */
function targetsOf(vector: DataVector): Target[] {
  const codec = documentCodec(vector.type);
  const whole = { bytes: hex(vector.raw ?? ""), isWhole: true, read: (raw: Uint8Array) => loadRaw(vector, raw) };
  const msgpack = {
    bytes: hex(vector.msgpack ?? ""),
    isWhole: false,
    read: (bytes: Uint8Array) => t.loadPlain(codec, bytes),
  };
  if (vector.operation.includes("plain")) return [whole, msgpack];
  const container = { bytes: containerOf(vector), isWhole: false, read: (bytes: Uint8Array) => t.load(codec, bytes) };
  return [whole, container, msgpack];
}

function loadRaw(vector: DataVector, raw: Uint8Array): unknown {
  return loadVector({ ...vector, raw: [...raw].map((byte) => byte.toString(16).padStart(2, "0")).join("") });
}

/** The bytes of the reference's own zstd, without signature and encryption. */
function containerOf({ operation, raw = "", keys = {} }: DataVector): Uint8Array {
  const bytes = hex(raw);
  const opened = operation.endsWith("_for")
    ? PrivateKey.fromBytes(hex(keys["private"] ?? "")).openSealed(bytes)
    : operation.startsWith("decrypt")
      ? SecretKey.fromBytes(hex(keys["secret"] ?? "")).decrypt(bytes)
      : bytes;
  return operation.includes("verify") ? splitSigned(opened).message : opened;
}

/** The error, when there is one and it is typed; throws any other. */
function readMutated(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): ParsecError | undefined {
  const start = process.cpuUsage();
  const error = errorOf(() => read(bytes));
  if (error !== undefined && !(ParsecError.is(error) && typedCodes.has(error.code))) {
    throw new Error("damaged bytes gave an error that is not typed", { cause: error });
  }
  // Far above what any of these small inputs needs: only a runaway loop takes so long. In time of the processor, that
  // other programs do not lengthen.
  if (process.cpuUsage(start).user > 2_000_000) throw new Error("one small input took more than two seconds");
  return error;
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
