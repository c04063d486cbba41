import { AccessToken } from "../access-token.ts";
import { type Codec, Index, nullable, tuple } from "../codec/index.ts";
import type { InvitationType } from "../enumerations.ts";
import { UserId, VlobId } from "../ids.ts";
import { VerifyKeyCodec } from "../keys.ts";
import { OrganizationId, OrganizationIdError } from "../organization-id.ts";
import type { Address, AddressKind, AddressOf } from "./address.ts";
import { AddressError } from "./error.ts";
import type { ServerLocation } from "./location.ts";
import { type AddressParts, singleParam } from "./parts.ts";
import { BytesAsInts, decodePayload, encodePayload } from "./payload.ts";

/** What tells one kind of address from the others. */
export interface KindRules<A extends Address> {
  /** @throws AddressError */
  load(parts: AddressParts): A;
  /** The query parameters, in the order of the canonical form. */
  query(address: A): Readonly<Record<string, string>>;
}

/** An address of an organization: the fields that all kinds share, and those that `p` holds. */
interface Base extends ServerLocation {
  readonly organizationId: OrganizationId;
}

const server: KindRules<AddressOf<"server">> = {
  load: ({ location, path }) => {
    if (path !== "") throw new AddressError("SHOULD_NOT_HAVE_A_PATH", "The address of a server has no path");
    return { kind: "server", ...location };
  },
  query: () => ({}),
};

const organization: KindRules<AddressOf<"organization">> = {
  load: (parts) => ({
    kind: "organization",
    ...loadBase(parts),
    rootVerifyKey: loadPayload(VerifyKeyCodec, parts),
  }),
  query: ({ rootVerifyKey }) => ({ p: encodePayload(VerifyKeyCodec, rootVerifyKey) }),
};

const optionalToken = nullable(AccessToken);

const bootstrap: KindRules<AddressOf<"organization_bootstrap">> = {
  load: (parts) => ({
    kind: "organization_bootstrap",
    ...loadActionBase(parts, "bootstrap_organization"),
    token: loadPayload(optionalToken, parts),
  }),
  query: ({ token }) => ({ a: "bootstrap_organization", p: encodePayload(optionalToken, token) }),
};

const pathPayload = tuple(VlobId, Index, BytesAsInts);

const workspacePath: KindRules<AddressOf<"workspace_path">> = {
  load: (parts) => {
    const base = loadActionBase(parts, "path");
    const [workspaceId, keyIndex, encryptedPath] = loadPayload(pathPayload, parts);
    return { kind: "workspace_path", ...base, workspaceId, keyIndex, encryptedPath };
  },
  query: ({ workspaceId, keyIndex, encryptedPath }) => ({
    a: "path",
    p: encodePayload(pathPayload, [workspaceId, keyIndex, encryptedPath]),
  }),
};

const claimActions: Readonly<Record<InvitationType, string>> = {
  USER: "claim_user",
  DEVICE: "claim_device",
  SHAMIR_RECOVERY: "claim_shamir_recovery",
};
const claimTypes: ReadonlyMap<string, InvitationType> = new Map([
  [claimActions.USER, "USER"],
  [claimActions.DEVICE, "DEVICE"],
  [claimActions.SHAMIR_RECOVERY, "SHAMIR_RECOVERY"],
]);

const invitation: KindRules<AddressOf<"invitation">> = {
  load: (parts) => {
    const base = loadBase(parts);
    const invitationType = claimTypes.get(singleParam(parts.params, "a"));
    if (invitationType === undefined) throw invalidAction();
    return { kind: "invitation", ...base, invitationType, token: loadPayload(AccessToken, parts) };
  },
  query: ({ invitationType, token }) => ({ a: claimActions[invitationType], p: encodePayload(AccessToken, token) }),
};

const asyncEnrollment: KindRules<AddressOf<"async_enrollment">> = {
  load: (parts) => ({ kind: "async_enrollment", ...loadActionBase(parts, "async_enrollment") }),
  query: () => ({ a: "async_enrollment" }),
};

const pkiEnrollment: KindRules<AddressOf<"pki_enrollment">> = {
  load: (parts) => ({ kind: "pki_enrollment", ...loadActionBase(parts, "pki_enrollment") }),
  query: () => ({ a: "pki_enrollment" }),
};

const resetPayload = tuple(UserId, AccessToken);

const totpReset: KindRules<AddressOf<"totp_reset">> = {
  load: (parts) => {
    const base = loadActionBase(parts, "totp_reset");
    const [userId, token] = loadPayload(resetPayload, parts);
    return { kind: "totp_reset", ...base, userId, token };
  },
  query: ({ userId, token }) => ({ a: "totp_reset", p: encodePayload(resetPayload, [userId, token]) }),
};

/** The rules of spec 03 §5.1. */
export const kinds: { readonly [Kind in AddressKind]: KindRules<AddressOf<Kind>> } = {
  server,
  organization,
  organization_bootstrap: bootstrap,
  workspace_path: workspacePath,
  invitation,
  async_enrollment: asyncEnrollment,
  totp_reset: totpReset,
  pki_enrollment: pkiEnrollment,
};

function loadBase({ location, path }: AddressParts): Base {
  return { ...location, organizationId: loadOrganizationId(path) };
}

function loadActionBase(parts: AddressParts, action: string): Base {
  const base = loadBase(parts);
  if (singleParam(parts.params, "a") !== action) throw invalidAction();
  return base;
}

function loadOrganizationId(path: string): OrganizationId {
  try {
    return OrganizationId.parse(decodeURIComponent(path));
  } catch (error) {
    // A `URIError` is a percent-encoding that is not UTF-8.
    if (!(error instanceof OrganizationIdError || error instanceof URIError)) throw error;
    throw new AddressError("INVALID_ORGANIZATION_ID", "The path is not an organization id");
  }
}

function loadPayload<T>(codec: Codec<T>, { params }: AddressParts): T {
  return decodePayload(codec, singleParam(params, "p"));
}

function invalidAction(): AddressError {
  return new AddressError("INVALID_PARAM_VALUE", "The parameter a is not that of this kind of address", { param: "a" });
}
