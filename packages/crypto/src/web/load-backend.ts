import { NativeModuleMissingError } from "@parsec/base";
import type { BackendChoice } from "../backend/choice.ts";
import type { CryptoBackend } from "../backend/port.ts";
import { loadWasmBackend } from "../backend/wasm.ts";

/** @throws NativeModuleMissingError when the native backend is asked for */
export async function loadBackend(choice: BackendChoice): Promise<CryptoBackend> {
  if (choice === "native") throw new NativeModuleMissingError("sodium-native");
  return loadWasmBackend();
}
