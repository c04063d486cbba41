import { parseArgs } from "node:util";

export interface TourOptions {
  /** A file or a folder to store, instead of the documents of this repository and one large file. */
  readonly path: string | undefined;
  /** Where to leave everything that the tour wrote. */
  readonly keep: string | undefined;
}

export const usage = "Usage: npm start -- [PATH] [--keep DIR]";

/** @throws TypeError for an unknown option */
export function tourOptions(args: readonly string[]): TourOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { keep: { type: "string" } },
    allowPositionals: true,
  });
  if (positionals.length > 1) throw new TypeError(`One PATH at most. ${usage}`);
  return { path: positionals[0], keep: values.keep };
}
