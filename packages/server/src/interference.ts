import type { AnyCommand } from "@parsec/protocol";
import type { OrganizationId } from "@parsec/types";

/** A command that has come in, after authentication. */
export interface ReceivedCommand {
  readonly command: AnyCommand;
  /** Null for the families of the server as a whole. */
  readonly organizationId: OrganizationId | null;
  readonly request: unknown;
}

/** What stands between commands and their callers in a hostile server. Testbed only. */
export interface Interference {
  /** An answer of its own, or `undefined` to let the command run. */
  beforeCommand(received: ReceivedCommand): Promise<Response | undefined>;
  /** The reply to give in place of the command's. */
  afterCommand(received: ReceivedCommand, reply: unknown): Promise<unknown>;
}
