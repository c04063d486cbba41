import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { runInPackage } from "../../../test/support/readme-program.ts";
import type { ProtectionType } from "../src/index.ts";
import { newDevice } from "./support/devices.ts";
import { protections } from "./support/vectors.ts";

const readReadme = () => readFile(join(import.meta.dirname, "../README.md"), "utf8");

test("the example of the README runs", { timeout: 30_000 }, async () => {
  const readme = await readReadme();
  const [, example = ""] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  const [imports = "", body = ""] = splitAfterImports(example);
  const source = `${imports}\nexport async function run(device) {\n${body}\nreturn unlocked;\n}`;
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  const make = (folder: string) => code.replace('"./config"', JSON.stringify(join(folder, "config")));
  await runInPackage(join(import.meta.dirname, ".."), make, async ({ run }) => {
    const device = newDevice();
    if (typeof run !== "function") throw new Error("the program gives a function");
    expect(await run(device)).toMatchObject({ deviceId: device.deviceId });
  });
});

const calls: Readonly<Record<ProtectionType, string>> = {
  password: "password",
  keyring: "keyring",
  pki: "smartcard",
  openbao: "openBao",
  account_vault: "accountVault",
};

test("the table of the README says of each protection what the code says", async () => {
  const readme = await readReadme();
  for (const make of Object.values(protections)) {
    const { type, offlineLogin } = make();
    const [, told] = new RegExp(`^\\| \`${calls[type]}\\(.*?\\)\` \\| (yes|no) \\|`, "m").exec(readme) ?? [];
    expect(told, type).toBe(offlineLogin ? "yes" : "no");
  }
  expect(readme).toMatch(/^\| `withTotp\(.*?\)` around any \| no \|/m);
});

function splitAfterImports(example: string): readonly string[] {
  const at = example.lastIndexOf("import ");
  const end = example.indexOf("\n", at);
  return [example.slice(0, end), example.slice(end)];
}
