import { NativeModuleMissingError } from "@parsec/base";
import type { BackendChoice } from "../backend/choice.ts";
import type { CryptoBackend } from "../backend/port.ts";
import { loadWasmBackend } from "../backend/wasm.ts";
import { CryptoBackendError } from "../errors.ts";
import { sha256Now } from "./sha256.ts";

/** The variable forces a backend on whoever leaves the choice open, so that tests run with both. */
const variable = "PARSEC_CRYPTO_BACKEND";

/** @throws CryptoBackendError, NativeModuleMissingError */
export async function loadBackend(choice: BackendChoice): Promise<CryptoBackend> {
  const wanted = choice === "auto" ? choiceOfEnvironment() : choice;
  if (wanted === "wasm") return wasm();
  try {
    const { default: sodium } = await import("sodium-native");
    const { nativeBackend } = await import("./native-backend.ts");
    return nativeBackend(sodium);
  } catch (cause) {
    if (wanted === "native") throw new NativeModuleMissingError("sodium-native", { cause });
    return wasm();
  }
}

async function wasm(): Promise<CryptoBackend> {
  return { ...(await loadWasmBackend()), sha256: sha256Now };
}

function choiceOfEnvironment(): BackendChoice {
  const value = process.env[variable] ?? "auto";
  if (value === "auto" || value === "wasm" || value === "native") return value;
  throw new CryptoBackendError(`${variable} must be auto, wasm or native`);
}
