import type { RsaEngine } from "../sequester/rsa-engine.ts";
import { webCryptoRsaEngine } from "../sequester/webcrypto-engine.ts";
import type { CryptoWorker } from "../worker/protocol.ts";
import { webWorker } from "../worker/web-worker.ts";

export { loadBackend } from "./load-backend.ts";

/** How many workers share bulk work: one core is left to the page. */
export const bulkWorkers = /* @__PURE__ */ Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1));

export const rsaEngine: RsaEngine = /* @__PURE__ */ webCryptoRsaEngine(crypto.subtle);

export async function signPkcs1v15Unprefixed(_pkcs8: Uint8Array, _data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  throw new DOMException("WebCrypto has no raw RSA signature", "NotSupportedError");
}

export async function sha256(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", unshared(data)));
}

/** WebCrypto takes no shared memory; other bytes are not copied. */
function unshared(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = data;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, length) : new Uint8Array(data);
}

export function startWorker(): CryptoWorker {
  // Written literally, in an entry of the build: bundlers look for exactly this.
  return webWorker(new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
}
