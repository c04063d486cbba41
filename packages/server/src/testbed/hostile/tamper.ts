import type { AnyCommand, Command, Family } from "@parsec/protocol";
import type { OrganizationId } from "@parsec/types";
import type { BlockStore } from "../../block-store/port.ts";
import type { Store } from "../../store/port/store.ts";
import type { HostileRule } from "./rule.ts";

/** What a rule works with, to change one reply. */
export interface Tampering {
  readonly store: Store;
  readonly blockStore: BlockStore;
  readonly organizationId: OrganizationId;
  readonly rule: HostileRule;
}

/** How the replies of one command are changed. */
export interface Tamper {
  readonly command: AnyCommand;
  run(tampering: Tampering, request: unknown, reply: unknown): Promise<unknown>;
}

export function tamper<Name extends string, Request, Reply>(
  command: Command<Family, Name, Request, Reply>,
  change: (tampering: Tampering, request: Request, reply: Reply) => Promise<Reply>,
): Tamper {
  return {
    command,
    // The caller pairs the command with the request and the reply of its own codecs.
    run: (tampering, request, reply) => change(tampering, request as Request, reply as Reply),
  };
}

/** The bytes with the last one changed: a signature or an authentication tag no longer fits. */
export function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const last = copy.length - 1;
  if (last >= 0) copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}
