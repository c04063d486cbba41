import type { SecretKey } from "@parsec/crypto";
import { type Command, createAccountToken, type FieldsOf, type ReplyOf } from "@parsec/protocol";
import { type AccountAuthMethodId, authenticatedAccountEndpoint, DateTime, type ServerAddress } from "@parsec/types";
import { type ConnectionOptions, type ConnectionPorts, connectionPorts } from "./options.ts";
import { type SendOptions, sendCommand } from "./rpc.ts";

export interface AccountConnectionOptions extends ConnectionOptions {
  readonly address: ServerAddress;
  readonly authMethodId: AccountAuthMethodId;
  readonly macKey: SecretKey;
}

/** The owner of an account, by one of its authentication methods. */
export class AccountConnection {
  readonly #options: AccountConnectionOptions;
  readonly #ports: ConnectionPorts;

  constructor(options: AccountConnectionOptions) {
    this.#options = options;
    this.#ports = connectionPorts(options);
  }

  /**
   * Sends a command once, and never again by itself.
   * @throws ConnectionError, CryptoNotReadyError; the caller's abort as it is
   */
  async send<C extends Command<"authenticated_account", string, unknown, unknown>>(
    command: C,
    fields: FieldsOf<C>,
    options: SendOptions = {},
  ): Promise<ReplyOf<C>> {
    const { address, authMethodId, macKey } = this.#options;
    const target = {
      url: authenticatedAccountEndpoint(address),
      token: createAccountToken(authMethodId, macKey, DateTime.now(this.#ports.clock)),
      userAgent: this.#ports.userAgent,
    };
    return sendCommand(this.#ports, target, command, fields, options);
  }
}
