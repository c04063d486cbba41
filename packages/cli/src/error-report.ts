import { ParsecError } from "@parsec/base";
import { jsonLine, printable } from "./printable.ts";

/** More causes than this tell nobody anything; a circle of them would not end. */
const maxCauses = 8;

/** An error with its causes, as lines for the standard error. */
export function errorLines(error: unknown, exitCode: number, isJson: boolean): readonly string[] {
  const [first, ...causes] = chain(error);
  if (isJson) return [jsonLine({ type: "error", exitCode, ...first, causes })];
  return [line(first), ...causes.map((cause) => `  cause: ${line(cause)}`)].map(printable);
}

interface Told {
  readonly code: string | undefined;
  readonly message: string;
}

function line(told: Told | undefined): string {
  if (told === undefined) return "failed";
  return told.code === undefined || told.message.startsWith(told.code) ? told.message : `${told.code}: ${told.message}`;
}

function chain(error: unknown): readonly Told[] {
  const found: Told[] = [];
  for (let next = error; next !== undefined && found.length < maxCauses; ) {
    found.push(toldOf(next));
    next = next instanceof Error ? next.cause : undefined;
  }
  return found;
}

function toldOf(error: unknown): Told {
  if (ParsecError.is(error)) return { code: error.code, message: error.message };
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { code, message: error.message };
}
