import { type Diagnostics, Mutex, noDiagnostics } from "@parsec/base";
import { AccountConnection, type SendOptions } from "@parsec/connection";
import type { Command, FieldsOf, ReplyOf } from "@parsec/protocol";
import type { HumanHandle } from "@parsec/types";
import { type AuthMethodKeys, destroyKeys } from "./auth-method-keys.ts";
import { AccountError } from "./errors.ts";
import type { AccountServer } from "./server.ts";

type AccountCommand = Command<"authenticated_account", string, unknown, unknown>;

/** The method in use, with its connection. */
export interface ActiveMethod {
  readonly keys: AuthMethodKeys;
  readonly connection: AccountConnection;
}

/**
 * A login: the method in use and its keys. One operation at a time, so that no request goes out with a method that
 * another operation is replacing, and no key is wiped while somebody uses it.
 */
export class AccountSession {
  readonly server: AccountServer;
  readonly humanHandle: HumanHandle;
  readonly diagnostics: Diagnostics;
  readonly #mutex = new Mutex();
  #method: ActiveMethod;
  #isOpen = true;

  /** Takes the keys over: they are wiped at the end. */
  constructor(server: AccountServer, humanHandle: HumanHandle, keys: AuthMethodKeys) {
    this.server = server;
    this.humanHandle = humanHandle;
    this.diagnostics = server.diagnostics ?? noDiagnostics;
    this.#method = activeMethod(server, keys);
  }

  /** The method in use: after a change of password, the new one. */
  get authMethodId(): AuthMethodKeys["authMethodId"] {
    return this.#method.keys.authMethodId;
  }

  /**
   * Runs an operation once those before it have ended.
   * @throws AccountError LOGGED_OUT
   */
  run<T>(task: (method: ActiveMethod) => Promise<T>, options: SendOptions): Promise<T> {
    return this.#mutex.run(() => {
      if (!this.#isOpen) throw new AccountError("LOGGED_OUT");
      return task(this.#method);
    }, options);
  }

  /**
   * An operation of one command.
   * @throws AccountError LOGGED_OUT; ConnectionError
   */
  send<C extends AccountCommand>(command: C, fields: FieldsOf<C>, options: SendOptions): Promise<ReplyOf<C>> {
    return this.run(({ connection }) => connection.send(command, fields, options), options);
  }

  /** Goes on with other keys, which it takes over; within an operation. */
  replaceMethod(keys: AuthMethodKeys): void {
    destroyKeys(this.#method.keys);
    this.#method = activeMethod(this.server, keys);
  }

  /** Lets the operation under way finish, then wipes the keys. Those that wait get LOGGED_OUT. Idempotent. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#mutex.run(() => destroyKeys(this.#method.keys));
  }
}

function activeMethod(server: AccountServer, keys: AuthMethodKeys): ActiveMethod {
  const { authMethodId, macKey } = keys;
  return { keys, connection: new AccountConnection({ ...server, authMethodId, macKey }) };
}
