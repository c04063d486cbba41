import { requireArgument } from "@parsec/base";
import { AnonymousServerConnection, type ConnectionError } from "@parsec/connection";
import { type AdvisedProtection, parseAdvisedProtections } from "@parsec/device";
import { type AccountConfig, type OrganizationBootstrapConfig, type ReplyOf, serverConfig } from "@parsec/protocol";
import { AddressError, parseAddressInAnyForm, parseServerHttpUrl, type ServerAddress } from "@parsec/types";
import { requireOptions } from "../arguments.ts";
import { UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";

/** Ways of single sign-on that this version knows. */
const knownAuths = ["HEXAGONE", "PRO_CONNECT"] as const;
export type OpenBaoAuthId = (typeof knownAuths)[number];

/** How to reach the OpenBao server that keeps keys for single sign-on. */
export interface OpenBaoServer {
  readonly serverUrl: string;
  readonly secretMountPath: string;
  readonly transitMountPath: string;
  readonly auths: readonly { readonly id: OpenBaoAuthId; readonly mountPath: string }[];
}

/** What a server says of itself to anybody: for a login page. */
export interface ServerConfig {
  /** Whether it has accounts, and whether they have a vault. */
  readonly account: AccountConfig;
  /** How organizations come into being. */
  readonly organizationBootstrap: OrganizationBootstrapConfig;
  readonly openBao: OpenBaoServer | undefined;
  readonly cryptPad: { readonly serverUrl: string } | undefined;
  /** How devices should be protected; empty when all ways are fine. See `checkProtection` of `@parsec/device`. */
  readonly advisedProtections: readonly AdvisedProtection[];
  /** Such as `3`; `undefined` when something on the way hides it. */
  readonly serverVersion: string | undefined;
}

export type ServerConfigError = AddressError | ConnectionError | UnexpectedReplyError;

/**
 * Asks a server for its public configuration (spec 05 §13.5).
 * @throws ServerConfigError
 */
export async function fetchServerConfig(
  { transport, clock, random, diagnostics }: ParsecPorts,
  address: string | ServerAddress,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ServerConfig> {
  requireOptions(options);
  const parsed = serverAddressOf(address);
  const connection = new AnonymousServerConnection({ transport, clock, random, diagnostics, address: parsed });
  const reply = await connection.send(serverConfig, {}, options);
  if (reply.status !== "ok") throw new UnexpectedReplyError("server_config", reply.status);
  return { ...configOf(reply), serverVersion: versionOf(connection.serverVersion) };
}

/** A server as people write it: `parsec3://…`, or the address of its web site. */
export function serverAddressOf(address: string | ServerAddress): ServerAddress {
  if (typeof address !== "string") {
    const isParsed = typeof address === "object" && address?.kind === "server";
    requireArgument("address", address, "the address of a server", isParsed);
    return address;
  }
  try {
    return parseAddressInAnyForm("server", address);
  } catch (error) {
    if (error instanceof AddressError && /^https?:/i.test(address)) return parseServerHttpUrl(address);
    throw error;
  }
}

function configOf(reply: Extract<ReplyOf<typeof serverConfig>, { readonly status: "ok" }>) {
  const { account, organizationBootstrap, openbao, cryptpad, advisoryDeviceFileProtection } = reply;
  return {
    account,
    organizationBootstrap,
    openBao:
      openbao.type === "DISABLED"
        ? undefined
        : {
            serverUrl: openbao.serverUrl,
            secretMountPath: openbao.secret.mountPath,
            transitMountPath: openbao.transitMountPath ?? "transit",
            auths: openbao.auths.flatMap(({ id, mountPath }) => {
              const known = knownAuths.find((knownId) => knownId === id);
              return known === undefined ? [] : { id: known, mountPath };
            }),
          },
    cryptPad: cryptpad?.type === "ENABLED" ? { serverUrl: cryptpad.serverUrl } : undefined,
    advisedProtections: parseAdvisedProtections(advisoryDeviceFileProtection ?? []),
  };
}

/** `parsec/3` in the header `Server`. */
function versionOf(server: string | undefined): string | undefined {
  return /^parsec\/(\S+)$/.exec(server ?? "")?.[1];
}
