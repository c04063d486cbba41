import { type ParseArgsConfig, parseArgs } from "node:util";
import { StartServerError } from "../errors.ts";
import type { CliOption } from "./option.ts";

/** The values of options, by name: from the command line, else from the environment. */
export class Arguments {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  /** What is accepted, and will go. */
  readonly notices: readonly string[];

  constructor(values: ReadonlyMap<string, readonly string[]>, notices: readonly string[] = []) {
    this.#values = values;
    this.notices = notices;
  }

  /** @throws StartServerError `BAD_OPTION` for an unknown option, or one without its value */
  static parse(
    options: readonly CliOption[],
    argv: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ): Arguments {
    const values = new Map<string, readonly string[]>();
    const notices: string[] = [];
    for (const { name, env: variable, sharedEnv, formerEnv, value, multiple } of options) {
      const used = [variable, sharedEnv, formerEnv].find((each) => each !== undefined && env[each]);
      const text = used && env[used];
      if (used === undefined || text === undefined) continue;
      if (used === formerEnv) notices.push(`${formerEnv} is a former name and will go: today's is ${variable}`);
      if (value === undefined) values.set(name, [String(readBoolean(name, text))]);
      else values.set(name, multiple === true ? text.split(/\s+/).filter((part) => part !== "") : [text]);
    }
    for (const [name, given] of parseCommandLine(options, argv)) values.set(name, given);
    for (const [name, given] of values) {
      if (name !== "server-addr" || !given.some((text) => text.startsWith("parsec://"))) continue;
      notices.push("parsec:// is a former name and will go: today's is parsec3://");
      values.set(
        name,
        given.map((text) => text.replace(/^parsec:/, "parsec3:")),
      );
    }
    return new Arguments(values, notices);
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** @throws StartServerError when it is not given */
  required(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw badOption(name, "is needed");
    return text;
  }

  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** A switch, or an option with the value `true` or `false`; `undefined` when not given. */
  bool(name: string): boolean | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : readBoolean(name, text);
  }

  /** A whole number from 0 on; `undefined` when not given. @throws StartServerError */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw badOption(name, "expects a whole number");
    return Number(text);
  }

  /** A port of TCP; 0 for a free one. @throws StartServerError */
  port(name: string): number | undefined {
    const port = this.count(name);
    if (port !== undefined && port > 65_535) throw badOption(name, "expects a port, 0 to 65535");
    return port;
  }

  /** A whole number, negative ones included. @throws StartServerError */
  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw badOption(name, "expects a whole number");
    return Number(text);
  }

  /** One of these texts; `undefined` when not given. @throws StartServerError */
  oneOf<const V extends string>(
    name: string,
    values: readonly V[],
    { anyCase = false }: { readonly anyCase?: boolean } = {},
  ): V | undefined {
    const text = this.text(name);
    const sought = anyCase ? text?.toUpperCase() : text;
    const known = values.find((value) => value === sought);
    if (text !== undefined && known === undefined) throw badOption(name, `expects ${values.join(", ")}`);
    return known;
  }
}

export function badOption(name: string, what: string): StartServerError {
  return new StartServerError("BAD_OPTION", `--${name} ${what}: see --help`);
}

function parseCommandLine(
  options: readonly CliOption[],
  argv: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const config: NonNullable<ParseArgsConfig["options"]> = {};
  const places = options.filter(({ positional }) => positional === true);
  for (const { name, short, value } of options) {
    if (places.some((place) => place.name === name)) continue;
    const type = value === undefined ? "boolean" : "string";
    config[name] = { type, multiple: true, ...(short === undefined ? {} : { short }) };
  }
  try {
    const allowPositionals = places.length > 0;
    const { values, positionals } = parseArgs({
      args: withJoinedValues(argv, options),
      options: config,
      strict: true,
      allowPositionals,
    });
    if (positionals.length > places.length) throw new Error(`Unexpected argument '${positionals[places.length]}'`);
    const placed = positionals.map((text, index) => [places[index]?.name ?? "", [text]] as const);
    const named = Object.entries(values).map(([name, given]) => [name, [given ?? []].flat().map(String)] as const);
    return new Map<string, readonly string[]>([...placed, ...named]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartServerError("BAD_OPTION", `${reason}: see --help`, { cause });
  }
}

/** A PEM or a negative number behind an option is its value, whatever it begins with. */
function withJoinedValues(argv: readonly string[], options: readonly CliOption[]): string[] {
  const args: string[] = [];
  for (const arg of argv) {
    const last = args.at(-1);
    const takesValue = options.some(({ name, value }) => value !== undefined && last === `--${name}`);
    if (takesValue && /^-(?:----BEGIN |\d)/.test(arg)) args[args.length - 1] = `${last}=${arg}`;
    else args.push(arg);
  }
  return args;
}

function readBoolean(name: string, text: string): boolean {
  if (/^(1|true|yes|on|y|t)$/i.test(text)) return true;
  if (/^(0|false|no|off|n|f)$/i.test(text)) return false;
  throw badOption(name, "expects true or false");
}
