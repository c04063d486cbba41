import { requireObject, requireText } from "@parsec/base";
import { callUrl, type OpenBaoHttpOptions, openBaoUrl, requireHttp, textAt } from "./http.ts";

// Single sign-on (OpenID Connect) through OpenBao (spec 06 §12): ask for the page of the identity provider, show it to
// the user, take `code` and `state` from the address that it redirects to, and exchange them for a token.

export interface OpenBaoLoginOptions extends OpenBaoHttpOptions {
  /** Mount path of the authentication, such as `auth/hexagone`: from the server's configuration. */
  readonly authMountPath: string;
  readonly signal?: AbortSignal | undefined;
}

/** Who logged in. The token is a secret, and expires. */
export interface OpenBaoLogin {
  readonly token: string;
  readonly entityId: string;
}

/**
 * The address of the page where the user signs in; it then redirects to `redirectUri` with `code` and `state`.
 * @throws OpenBaoError
 */
export async function startOpenBaoLogin(options: OpenBaoLoginOptions, redirectUri: string): Promise<string> {
  requireLogin(options);
  requireText("redirectUri", redirectUri, { filled: true });
  const url = `${authUrl(options)}/oidc/auth_url`;
  const body = { role: "default", redirect_uri: redirectUri };
  return textAt(await callUrl(options, url, { body, signal: options.signal }), "data", "auth_url");
}

/**
 * Ends the login with what the identity provider gave to `redirectUri`.
 * @throws OpenBaoError
 */
export async function finishOpenBaoLogin(
  options: OpenBaoLoginOptions,
  answer: { readonly code: string; readonly state: string },
): Promise<OpenBaoLogin> {
  requireLogin(options);
  requireObject("answer", answer);
  const { code, state } = answer;
  requireText("answer.code", code);
  requireText("answer.state", state);
  const url = `${authUrl(options)}/oidc/callback?${new URLSearchParams({ code, state })}`;
  const reply = await callUrl(options, url, { signal: options.signal });
  return { token: textAt(reply, "auth", "client_token"), entityId: textAt(reply, "auth", "entity_id") };
}

function requireLogin(options: OpenBaoLoginOptions): void {
  requireHttp(options);
  requireText("options.authMountPath", options.authMountPath, { filled: true });
}

/** The mount path stands in the URL as it is, its slashes not escaped. */
function authUrl({ serverUrl, authMountPath }: OpenBaoLoginOptions): string {
  return `${openBaoUrl(serverUrl, []).href}/${authMountPath}`;
}
