import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ParsecError } from "@parsec/base";
import { tourOptions, usage } from "./options.ts";
import { tour } from "./tour.ts";

const docs = join(import.meta.dirname, "..", "..", "..", "docs");

/** Exit code of a process that Ctrl-C ended. */
const interrupted = 130;

async function main(): Promise<number> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new DOMException("Interrupted", "AbortError")));
  let dir: string | undefined;
  let isKept = false;
  try {
    const options = tourOptions(process.argv.slice(2));
    isKept = options.keep !== undefined;
    dir = options.keep ?? (await mkdtemp(join(tmpdir(), "parsec-tour-")));
    await mkdir(dir, { recursive: true });
    await tour({ dir, path: options.path, docs, output: process.stdout, signal: stop.signal });
    if (isKept) console.log(`\nEverything is in ${dir}: see tour.json.`);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return interrupted;
    console.error(`\nThe tour failed. ${describe(error)}`);
    if (error instanceof TypeError) console.error(usage);
    return 1;
  } finally {
    if (dir !== undefined && !isKept) await rm(dir, { recursive: true, force: true });
  }
}

function describe(error: unknown): string {
  if (ParsecError.is(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

process.exitCode = await main();
