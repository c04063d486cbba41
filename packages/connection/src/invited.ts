import type { Command, FieldsOf, ReplyOf } from "@parsec/protocol";
import { type InvitationAddress, invitedEndpoint } from "@parsec/types";
import { type ConnectionOptions, type ConnectionPorts, connectionPorts } from "./options.ts";
import { type SendOptions, sendCommand } from "./rpc.ts";

export interface InvitedConnectionOptions extends ConnectionOptions {
  readonly address: InvitationAddress;
}

/** The holder of an invitation, before there is a device. */
export class InvitedConnection {
  readonly #address: InvitationAddress;
  readonly #ports: ConnectionPorts;

  constructor(options: InvitedConnectionOptions) {
    this.#address = options.address;
    this.#ports = connectionPorts(options);
  }

  /**
   * Sends a command once, and never again by itself.
   * @throws ConnectionError; the caller's abort as it is
   */
  send<C extends Command<"invited", string, unknown, unknown>>(
    command: C,
    fields: FieldsOf<C>,
    options: SendOptions = {},
  ): Promise<ReplyOf<C>> {
    const { userAgent } = this.#ports;
    const target = { url: invitedEndpoint(this.#address), token: this.#address.token, userAgent };
    return sendCommand(this.#ports, target, command, fields, options);
  }
}
