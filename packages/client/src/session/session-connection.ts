import { joinSignals, throwIfAborted } from "@parsec/base";
import { AuthenticatedConnection, type AuthenticatedConnectionOptions, type SendOptions } from "@parsec/connection";
import type { Command, FieldsOf, ReplyOf } from "@parsec/protocol";

/** A connection that ends with its session: what is under way rejects with the reason of `closed`, and so do later calls. */
export class SessionConnection extends AuthenticatedConnection {
  readonly #closed: AbortSignal;

  constructor(options: AuthenticatedConnectionOptions, closed: AbortSignal) {
    super(options);
    this.#closed = closed;
  }

  override async send<C extends Command<"authenticated" | "tos", string, unknown, unknown>>(
    command: C,
    fields: FieldsOf<C>,
    options: SendOptions = {},
  ): Promise<ReplyOf<C>> {
    const either = joinSignals(this.#closed, options.signal);
    try {
      throwIfAborted(either.signal);
      return await super.send(command, fields, { signal: either.signal });
    } finally {
      either.release();
    }
  }
}
