// The worker script is started, not called: `new Worker(new URL("@parsec/crypto/worker", import.meta.url))` and the like.
export {};
