import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as client from "@parsec/client";
import * as server from "@parsec/server";
import { expect, it } from "vitest";

const modules: Record<string, object> = { "@parsec/client": client, "@parsec/server": server };

/** The first block of TypeScript of the README: what it imports, and the rest. */
async function readExample() {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const imports = [...code.matchAll(/^import \{ (.*) \} from "(.*)";\n/gm)];
  const names = imports.flatMap(([, list = "", from = ""]) => list.split(", ").map((name) => [name, from] as const));
  return { imported: names, body: code.replace(/^import .*\n/gm, "") };
}

it("the README's example runs as it is written", async () => {
  const { imported, body } = await readExample();
  const dir = await mkdtemp(join(tmpdir(), "readme-"));
  const content = new Uint8Array(100_000).fill(7);
  const lines: unknown[][] = [];
  const given = {
    ...Object.fromEntries(imported.map(([name, from]) => [name, Reflect.get(modules[from] ?? {}, name)])),
    stream: new Blob([content]).stream(),
    onProgress: () => {},
    signal: new AbortController().signal,
    console: { log: (...line: unknown[]) => lines.push(line) },
  };
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const run = new AsyncFunction(
    ...Object.keys(given),
    `${body.replace('"./alice"', JSON.stringify(join(dir, "alice")))}\nawait again.close();\nawait server.close();`,
  );
  try {
    await run(...Object.values(given));
    expect(lines).toEqual([["report.pdf", content.length]]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
