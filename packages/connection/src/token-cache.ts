import type { Clock } from "@parsec/base";
import { DateTime } from "@parsec/types";

/**
 * The token for each request of one owner. Tokens hold whole seconds and signatures are deterministic: within a second
 * the token of the last request is what a new one would be, and signing is most of the work of a small command.
 */
export class TokenCache {
  readonly #clock: Clock;
  readonly #create: (now: DateTime) => string;
  #last: { readonly seconds: number; readonly token: string } | undefined;

  constructor(clock: Clock, create: (now: DateTime) => string) {
    this.#clock = clock;
    this.#create = create;
  }

  get(): string {
    const micros = this.#clock.now();
    const seconds = Math.floor(micros / 1e6);
    if (this.#last?.seconds !== seconds) this.#last = { seconds, token: this.#create(DateTime.fromMicros(micros)) };
    return this.#last.token;
  }
}
