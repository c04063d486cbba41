import { type Clock, type Diagnostics, joinSignals, Mutex, noDiagnostics, systemClock } from "@parsec/base";
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
  readonly #clock: Clock;
  readonly #mutex = new Mutex();
  /** Ends what is under way, and the waiting. */
  readonly #cut = new AbortController();
  #isOpen = true;
  #method: ActiveMethod;

  /** Takes the keys over: they are wiped at the end. */
  constructor(server: AccountServer, humanHandle: HumanHandle, keys: AuthMethodKeys) {
    this.server = server;
    this.humanHandle = humanHandle;
    this.#clock = server.clock ?? systemClock;
    this.diagnostics = server.diagnostics ?? noDiagnostics;
    this.#method = activeMethod(server, keys);
  }

  /** The method in use: after a change of password, the new one. */
  get authMethodId(): AuthMethodKeys["authMethodId"] {
    return this.#method.keys.authMethodId;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Runs an operation once those before it have ended, with options whose signal ends it with the login.
   * @throws AccountError LOGGED_OUT
   */
  async run<T>(
    task: (method: ActiveMethod, options: SendOptions) => Promise<T>,
    { signal: caller }: SendOptions,
  ): Promise<T> {
    const { signal, release } = joinSignals(this.#cut.signal, caller);
    const turn = () => {
      if (!this.#isOpen) throw new AccountError("LOGGED_OUT");
      return task(this.#method, { signal });
    };
    try {
      return await this.#mutex.run(turn, { signal });
    } finally {
      release();
    }
  }

  /**
   * An operation of one command.
   * @throws AccountError LOGGED_OUT; ConnectionError
   */
  send<C extends AccountCommand>(command: C, fields: FieldsOf<C>, options: SendOptions): Promise<ReplyOf<C>> {
    return this.run(({ connection }, joined) => connection.send(command, fields, joined), options);
  }

  /** Goes on with other keys, which it takes over; within an operation. */
  replaceMethod(keys: AuthMethodKeys): void {
    destroyKeys(this.#method.keys);
    this.#method = activeMethod(this.server, keys);
  }

  /**
   * Lets the operation under way finish, if it takes no longer than a moment, then wipes the keys. It ends with
   * LOGGED_OUT else, and so do those that wait. Idempotent.
   */
  async close(): Promise<void> {
    this.#isOpen = false;
    const timer = this.#clock.timer(graceMs, () => this.#cut.abort(new AccountError("LOGGED_OUT")));
    try {
      await this.#mutex.run(() => destroyKeys(this.#method.keys));
    } finally {
      timer.cancel();
    }
  }
}

/** A server that does not answer keeps nobody logged in, and no key in memory. */
const graceMs = 80;

function activeMethod(server: AccountServer, keys: AuthMethodKeys): ActiveMethod {
  const { authMethodId, macKey } = keys;
  return { keys, connection: new AccountConnection({ ...server, authMethodId, macKey }) };
}
