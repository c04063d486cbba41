import { backendName, ready } from "@parsec/crypto";
import { afterEach, expect, test, vi } from "vitest";
import { loadBackend } from "../src/node/load-backend.ts";
import { loadBackend as loadInBrowser } from "../src/web/load-backend.ts";

afterEach(() => vi.unstubAllEnvs());

test("auto takes the native module, the variable forces either", async () => {
  expect((await loadBackend("auto")).name).toBe("native");
  vi.stubEnv("PARSEC_CRYPTO_BACKEND", "wasm");
  expect((await loadBackend("auto")).name).toBe("wasm");
  expect((await loadBackend("native")).name).toBe("native");
  vi.stubEnv("PARSEC_CRYPTO_BACKEND", "native");
  expect((await loadBackend("auto")).name).toBe("native");
  vi.stubEnv("PARSEC_CRYPTO_BACKEND", "rust");
  await expect(loadBackend("auto")).rejects.toMatchObject({ code: "CRYPTO_BACKEND_UNAVAILABLE" });
});

test("ready switches when asked for another backend, and a failure leaves the loaded one", async () => {
  await ready({ backend: "wasm" });
  await ready();
  expect(backendName()).toBe("wasm");
  await ready({ backend: "native" });
  expect(backendName()).toBe("native");
  vi.stubEnv("PARSEC_CRYPTO_BACKEND", "rust");
  await ready();
  expect(backendName()).toBe("native");
});

test("a browser has no native backend", async () => {
  await expect(loadInBrowser("native")).rejects.toMatchObject({
    code: "NATIVE_MODULE_MISSING",
    module: "sodium-native",
  });
});

test("where sodium-native does not load, auto falls back and native says what to install", async () => {
  vi.doMock("sodium-native", () => {
    throw new Error("no binary for this machine");
  });
  try {
    expect((await loadBackend("auto")).name).toBe("wasm");
    await expect(loadBackend("native")).rejects.toMatchObject({ code: "NATIVE_MODULE_MISSING" });
  } finally {
    vi.doUnmock("sodium-native");
  }
});
