import { type RsaEngine, ready, useRsaEngine, webCryptoRsaEngine } from "@parsec/crypto";
import { Crypto } from "@peculiar/webcrypto";
import { afterAll, beforeAll, describe, test } from "vitest";
import { rsaEngine } from "../src/sequester/current-engine.ts";
import { checkVector, vectors } from "./support/crypto-vectors.ts";
import { sequesterComputations } from "./support/sequester-vectors.ts";
import { testRsaSets } from "./support/wycheproof.ts";

const engines: readonly RsaEngine[] = [
  webCryptoRsaEngine(new Crypto().subtle, "@peculiar/webcrypto"),
  webCryptoRsaEngine(crypto.subtle, "webcrypto of Node"),
];

describe.each(engines)("$name", (engine) => {
  beforeAll(async () => {
    await ready();
    useRsaEngine(engine);
  });
  afterAll(() => useRsaEngine());

  for (const vector of vectors) {
    const compute = sequesterComputations[vector.primitive];
    if (compute !== undefined) test(vector.name, () => checkVector(vector, compute));
  }
  testRsaSets(rsaEngine);
});
