import { AnonymousServerConnection, type Transport } from "@parsec/connection";
import { finishOpenBaoLogin, OpenBaoClient, startOpenBaoLogin } from "@parsec/device";
import { serverConfig } from "@parsec/protocol";
import type { RunningServer } from "@parsec/server";
import { parseAddress } from "@parsec/types";

const redirectUri = "https://app.example.com/oidc/callback";

/** Somebody with that address, signed in at the OpenBao of the testbed. */
export async function openBaoClientOf(
  server: RunningServer,
  transport: Transport,
  email: string,
): Promise<OpenBaoClient> {
  const connection = new AnonymousServerConnection({ transport, address: parseAddress("server", server.address) });
  const reply = await connection.send(serverConfig, {});
  if (reply.status !== "ok" || reply.openbao.type !== "ENABLED") throw new Error("no OpenBao");
  const { serverUrl, secret, transitMountPath, auths } = reply.openbao;
  const [auth] = auths;
  if (auth === undefined) throw new Error("no way to log in");
  const options = { transport, serverUrl, authMountPath: auth.mountPath };
  const page = await startOpenBaoLogin(options, redirectUri);
  const response = await fetch(`${page}&discriminant=${encodeURIComponent(email)}`, { redirect: "manual" });
  const landed = new URL(response.headers.get("location") ?? "");
  const [code, state] = [landed.searchParams.get("code"), landed.searchParams.get("state")];
  if (code === null || state === null) throw new Error("the page gave no code");
  const { token, entityId } = await finishOpenBaoLogin(options, { code, state });
  return new OpenBaoClient({
    transport,
    serverUrl,
    secretMountPath: secret.mountPath,
    transitMountPath,
    token,
    entityId,
  });
}
