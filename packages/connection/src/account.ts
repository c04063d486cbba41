import { requireMethods, requireText } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { type Command, createAccountToken, type FieldsOf, type ReplyOf } from "@parsec/protocol";
import { type AccountAuthMethodId, authenticatedAccountEndpoint, type ServerAddress } from "@parsec/types";
import { type ConnectionOptions, type ConnectionPorts, connectionPorts } from "./options.ts";
import { checkSend, type SendOptions, sendCommand } from "./rpc.ts";
import { TokenCache } from "./token-cache.ts";

export interface AccountConnectionOptions extends ConnectionOptions {
  readonly address: ServerAddress;
  readonly authMethodId: AccountAuthMethodId;
  readonly macKey: SecretKey;
}

/** The owner of an account, by one of its authentication methods. */
export class AccountConnection {
  readonly #address: ServerAddress;
  readonly #ports: ConnectionPorts;
  readonly #tokens: TokenCache;

  /** @throws InvalidArgumentError */
  constructor(options: AccountConnectionOptions) {
    this.#ports = connectionPorts(options);
    const { address, authMethodId, macKey } = options;
    requireText("authMethodId", authMethodId, { filled: true });
    requireMethods("macKey", macKey, "a SecretKey", "mac512");
    this.#address = address;
    this.#tokens = new TokenCache(this.#ports.clock, (now) => createAccountToken(authMethodId, macKey, now));
  }

  /**
   * Sends a command once, and never again by itself.
   * @throws ConnectionError, InvalidArgumentError, CryptoNotReadyError; the caller's abort as it is
   */
  async send<C extends Command<"authenticated_account", string, unknown, unknown>>(
    command: C,
    fields: FieldsOf<C>,
    options: SendOptions = {},
  ): Promise<ReplyOf<C>> {
    checkSend(command, fields, options);
    const { userAgent } = this.#ports;
    const target = { url: authenticatedAccountEndpoint(this.#address), token: this.#tokens.get(), userAgent };
    return sendCommand(this.#ports, target, command, fields, options);
  }
}
