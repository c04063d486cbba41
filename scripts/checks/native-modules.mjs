// An optional native module whose build failed leaves a package without its binary and no error:
// load each once, outside of the drivers that would fall back.
import { createRequire } from "node:module";
import { join } from "node:path";
import { top } from "../house.mjs";

const natives = [
  { name: "better-sqlite3", by: "storage", probe: openDatabase },
  { name: "better-sqlite3", by: "server", probe: openDatabase },
  { name: "sodium-native", by: "crypto", probe: loadSodium },
  { name: "@napi-rs/keyring", by: "device", probe: loadKeyring },
  { name: "graphene-pk11", by: "device", probe: loadGraphene },
];

/** @param {(new (path: string) => { close(): void })} Database */
function openDatabase(Database) {
  new Database(":memory:").close();
}

/** @param {{ crypto_secretbox_KEYBYTES: number }} sodium */
function loadSodium(sodium) {
  if (sodium.crypto_secretbox_KEYBYTES !== 32) throw new Error("it does not offer secretbox");
}

/** @param {{ AsyncEntry: unknown }} keyring */
function loadKeyring(keyring) {
  if (typeof keyring.AsyncEntry !== "function") throw new Error("it does not offer AsyncEntry");
}

/** @param {{ Module: unknown }} graphene */
function loadGraphene(graphene) {
  if (typeof graphene.Module !== "function") throw new Error("it does not offer Module");
}

for (const { name, by, probe } of natives) {
  try {
    probe(createRequire(join(top, "packages", by, "package.json"))(name));
  } catch (error) {
    console.error(`${name} does not load: reinstall with a C++ compiler, make and python3 present.`, error);
    process.exitCode = 1;
  }
}
