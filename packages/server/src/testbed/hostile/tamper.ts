import type { AnyCommand, Command, Family } from "@parsec/protocol";
import type { OrganizationId } from "@parsec/types";
import type { BlockStore } from "../../block-store/port.ts";
import type { Store } from "../../store/port/store.ts";
import type { HostileRule } from "./rule.ts";

/** What a rule works with, to change one reply. */
export interface Tampering {
  readonly store: Store;
  readonly blockStore: BlockStore;
  readonly rule: HostileRule;
}

/** The same, for the commands of an organization. */
export interface OrganizationTampering extends Tampering {
  readonly organizationId: OrganizationId;
}

/** How the replies of one command are changed. `organizationId` is null for the families of the server as a whole. */
export interface Tamper {
  readonly command: AnyCommand;
  run(tampering: Tampering, organizationId: OrganizationId | null, request: unknown, reply: unknown): Promise<unknown>;
}

// The caller of `run` pairs the command with the request and the reply of its own codecs.

/** Changes the replies of a command of an organization. */
export function tamper<Name extends string, Request, Reply>(
  command: Command<Family, Name, Request, Reply>,
  change: (tampering: OrganizationTampering, request: Request, reply: Reply) => Promise<Reply>,
): Tamper {
  return {
    command,
    run: async (tampering, organizationId, request, reply) =>
      organizationId === null
        ? reply
        : await change({ ...tampering, organizationId }, request as Request, reply as Reply),
  };
}

/** Changes the replies of a command of the server as a whole. */
export function tamperServer<Name extends string, Request, Reply>(
  command: Command<Family, Name, Request, Reply>,
  change: (reply: Reply) => Reply,
): Tamper {
  return { command, run: async (_tampering, _organizationId, _request, reply) => change(reply as Reply) };
}

/** The bytes with the last one changed: a signature or an authentication tag no longer fits. */
export function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const last = copy.length - 1;
  if (last >= 0) copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}
