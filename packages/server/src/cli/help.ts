import type { CliCommand } from "./command.ts";
import type { CliOption } from "./option.ts";

export function helpOf(usage: string, options: readonly CliOption[], examples: readonly string[]): string {
  const rows = options.map(({ name, short, value, env, positional, help }) => {
    if (positional === true) return `  ${value}\n        ${help}`;
    const flag = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
    return `  ${flag}\n        ${help}${env === undefined ? "" : ` [${env}]`}`;
  });
  return [usage, "", "Options:", ...rows, "", "Examples:", ...examples.map((example) => `  ${example}`), ""].join("\n");
}

export function commandsHelp(commands: readonly CliCommand[]): string {
  const width = commands.reduce((widest, { name }) => Math.max(widest, name.length), 0);
  return `parsec-server COMMAND [OPTIONS]

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}`).join("\n")}

Each command has --help. An option may also be given by the environment variable named in its help.

Examples:
  parsec-server run --dev --port 6777
  parsec-server testbed --port 6770
`;
}
