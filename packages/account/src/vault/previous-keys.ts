import type { SendOptions } from "@parsec/connection";
import type { EmailAddress, UntrustedPasswordAlgorithm } from "@parsec/types";
import { type AuthMethodKeys, destroyKeys, existingPasswordKeys, keysOf } from "../auth-method-keys.ts";
import type { NewCredentials } from "../credentials.ts";

/** The keys that former credentials give, for the parameters that the server remembers. Each is derived once. */
export class PreviousKeys {
  readonly #credentials: NewCredentials;
  readonly #email: EmailAddress;
  readonly #options: SendOptions;
  readonly #derived = new Map<string, AuthMethodKeys>();

  constructor(credentials: NewCredentials, email: EmailAddress, options: SendOptions) {
    this.#credentials = credentials;
    this.#email = email;
    this.#options = options;
  }

  /**
   * `undefined` when a method of these parameters cannot be of these credentials. `null` is a method without password.
   * @throws AccountError BAD_PASSWORD_ALGORITHM
   */
  async forAlgorithm(algorithm: UntrustedPasswordAlgorithm | null): Promise<AuthMethodKeys | undefined> {
    const isPassword = "password" in this.#credentials;
    if (isPassword !== (algorithm !== null)) return undefined;
    const id = JSON.stringify(algorithm);
    const keys = this.#derived.get(id) ?? (await this.#derive(algorithm));
    if (keys !== undefined) this.#derived.set(id, keys);
    return keys;
  }

  async #derive(algorithm: UntrustedPasswordAlgorithm | null): Promise<AuthMethodKeys | undefined> {
    if ("masterSecret" in this.#credentials) return keysOf(this.#credentials.masterSecret);
    if (algorithm === null) return undefined;
    return existingPasswordKeys(this.#credentials.password, this.#email, algorithm, this.#options);
  }

  destroy(): void {
    for (const keys of this.#derived.values()) destroyKeys(keys);
  }
}
