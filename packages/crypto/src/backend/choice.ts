/**
 * Which driver of libsodium to load. `auto`: on Node the environment variable `PARSEC_CRYPTO_BACKEND` if it is set, else
 * `sodium-native` when it loads, else wasm; in browsers wasm.
 */
export type BackendChoice = "auto" | "wasm" | "native";
