import { breathe, requireBytes, requireObject, requireSignal, throwIfAborted } from "@parsec/base";
import * as platform from "#platform";
import type { CancelOptions } from "./block.ts";
import { HashDigest } from "./keys/hash-digest.ts";

/** SHA-256 of bulk data, by the platform, off this thread. Needs no `ready()`. */
export async function sha256(data: Uint8Array, options: CancelOptions = {}): Promise<HashDigest> {
  requireBytes("data", data);
  requireObject("options", options);
  requireSignal("signal", options.signal);
  throwIfAborted(options.signal);
  // What is short is done on this thread.
  await breathe();
  const digest = await platform.sha256(data);
  throwIfAborted(options.signal);
  return HashDigest.fromBytes(digest);
}
