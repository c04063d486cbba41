import { expect, test, vi } from "vitest";

const instantiate = vi.spyOn(WebAssembly, "instantiate");
const compile = vi.spyOn(WebAssembly, "compile");
const module = vi.spyOn(WebAssembly, "Module");

// One test, in this order: there is one backend a process, and it is loaded once.
test("importing loads nothing, a call before ready() says so, ready() loads", async () => {
  const crypto = await import("@parsec/crypto");
  const { SecretKey, KeyDerivation, PublicKey, HashDigest, VerifyKey } = crypto;
  const key = SecretKey.fromBytes(new Uint8Array(32));
  const notReady = expect.objectContaining({ code: "CRYPTO_NOT_READY" });
  const calls = [
    () => SecretKey.generate(),
    () => key.encrypt(new Uint8Array(1)),
    () => key.decrypt(new Uint8Array(40)),
    () => key.mac512(new Uint8Array(1)),
    () => KeyDerivation.generate(),
    () => PublicKey.fromBytes(new Uint8Array(32)).seal(new Uint8Array(1)),
    () => VerifyKey.fromBytes(new Uint8Array(32)).verify(new Uint8Array(64)),
    () => HashDigest.of(new Uint8Array(1)),
    () => crypto.emailSalt("alice@example.com"),
    () => crypto.splitSecret(new Uint8Array(1), 1, 1),
  ];
  for (const call of calls) expect(call).toThrow(notReady);
  await expect(crypto.sealBlock(key, new Uint8Array(1))).rejects.toEqual(notReady);
  const algorithm = { ...crypto.defaultPasswordParameters, salt: new Uint8Array(16) };
  await expect(crypto.passwordToSecretKey("password", algorithm)).rejects.toEqual(notReady);

  expect(crypto.backendName()).toBeUndefined();
  for (const spy of [instantiate, compile, module]) expect(spy).not.toHaveBeenCalled();

  await Promise.all([crypto.ready({ backend: "wasm" }), crypto.ready({ backend: "wasm" })]);
  expect(crypto.backendName()).toBe("wasm");
  expect(instantiate.mock.calls.length + compile.mock.calls.length + module.mock.calls.length).toBe(1);
  expect(key.decrypt(key.encrypt(Uint8Array.of(7)))).toEqual(Uint8Array.of(7));
});
