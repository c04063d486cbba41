import { SettableClock } from "@parsec/base";
import { SecretKey, SigningKey } from "@parsec/crypto";
import type { AnyCommand, Family } from "@parsec/protocol";
import { AccessToken, AccountAuthMethodId, type DateTime, DeviceId, parseServerHttpUrl } from "@parsec/types";
import {
  AccountConnection,
  AnonymousConnection,
  AnonymousServerConnection,
  AuthenticatedConnection,
  InvitedConnection,
  type Transport,
} from "../../src/index.ts";
import { startOfTests } from "./device.ts";
import { organizationAt } from "./organization-address.ts";

export interface Anybody {
  readonly organizationId?: string | undefined;
  /** Of the device, or of the authentication method. */
  readonly id?: string | undefined;
  readonly invitationToken?: string | undefined;
  readonly now?: DateTime | undefined;
}

/** Sends any command of a family through the connection of that family: types are checked elsewhere. */
export type SendAny = (command: AnyCommand, request: object) => Promise<unknown>;

/** The connection of each family, to the server at `url`, with keys made up. */
export function connectAs(family: Family, url: string, transport: Transport, who: Anybody = {}): SendAny {
  const common = { transport, clock: new SettableClock(who.now ?? startOfTests) };
  const server = parseServerHttpUrl(url);
  const organization = organizationAt(url, who.organizationId);
  const connection = {
    authenticated: () => new AuthenticatedConnection({ ...common, ...device(who), address: organization }),
    tos: () => new AuthenticatedConnection({ ...common, ...device(who), address: organization }),
    invited: () =>
      new InvitedConnection({
        ...common,
        address: {
          ...organization,
          kind: "invitation",
          invitationType: "USER",
          token: AccessToken.parse(who.invitationToken ?? "0".repeat(32)),
        },
      }),
    anonymous: () => new AnonymousConnection({ ...common, address: organization }),
    anonymous_server: () => new AnonymousServerConnection({ ...common, address: server }),
    authenticated_account: () => new AccountConnection({ ...common, ...account(who), address: server }),
  }[family]();
  // Each connection takes the commands of its own family: the test hands over one of these.
  const send = connection.send.bind(connection) as unknown as (command: AnyCommand, fields: object) => Promise<unknown>;
  return send;
}

function device({ id = "" }: Anybody) {
  return { deviceId: DeviceId.parse(id) ?? DeviceId.generate(), signingKey: SigningKey.generate() };
}

function account({ id = "" }: Anybody) {
  return {
    authMethodId: AccountAuthMethodId.parse(id) ?? AccountAuthMethodId.generate(),
    macKey: SecretKey.generate(),
  };
}
