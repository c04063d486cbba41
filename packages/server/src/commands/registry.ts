import type { Family } from "@parsec/protocol";
import { anonymousHandlers } from "./anonymous/index.ts";
import { anonymousServerHandlers } from "./anonymous-server/index.ts";
import { authenticatedHandlers } from "./authenticated/index.ts";
import { authenticatedAccountHandlers } from "./authenticated-account/index.ts";
import type { Handler } from "./handler.ts";
import { invitedHandlers } from "./invited/index.ts";
import type { AccountCaller, DeviceCaller, InvitationCaller, OrganizationCaller } from "./scope.ts";
import { tosHandlers } from "./tos/index.ts";

/** Who calls the commands of each family, once authenticated. */
export interface CallerOf {
  readonly authenticated: DeviceCaller;
  readonly tos: DeviceCaller;
  readonly invited: InvitationCaller;
  readonly anonymous: OrganizationCaller;
  readonly anonymous_server: null;
  readonly authenticated_account: AccountCaller;
}

type Registry = { readonly [F in Family]: ReadonlyMap<string, Handler<CallerOf[F]>> };

function byName<Caller>(handlers: readonly Handler<Caller>[]): ReadonlyMap<string, Handler<Caller>> {
  return new Map(handlers.map((handler) => [handler.command.name, handler]));
}

/** Every command, by family and name on the wire. */
export const registry: Registry = {
  authenticated: byName(authenticatedHandlers),
  tos: byName(tosHandlers),
  invited: byName(invitedHandlers),
  anonymous: byName(anonymousHandlers),
  anonymous_server: byName(anonymousServerHandlers),
  authenticated_account: byName(authenticatedAccountHandlers),
};

/** The handler of a command, if the family has it. `ping` exists only in debug mode (spec 08a §1.6). */
export function findHandler<F extends Family>(
  family: F,
  name: string,
  { debug }: { readonly debug: boolean },
): Handler<CallerOf[F]> | undefined {
  return name === "ping" && !debug ? undefined : registry[family].get(name);
}
