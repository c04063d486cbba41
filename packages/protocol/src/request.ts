import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import { DecodeError, decode, Str, struct } from "@parsec/types";
import { anonymousCommands } from "./anonymous/commands.ts";
import { anonymousServerCommands } from "./anonymous-server/commands.ts";
import { authenticatedCommands } from "./authenticated/commands.ts";
import { authenticatedAccountCommands } from "./authenticated-account/commands.ts";
import type { AnyCommand, RequestOf } from "./command.ts";
import type { Family } from "./family.ts";
import { invitedCommands } from "./invited/commands.ts";
import { tosCommands } from "./tos/commands.ts";

/** Every command by family and name. Clients do not need it: they import the commands that they send. */
export const commands = {
  authenticated: authenticatedCommands,
  tos: tosCommands,
  invited: invitedCommands,
  anonymous: anonymousCommands,
  anonymous_server: anonymousServerCommands,
  authenticated_account: authenticatedAccountCommands,
} as const;

/** The commands of a family, by their name on the wire. */
export type CommandsOf<F extends Family> = (typeof commands)[F];
/** One of the requests of a family, told apart by `cmd`. */
export type FamilyRequest<F extends Family> = F extends Family
  ? { [N in keyof CommandsOf<F>]: RequestOf<CommandsOf<F>[N]> }[keyof CommandsOf<F>]
  : never;

const CommandName = /* @__PURE__ */ struct({ cmd: Str });

/** The body is not a request of the family: HTTP 415 (spec 05 §6.2). */
export class BadRequestError extends ParsecError<"UNKNOWN_COMMAND" | "BAD_REQUEST"> {
  override readonly name: string = "BadRequestError";
  constructor(code: "UNKNOWN_COMMAND" | "BAD_REQUEST", options?: ParsecErrorOptions) {
    const what = code === "UNKNOWN_COMMAND" ? "The family has no such command" : "The body is not a valid request";
    super(code, `${what}: check the version of the client`, options);
  }
}

/** The command of a family with that name on the wire. */
export function findCommand(family: Family, name: string): AnyCommand | undefined {
  const known: Readonly<Record<string, AnyCommand>> = commands[family];
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

/**
 * The request in the body of a POST, with its command.
 * @throws BadRequestError
 */
export function decodeRequest<F extends Family>(family: F, body: Uint8Array): FamilyRequest<F> {
  try {
    const command = findCommand(family, decode(CommandName, body).cmd);
    if (command === undefined) throw new BadRequestError("UNKNOWN_COMMAND");
    // The registry says which type stands behind a name: the compiler cannot follow the look-up.
    return decode(command.request, body) as FamilyRequest<F>;
  } catch (cause) {
    if (cause instanceof DecodeError) throw new BadRequestError("BAD_REQUEST", { cause });
    throw cause;
  }
}
