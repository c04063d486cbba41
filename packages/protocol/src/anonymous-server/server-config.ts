import { type Infer, list, literals, optional, Str, struct, taggedUnion } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Whether the server has accounts, and whether they have a vault. */
export const AccountConfig = /* @__PURE__ */ literals(["DISABLED", "ENABLED_WITH_VAULT", "ENABLED_WITHOUT_VAULT"]);
export type AccountConfig = Infer<typeof AccountConfig>;

/** How organizations come into being. */
export const OrganizationBootstrapConfig = /* @__PURE__ */ literals(["WITH_BOOTSTRAP_TOKEN", "SPONTANEOUS"]);
export type OrganizationBootstrapConfig = Infer<typeof OrganizationBootstrapConfig>;

/** The secret engine of OpenBao in use. */
export const OpenBaoSecretConfig = /* @__PURE__ */ taggedUnion("type", {
  KV2: { mountPath: Str },
});
export type OpenBaoSecretConfig = Infer<typeof OpenBaoSecretConfig>;

/** A way to log in to OpenBao. Ids that this version does not know are to be left out. */
export const OpenBaoAuthConfig = /* @__PURE__ */ struct({ id: Str, mountPath: Str });
export type OpenBaoAuthConfig = Infer<typeof OpenBaoAuthConfig>;

/** The OpenBao server that keeps keys for single sign-on; `transitMountPath` is `transit` when absent. */
export const OpenBaoConfig = /* @__PURE__ */ taggedUnion("type", {
  DISABLED: {},
  ENABLED: {
    serverUrl: Str,
    secret: OpenBaoSecretConfig,
    transitMountPath: /* @__PURE__ */ optional(Str),
    auths: /* @__PURE__ */ list(OpenBaoAuthConfig),
  },
});
export type OpenBaoConfig = Infer<typeof OpenBaoConfig>;

/** The CryptPad server that edits documents. */
export const CryptPadConfig = /* @__PURE__ */ taggedUnion("type", {
  DISABLED: {},
  ENABLED: { serverUrl: Str },
});
export type CryptPadConfig = Infer<typeof CryptPadConfig>;

/** Tells the settings of the server as a whole. Since API 5.3 (spec 05 §13.5). */
export const serverConfig = /* @__PURE__ */ command("anonymous_server", "server_config", () => ({
  revision: 3,
  request: {},
  replies: {
    ok: {
      account: AccountConfig,
      organizationBootstrap: OrganizationBootstrapConfig,
      openbao: OpenBaoConfig,
      cryptpad: optional(CryptPadConfig),
      advisoryDeviceFileProtection: optional(list(Str)),
    },
  },
}));
export type ServerConfigRequest = RequestOf<typeof serverConfig>;
export type ServerConfigReply = ReplyOf<typeof serverConfig>;
