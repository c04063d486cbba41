// Packs every package as it would be published; publint and attw look at the tarballs.
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pnpm, reports, tool } from "../house.mjs";

const quiet = { quiet: true };
const folder = join(reports, "tarballs");

/** @param {Promise<{ code: number, output: string }>} outcome */
async function expect(outcome) {
  const { code, output } = await outcome;
  if (code === 0) return;
  console.error(output);
  process.exitCode = 1;
}

mkdirSync(folder, { recursive: true });
await expect(pnpm(["--recursive", "--filter=./packages/*", "pack", "--pack-destination", folder], quiet));
const tarballs = readdirSync(folder).map((name) => join(folder, name));
for (const tarball of tarballs) {
  await Promise.all([
    expect(tool("publint", ["run", tarball, "--strict"], quiet)),
    expect(tool("attw", [tarball, "--profile", "esm-only", "--no-emoji"], quiet)),
  ]);
}
console.log(`${tarballs.length} tarballs`);
