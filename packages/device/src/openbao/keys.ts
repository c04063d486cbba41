import { requireMethods } from "@parsec/base";
import { RemoteOpaqueKeyError, type RemoteOpaqueKeyErrorCode } from "../errors.ts";
import type { OpaqueKeyStore } from "../protection/opaque-key-store.ts";
import type { OpenBaoClient } from "./client.ts";
import { OpenBaoError } from "./errors.ts";

/** The keys of an entity in OpenBao, for the protection `openBao`. */
export function openBaoKeys(client: OpenBaoClient): OpaqueKeyStore<string> {
  requireMethods("client", client, "an OpenBaoClient", "uploadKey", "fetchKey");
  return {
    upload: (key, options) => translated("UPLOAD", client.uploadKey(key, options)),
    fetch: (path, options) => translated("FETCH", client.fetchKey(path, options)),
  };
}

async function translated<T>(operation: "UPLOAD" | "FETCH", call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    if (!(cause instanceof OpenBaoError)) throw cause;
    const outcome = cause.code === "OPENBAO_NO_RESPONSE" ? "OFFLINE" : "FAILED";
    const code: RemoteOpaqueKeyErrorCode = `REMOTE_OPAQUE_KEY_${operation}_${outcome}`;
    throw new RemoteOpaqueKeyError(code, "OPENBAO", { cause });
  }
}
