import { serverConfig } from "@parsec/protocol";
import { anonymousServer } from "../handler.ts";

/** Spec 08b §2.1. It only informs: account commands work whatever it says. */
export const serverConfigHandler = anonymousServer(serverConfig).inTransaction(async ({ server: { config } }) => {
  const { account, advisoryDeviceFileProtection, cryptpadServerUrl, openbao, spontaneousBootstrap } = config;
  return {
    status: "ok",
    account,
    organizationBootstrap: spontaneousBootstrap ? "SPONTANEOUS" : "WITH_BOOTSTRAP_TOKEN",
    openbao:
      openbao === null
        ? { type: "DISABLED" }
        : {
            type: "ENABLED",
            serverUrl: openbao.serverUrl,
            secret: { type: "KV2", mountPath: openbao.secretMountPath },
            transitMountPath: openbao.transitMountPath,
            auths: openbao.auths,
          },
    cryptpad: cryptpadServerUrl === null ? { type: "DISABLED" } : { type: "ENABLED", serverUrl: cryptpadServerUrl },
    advisoryDeviceFileProtection,
  };
});
