import type { Command, FieldsOf, ReplyOf } from "@parsec/protocol";
import { anonymousServerEndpoint, type ServerAddress } from "@parsec/types";
import { type ConnectionOptions, type ConnectionPorts, connectionPorts } from "./options.ts";
import { checkSend, type SendOptions, sendCommand } from "./rpc.ts";

export interface AnonymousServerConnectionOptions extends ConnectionOptions {
  readonly address: ServerAddress;
}

/** Somebody who knows the server and no more. */
export class AnonymousServerConnection {
  readonly #address: ServerAddress;
  readonly #ports: ConnectionPorts;
  #serverVersion: string | undefined;

  /** @throws InvalidArgumentError */
  constructor(options: AnonymousServerConnectionOptions) {
    this.#ports = connectionPorts(options);
    this.#address = options.address;
  }

  /** What the server calls itself in its last answer, such as `parsec/3` (spec 05 §9). */
  get serverVersion(): string | undefined {
    return this.#serverVersion;
  }

  /**
   * Sends a command once, and never again by itself.
   * @throws ConnectionError, InvalidArgumentError; the caller's abort as it is
   */
  async send<C extends Command<"anonymous_server", string, unknown, unknown>>(
    command: C,
    fields: FieldsOf<C>,
    options: SendOptions = {},
  ): Promise<ReplyOf<C>> {
    checkSend(command, fields, options);
    const target = { url: anonymousServerEndpoint(this.#address), userAgent: this.#ports.userAgent };
    return sendCommand(this.#ports, target, command, fields, {
      ...options,
      onHead: ({ header }) => {
        this.#serverVersion = header("server") ?? this.#serverVersion;
      },
    });
  }
}
