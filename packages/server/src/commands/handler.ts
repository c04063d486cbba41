import type { AnyCommand, Command, Family } from "@parsec/protocol";
import type { OrganizationId } from "@parsec/types";
import type { ClientInfo, ServerContext } from "../context.ts";
import {
  type AccountCaller,
  type AccountScope,
  type AuthorScope,
  accountScope,
  authorScope,
  type DeviceCaller,
  type InvitationCaller,
  type InvitedScope,
  invitedScope,
  type OrganizationCaller,
  type OrganizationScope,
  organizationScope,
  type Scope,
} from "./scope.ts";

/** A call from outside any transaction: commands that do more than the store use it. */
export interface Call<S extends Scope, Caller> {
  readonly server: ServerContext;
  readonly client: ClientInfo;
  readonly caller: Caller;
  /** One transaction. It commits when what it gives is not an error reply, or is wrapped in {@link Persisted}. */
  transaction<T>(run: (scope: S) => Promise<T | Persisted<T>>): Promise<T>;
}

/** An error reply whose transaction commits all the same: failed attempts are counted (spec 08a §7). */
export class Persisted<T> {
  readonly reply: T;

  constructor(reply: T) {
    this.reply = reply;
  }
}

/** One command, ready for the HTTP layer. `Caller` is who was authenticated. */
export interface Handler<Caller> {
  readonly command: AnyCommand;
  run(server: ServerContext, client: ClientInfo, caller: Caller, request: unknown): Promise<unknown>;
}

/** A command of the schema, waiting for what it does. */
interface Declaration<S extends Scope, Caller, Request, Reply> {
  /** The whole command is one transaction. */
  inTransaction(run: (scope: S, request: Request) => Promise<Reply | Persisted<Reply>>): Handler<Caller>;
  /** The command opens its transactions itself, and does something between or after them. */
  inSteps(run: (call: Call<S, Caller>, request: Request) => Promise<Reply>): Handler<Caller>;
}

function family<S extends Scope, Caller>(
  enter: (scope: Scope, caller: Caller) => Promise<S>,
  organizationOf: (caller: Caller) => OrganizationId | null,
) {
  return <Name extends string, Request, Reply>(
    command: Command<Family, Name, Request, Reply>,
  ): Declaration<S, Caller, Request, Reply> => {
    const inSteps = (run: (call: Call<S, Caller>, request: Request) => Promise<Reply>): Handler<Caller> => ({
      command,
      run: (server, client, caller, request) => {
        const transaction: Call<S, Caller>["transaction"] = (inside) =>
          server.store.transaction(
            async (tx) => {
              const result = await inside(await enter({ server, client, tx, now: server.now() }, caller));
              if (result instanceof Persisted) return { end: "commit", value: result.reply };
              return { end: isErrorReply(result) ? "rollback" : "commit", value: result };
            },
            { command: `${command.family}/${command.name}`, organizationId: organizationOf(caller) },
          );
        // The registry pairs each command with the request that its codec decoded.
        return run({ server, client, caller, transaction }, request as Request);
      },
    });
    return {
      inSteps,
      inTransaction: (run) => inSteps((call, request) => call.transaction<Reply>((scope) => run(scope, request))),
    };
  };
}

/** `not_ready` of a greeting step is no error: what the peer sent stays stored (spec 08a §7). */
function isErrorReply(result: unknown): boolean {
  if (typeof result !== "object" || result === null || !("status" in result)) return false;
  return result.status !== "ok" && result.status !== "not_ready";
}

const ofOrganization = ({ organizationId }: OrganizationCaller) => organizationId;
const ofServer = () => null;

export const authenticated = family<AuthorScope, DeviceCaller>(authorScope, ofOrganization);
export const invited = family<InvitedScope, InvitationCaller>(invitedScope, ofOrganization);
export const anonymous = family<OrganizationScope, OrganizationCaller>(organizationScope, ofOrganization);
export const anonymousServer = family<Scope, null>(async (scope) => scope, ofServer);
export const authenticatedAccount = family<AccountScope, AccountCaller>(accountScope, ofServer);
