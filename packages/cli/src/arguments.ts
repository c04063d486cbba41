import { parseArgs } from "node:util";
import { UsageError } from "./usage.ts";

/** A parsed command line. */
export interface Arguments {
  readonly command: string | undefined;
  readonly operands: readonly string[];
  readonly options: {
    readonly dir?: string;
    readonly device?: string;
    readonly email?: string;
    readonly label?: string;
    readonly "device-label"?: string;
    readonly help?: boolean;
  };
}

const text = { type: "string" } as const;
const options = {
  dir: text,
  device: text,
  email: text,
  label: text,
  "device-label": text,
  help: { type: "boolean", short: "h" },
} as const;

/** @throws UsageError */
export function parseArguments(argv: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [command, ...operands] = positionals;
    return { command, operands, options: values };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "Bad options");
  }
}

/** An operand that must be there. @throws UsageError */
export function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new UsageError(`${name} is missing`);
  return value;
}
