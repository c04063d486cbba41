export type {
  ActionAddress,
  Address,
  AddressKind,
  AddressOf,
  AsyncEnrollmentAddress,
  BootstrapAddress,
  InvitationAddress,
  OrganizationAddress,
  PkiEnrollmentAddress,
  ServerAddress,
  TotpResetAddress,
  WorkspacePathAddress,
} from "./address.ts";
export {
  anonymousEndpoint,
  anonymousServerEndpoint,
  authenticatedAccountEndpoint,
  authenticatedEndpoint,
  invitedEndpoint,
} from "./endpoints.ts";
export { AddressError, type AddressErrorCode } from "./error.ts";
export { formatAddress, formatHttpUrl, formatRedirection } from "./format.ts";
export { isDefaultPort, type ServerLocation } from "./location.ts";
export {
  parseActionAddress,
  parseActionAddressInAnyForm,
  parseActionRedirection,
  parseAddress,
  parseAddressInAnyForm,
  parseAnyAddress,
  parseRedirection,
  parseServerHttpUrl,
} from "./parse.ts";
export { isSameAddress, ParsecAddr, serverAddress, toOrganizationAddress, toServerAddress } from "./server-address.ts";
