import type { VerifyKey } from "@parsec/crypto";
import type { AccessToken } from "../access-token.ts";
import type { InvitationType } from "../enumerations.ts";
import type { UserId, VlobId } from "../ids.ts";
import type { OrganizationId } from "../organization-id.ts";
import type { ServerLocation } from "./location.ts";

interface OfServer<Kind extends string> extends ServerLocation {
  readonly kind: Kind;
}

interface OfOrganization<Kind extends string> extends OfServer<Kind> {
  readonly organizationId: OrganizationId;
}

export interface ServerAddress extends OfServer<"server"> {}

export interface OrganizationAddress extends OfOrganization<"organization"> {
  readonly rootVerifyKey: VerifyKey;
}

/** Creates the organization; `token` is null where the server lets anybody do so. */
export interface BootstrapAddress extends OfOrganization<"organization_bootstrap"> {
  readonly token: AccessToken | null;
}

/** A file or a folder. Its path is encrypted with the realm key of that index, so that the server cannot read it. */
export interface WorkspacePathAddress extends OfOrganization<"workspace_path"> {
  readonly workspaceId: VlobId;
  readonly keyIndex: number;
  readonly encryptedPath: Uint8Array;
}

export interface InvitationAddress extends OfOrganization<"invitation"> {
  readonly invitationType: InvitationType;
  readonly token: AccessToken;
}

export interface AsyncEnrollmentAddress extends OfOrganization<"async_enrollment"> {}

export interface PkiEnrollmentAddress extends OfOrganization<"pki_enrollment"> {}

export interface TotpResetAddress extends OfOrganization<"totp_reset"> {
  readonly userId: UserId;
  readonly token: AccessToken;
}

/** An address whose opening asks for something to be done (spec 03 §5.4). */
export type ActionAddress =
  | BootstrapAddress
  | WorkspacePathAddress
  | InvitationAddress
  | AsyncEnrollmentAddress
  | TotpResetAddress
  | PkiEnrollmentAddress;

/** Any address of spec 03 §5.1, told apart by `kind`. */
export type Address = ServerAddress | OrganizationAddress | ActionAddress;
export type AddressKind = Address["kind"];
export type AddressOf<Kind extends AddressKind> = Extract<Address, { readonly kind: Kind }>;
