import type { Command } from "commander";
import { exitCodes } from "../src/exit-codes.ts";
import { createProgram } from "../src/program.ts";

/** `docs/cli.md`, from what `--help` is made from. */
export function commandReference(): string {
  const program = createProgram({ out: () => undefined, error: () => undefined }, async () => undefined);
  return [
    "# The parsec command",
    "<!-- Made from the help of the commands; packages/cli/test/reference.test.ts compares. -->",
    "## Exit codes",
    ["| code | meaning |", "|---|---|", ...exitCodes.map(({ code, meaning }) => `| ${code} | ${meaning} |`)].join("\n"),
    "## Output",
    "Answers go to the standard output, remarks and errors to the standard error. With `--json` both are objects, one a line. Each has a `type`, which says " +
      'what other fields there are: `entry`, `workspace`, `device`, `user`, `created`…; dates are RFC 3339, sizes bytes. An error is `{ type: "error", exitCode, ' +
      "code, message, causes }`, where `code` is that of the SDK. Control characters, and marks that turn the direction of writing, are shown as escapes.",
    "## Secrets",
    "They come from a file descriptor (`--password-fd 3`), an environment variable, or else the terminal, without echo; never from an argument, which " +
      "others on the machine can read. `PARSEC_PASSWORD` unlocks the device, `PARSEC_NEW_PASSWORD` is what protects it next, `PARSEC_PASSPHRASE` opens a " +
      "recovery file, `PARSEC_TOTP_CODE` is a code of an authenticator application.",
    "## Commands",
    section(program, "parsec"),
    ...all(program, "parsec"),
  ]
    .join("\n\n")
    .concat("\n");
}

function all(command: Command, path: string): readonly string[] {
  return command.commands.flatMap((child) => {
    const below = `${path} ${child.name()}`;
    return [section(child, below), ...all(child, below)];
  });
}

function section(command: Command, path: string): string {
  // Global options are the same for all: the first section has them.
  command.configureHelp({ showGlobalOptions: false, helpWidth: 100 });
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return `### ${path}\n\n\`\`\`\n${help.trimEnd()}\n\`\`\``;
}
