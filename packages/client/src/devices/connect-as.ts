import { AnonymousConnection, type AnonymousConnectionOptions, AuthenticatedConnection } from "@parsec/connection";
import type { LocalDevice } from "@parsec/types";
import type { ParsecPorts } from "../ports.ts";

/** A device at its organization, outside of any session. */
export function connectAs(
  ports: ParsecPorts,
  device: LocalDevice,
  options: { readonly timeoutMs?: number } = {},
): AuthenticatedConnection {
  const { transport, clock, random, diagnostics } = ports;
  const { organizationId, rootVerifyKey, deviceId, signingKey } = device;
  const address = { ...device.serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  return new AuthenticatedConnection({
    transport,
    clock,
    random,
    diagnostics,
    address,
    deviceId,
    signingKey,
    ...options,
  });
}

/** Somebody whom the organization does not know (yet). */
export function connectAnonymously(
  { transport, clock, random, diagnostics }: ParsecPorts,
  address: AnonymousConnectionOptions["address"],
): AnonymousConnection {
  return new AnonymousConnection({ transport, clock, random, diagnostics, address });
}
