import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const program = `
import { newPasswordAlgorithm, passwordToSecretKey, ready, SecretKey, sealBlock, openBlock } from "@parsec/crypto";
const told = [];
await ready({ backend: "wasm", diagnostics: (event) => told.push(event) });
const key = SecretKey.generate();
const opened = await openBlock(key, await sealBlock(key, new Uint8Array(100_000)));
const derived = await passwordToSecretKey("p", { ...newPasswordAlgorithm(), memlimitKb: 64, opslimit: 1 });
console.log(JSON.stringify({ size: opened.length, derived: derived.toBytes().length, told }));
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parsec-bundle-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a program whose bundler did not emit the worker's file works, and its diagnostics say why", async () => {
  await build({
    stdin: { contents: program, resolveDir: import.meta.dirname },
    outfile: join(folder, "program.mjs"),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    conditions: ["@parsec/source"],
    external: ["sodium-native", "libsodium-wrappers-sumo"],
  });
  symlinkSync(join(import.meta.dirname, "../../node_modules"), join(folder, "node_modules"));
  const output = execFileSync(process.execPath, [join(folder, "program.mjs")], { encoding: "utf8" });
  expect(JSON.parse(output)).toEqual({
    size: 100_000,
    derived: 32,
    told: [
      {
        area: "crypto",
        event: "worker_failed",
        fields: { message: expect.stringContaining("ready({ createWorker })") },
      },
    ],
  });
});
