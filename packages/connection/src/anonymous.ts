import type { Command, FieldsOf, ReplyOf } from "@parsec/protocol";
import { anonymousEndpoint } from "@parsec/types";
import { type ConnectionOptions, type ConnectionPorts, connectionPorts } from "./options.ts";
import { checkSend, type SendOptions, sendCommand } from "./rpc.ts";

/** Any address that tells the organization. */
export type AnonymousAddress = Parameters<typeof anonymousEndpoint>[0];

export interface AnonymousConnectionOptions extends ConnectionOptions {
  readonly address: AnonymousAddress;
}

/** Somebody who knows the organization's id and no more. */
export class AnonymousConnection {
  readonly #address: AnonymousAddress;
  readonly #ports: ConnectionPorts;

  /** @throws InvalidArgumentError */
  constructor(options: AnonymousConnectionOptions) {
    this.#ports = connectionPorts(options);
    this.#address = options.address;
  }

  /**
   * Sends a command once, and never again by itself.
   * @throws ConnectionError, InvalidArgumentError; the caller's abort as it is
   */
  async send<C extends Command<"anonymous", string, unknown, unknown>>(
    command: C,
    fields: FieldsOf<C>,
    options: SendOptions = {},
  ): Promise<ReplyOf<C>> {
    checkSend(command, fields, options);
    const target = { url: anonymousEndpoint(this.#address), userAgent: this.#ports.userAgent };
    return sendCommand(this.#ports, target, command, fields, options);
  }
}
