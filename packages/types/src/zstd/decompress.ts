import { decompress as fzstd } from "fzstd";
import { ZstdError } from "./error.ts";

export function decompress(frames: Uint8Array, limit: number): Uint8Array {
  let out: Uint8Array;
  try {
    out = fzstd(frames);
  } catch {
    throw new ZstdError("the frame is corrupted");
  }
  if (out.length > limit) throw new ZstdError("too large");
  return out;
}
