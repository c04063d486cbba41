import { type BackendChoice, ready } from "@parsec/crypto";
import { beforeAll, describe } from "vitest";

const inBrowser = "document" in globalThis;

/** Every backend that this runtime has. */
export const backends: readonly BackendChoice[] = inBrowser ? ["wasm"] : ["wasm", "native"];

/** The same tests on each of them. */
export function onEveryBackend(define: (backend: BackendChoice) => void): void {
  for (const backend of backends) {
    describe(`${backend} backend`, () => {
      beforeAll(() => ready({ backend }));
      define(backend);
    });
  }
}
