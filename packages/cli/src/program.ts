import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { catalog, nouns } from "./catalog/catalog.ts";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";

/** Options that every command has. */
export const commonOptions: readonly OptionSpec[] = [
  {
    flags: "--dir <folder>",
    text: "where devices and their data are; by default where the Parsec application keeps them",
  },
  { flags: "--device <device>", text: "which device, by id or label; may be left out when the folder holds one" },
  { flags: "--password-fd <number>", text: "read the password from this file descriptor" },
  { flags: "--wait", text: "wait while another process works with the device" },
  { flags: "--timeout <seconds>", text: "give up after this time" },
  { flags: "--json", text: "one JSON object a line" },
  { flags: "-q, --quiet", text: "only what was asked for: no remarks, no summaries" },
];

/** What was parsed: the command, and the values of its operands and options by name. */
export type Parsed = (
  spec: CommandSpec,
  operands: ReadonlyMap<string, string>,
  options: Readonly<Record<string, unknown>>,
) => Promise<void>;

/** The parser of all commands; runs `onCommand` with what was asked. Help and errors are thrown, as CommanderError. */
export function createProgram(
  write: { out(text: string): void; error(text: string): void },
  onCommand: Parsed,
): Command {
  const program = new Command("parsec")
    .description("Parsec from a shell: end-to-end-encrypted files, devices and people.")
    .option("-V, --version", "the version of this program")
    .helpOption("-h, --help", "this text")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: write.out, writeErr: write.error, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 });
  program.on("option:version", () => {
    write.out(version());
    throw new CommanderError(0, "commander.version", "");
  });
  for (const option of commonOptions) program.addOption(toOption(option));
  const groups = new Map([["", program]]);
  const parentOf = (name: string) => groups.get(name.slice(0, Math.max(0, name.lastIndexOf(" ")))) ?? program;
  for (const { name, text } of nouns) groups.set(name, parentOf(name).command(lastWord(name)).description(text));
  for (const spec of catalog) add(parentOf(spec.name), lastWord(spec.name), spec, onCommand);
  return program;
}

function add(parent: Command, name: string, spec: CommandSpec, onCommand: Parsed): void {
  const command = parent.command(name).description(spec.text);
  for (const operand of spec.operands) command.argument(operand);
  for (const option of spec.options ?? []) command.addOption(toOption(option));
  const examples = spec.examples ?? [];
  if (examples.length > 0) command.addHelpText("after", `\nExamples:\n${examples.map((e) => `  ${e}`).join("\n")}`);
  command.action(() => {
    const operands = new Map<string, string>();
    command.registeredArguments.forEach((argument, index) => {
      const value = command.args[index];
      if (value !== undefined) operands.set(argument.name(), value);
    });
    return onCommand(spec, operands, command.optsWithGlobals());
  });
}

function toOption({ flags, text, choices, required }: OptionSpec): Option {
  const option = new Option(flags, text);
  if (choices !== undefined) option.choices(choices);
  return required === true ? option.makeOptionMandatory() : option;
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(" ") + 1);
}

/** Of this package: the file stands beside both `src` and `dist`. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const isManifest = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isManifest ? String(manifest.version) : "unknown";
}
