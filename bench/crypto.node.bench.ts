import { ready } from "@parsec/crypto";
import { beforeAll, describe } from "vitest";
import { measureCrypto } from "./crypto-measures.ts";
import { nativeCrypto } from "./raw-native.ts";

describe("sodium-native", () => {
  beforeAll(() => ready({ backend: "native" }));
  measureCrypto("native", nativeCrypto);
});
