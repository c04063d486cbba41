import type { CliOption } from "./option.ts";

export function helpOf(usage: string, options: readonly CliOption[], examples: readonly string[]): string {
  const rows = options.map(({ name, short, value, env, help }) => {
    const flag = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
    return `  ${flag}\n        ${help}${env === undefined ? "" : ` [${env}]`}`;
  });
  return [usage, "", "Options:", ...rows, "", "Examples:", ...examples.map((example) => `  ${example}`), ""].join("\n");
}

export const commandsHelp = `parsec-server COMMAND [OPTIONS]

Commands:
  run       a server
  migrate   brings the tables of a database up to this version
  copy      copies a database into another one
  testbed   a server for tests, with control routes under /testbed

Each command has --help. An option may also be given by the environment variable named in its help.

Examples:
  parsec-server run --dev --port 6777
  parsec-server testbed --port 6770
`;
