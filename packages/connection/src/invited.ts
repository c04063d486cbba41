import type { Command, FieldsOf, ReplyOf } from "@parsec/protocol";
import { type InvitationAddress, invitedEndpoint } from "@parsec/types";
import { type ConnectionOptions, type ConnectionPorts, connectionPorts } from "./options.ts";
import { checkSend, type SendOptions, sendCommand } from "./rpc.ts";

export interface InvitedConnectionOptions extends ConnectionOptions {
  readonly address: InvitationAddress;
}

/** The holder of an invitation, before there is a device. */
export class InvitedConnection {
  readonly #address: InvitationAddress;
  readonly #ports: ConnectionPorts;

  /** @throws InvalidArgumentError */
  constructor(options: InvitedConnectionOptions) {
    this.#ports = connectionPorts(options);
    this.#address = options.address;
  }

  /**
   * Sends a command once, and never again by itself.
   * @throws ConnectionError, InvalidArgumentError; the caller's abort as it is
   */
  async send<C extends Command<"invited", string, unknown, unknown>>(
    command: C,
    fields: FieldsOf<C>,
    options: SendOptions = {},
  ): Promise<ReplyOf<C>> {
    checkSend(command, fields, options);
    const { userAgent } = this.#ports;
    const target = { url: invitedEndpoint(this.#address), token: this.#address.token, userAgent };
    return sendCommand(this.#ports, target, command, fields, options);
  }
}
