import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { main } from "../src/main.ts";

export interface Outcome {
  readonly code: number;
  readonly printed: readonly string[];
  readonly errors: readonly string[];
  readonly output: Buffer;
}

export interface RunOptions {
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the standard input gives. */
  readonly input?: string;
  /** What is typed in answer to a prompt. */
  readonly answer?: (prompt: string) => Promise<string>;
  readonly descriptors?: ReadonlyMap<number, string>;
  readonly signal?: AbortSignal;
  readonly onError?: (line: string) => void;
}

/** Runs one command in this process, as a shell would. */
export async function run(argv: readonly string[], options: RunOptions): Promise<Outcome> {
  const printed: string[] = [];
  const errors: string[] = [];
  const output = new PassThrough();
  const collected = buffer(output);
  const code = await main({
    argv: argv[0] === "server" ? argv : ["--dir", options.dir, ...argv],
    env: options.env ?? { PARSEC_PASSWORD: "P@ss" },
    input: Readable.from([options.input ?? ""]),
    output,
    print: (line) => printed.push(line),
    printError: (line) => {
      errors.push(line);
      options.onError?.(line);
    },
    ask: options.answer ?? (() => Promise.reject(new Error("nobody answers"))),
    readDescriptor: async (descriptor) => options.descriptors?.get(descriptor) ?? "",
    signal: options.signal ?? new AbortController().signal,
  });
  output.end();
  return { code, printed, errors, output: await collected };
}
