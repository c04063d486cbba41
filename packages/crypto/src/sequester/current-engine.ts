import { rsaEngine as platformEngine } from "#platform";
import type { RsaEngine } from "./rsa-engine.ts";

let current: RsaEngine = platformEngine;

export function rsaEngine(): RsaEngine {
  return current;
}

/** Puts another engine in the place of the platform's, or the platform's back when there is no argument. */
export function useRsaEngine(engine: RsaEngine = platformEngine): void {
  current = engine;
}
