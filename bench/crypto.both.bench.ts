import { ready } from "@parsec/crypto";
import { beforeAll, describe } from "vitest";
import { measureCrypto } from "./crypto-measures.ts";
import { wasmCrypto } from "./raw-wasm.ts";

const raw = await wasmCrypto();

describe("libsodium wasm", () => {
  beforeAll(() => ready({ backend: "wasm" }));
  measureCrypto("wasm", raw);
});
