import { createHash } from "node:crypto";
import { ParsecError, toBase64, toHex } from "@parsec/base";
import type { VerifyKey } from "@parsec/crypto";
import { UserId } from "@parsec/types";
import type { Route, RouteHandler } from "../../http/app.ts";
import { readBody } from "../../http/body.ts";
import { headerOf } from "../../http/client-info.ts";
import { JsonFieldError, JsonFields, jsonBytes, jsonCount, jsonText } from "../../http/json-fields.ts";
import type { HttpContext } from "../../http/request.ts";
import { jsonResponse } from "../../http/response.ts";
import type { Faults } from "../faults.ts";
import { withRefusals } from "./refusals.ts";
import type { FakeVault } from "./vault.ts";

const mock = "/testbed/mock";
const openbao = `${mock}/openbao/v1`;
const bodyLimit = 1024 * 1024;
const signaturePrefix = "vault:v1:";

/** A fake OpenBao with single sign-on, for clients' tests (spec 08c §9.1). It refuses when told to. */
export function openBaoRoutes(vault: FakeVault, faults: Faults): readonly Route[] {
  return [...withRefusals(vaultRoutes(vault), faults), { path: `${mock}/sso/authorize`, methods: { GET: authorize } }];
}

function vaultRoutes(vault: FakeVault): readonly Route[] {
  return [
    { path: `${openbao}/auth/token/lookup-self`, methods: { GET: withEntity(lookupSelf) } },
    {
      path: `${openbao}/secret/data/*`,
      methods: {
        GET: withEntity((entityId, c) => readSecret(vault, entityId, c)),
        POST: withEntity((entityId, c) => writeSecret(vault, entityId, c)),
      },
    },
    { path: `${openbao}/auth/*`, methods: { GET: oidcCallback, POST: oidcAuthUrl } },
    {
      path: `${openbao}/transit/keys/:name`,
      methods: { POST: withEntity((entityId, c) => createKey(vault, entityId, c)) },
    },
    {
      path: `${openbao}/transit/sign/:name`,
      methods: { POST: withEntity((entityId, c) => sign(vault, entityId, c)) },
    },
    { path: `${openbao}/transit/verify/:name`, methods: { POST: withEntity((_entityId, c) => verify(vault, c)) } },
    { path: `${openbao}/identity/entity/id/:id`, methods: { GET: withEntity(entityAlias) } },
  ];
}

type EntityHandler = (entityId: string, c: HttpContext) => Promise<Response>;

/** The entity is told from the token: the same token is always the same entity. */
function withEntity(handle: EntityHandler): RouteHandler {
  return async (_server, c) => {
    const token = headerOf(c.env.incoming, "x-vault-token");
    if (token === undefined || !token.startsWith("s.")) return errors(403, "permission denied");
    try {
      return await handle(entityOf(token), c);
    } catch (error) {
      if (error instanceof JsonFieldError) return errors(400, error.message);
      throw error;
    }
  };
}

function entityOf(token: string): string {
  const digest = createHash("sha256").update(token).digest();
  return UserId.display(UserId.fromBytes(digest.subarray(0, 16)) ?? UserId.generate());
}

function errors(status: number, ...messages: readonly string[]): Response {
  return jsonResponse(status, { errors: messages });
}

async function bodyOf(c: HttpContext): Promise<JsonFields> {
  return JsonFields.parse(new TextDecoder().decode(await readBody(c.env.incoming, bodyLimit)));
}

async function lookupSelf(entityId: string): Promise<Response> {
  return jsonResponse(200, { data: { entity_id: entityId } });
}

/** Percent-decoded: a slash may be written either way. */
function secretPath(c: HttpContext): string {
  const { pathname } = new URL(c.req.url);
  return decodeURIComponent(pathname.slice(`${openbao}/secret/data/`.length));
}

async function readSecret(vault: FakeVault, entityId: string, c: HttpContext): Promise<Response> {
  const versions = vault.versions(entityId, secretPath(c));
  if (versions.length === 0) return errors(404);
  return jsonResponse(200, { data: { data: versions.at(-1), metadata: { version: versions.length } } });
}

async function writeSecret(vault: FakeVault, entityId: string, c: HttpContext): Promise<Response> {
  const fields = await bodyOf(c);
  const data = fields.required("data", (value) => value);
  const expected = fields.optional("option", (value) => new JsonFields(value))?.optional("cas", jsonCount);
  const path = secretPath(c);
  if (expected !== undefined && expected !== vault.versions(entityId, path).length) {
    return errors(409, "check-and-set parameter did not match the current version");
  }
  return jsonResponse(200, { data: { version: vault.write(entityId, path, data) } });
}

async function oidcAuthUrl(_server: unknown, c: HttpContext): Promise<Response> {
  const { pathname, origin } = new URL(c.req.url);
  if (!pathname.endsWith("/oidc/auth_url")) return errors(404);
  try {
    const redirectUri = (await bodyOf(c)).required("redirect_uri", jsonText);
    const authUrl = `${origin}${mock}/sso/authorize?redirect_uri=${encodeURIComponent(redirectUri)}`;
    return jsonResponse(200, { data: { auth_url: authUrl } });
  } catch (error) {
    if (error instanceof JsonFieldError) return errors(400, error.message);
    throw error;
  }
}

async function oidcCallback(_server: unknown, c: HttpContext): Promise<Response> {
  if (!new URL(c.req.url).pathname.endsWith("/oidc/callback")) return errors(404);
  const [state, code] = [c.req.query("state"), c.req.query("code")];
  if (state === undefined || code === undefined) return errors(400, "missing state or code");
  const token = `s.${code}`;
  return jsonResponse(200, { auth: { client_token: token, entity_id: entityOf(token) } });
}

/** The page on which a person would sign in: here it always works, or never with `expect=ko`. */
async function authorize(_server: unknown, c: HttpContext): Promise<Response> {
  const redirectUri = c.req.query("redirect_uri");
  if (redirectUri === undefined || !URL.canParse(redirectUri)) return errors(400, "missing redirect_uri");
  if (c.req.query("expect") === "ko") return errors(403, "access denied");
  const discriminant = c.req.query("discriminant") ?? "alice@example.com";
  const code = toHex(createHash("sha256").update(discriminant).digest());
  const iss = encodeURIComponent(`${new URL(c.req.url).origin}${mock}/sso`);
  const location = `${redirectUri}?code=${code}&state=st_0123456789abcdef&iss=${iss}`;
  return new Response(null, { status: 302, headers: { Location: location } });
}

/** `entity-<id>`, in the path of the signing routes. */
function keyName(c: HttpContext): string {
  return (c.req.param("name") ?? "").replace(/^entity-/, "");
}

async function createKey(vault: FakeVault, entityId: string, c: HttpContext): Promise<Response> {
  if (keyName(c) !== entityId) return errors(403, "permission denied");
  vault.createKey(entityId);
  return jsonResponse(200, { data: { name: `entity-${entityId}`, type: "ed25519" } });
}

async function sign(vault: FakeVault, entityId: string, c: HttpContext): Promise<Response> {
  if (keyName(c) !== entityId) return errors(403, "permission denied");
  const input = (await bodyOf(c)).required("input", jsonBytes);
  const key = vault.key(entityId);
  if (key === undefined) return errors(400, "signing key not found");
  return jsonResponse(200, { data: { signature: `${signaturePrefix}${toBase64(key.signDetached(input))}` } });
}

async function verify(vault: FakeVault, c: HttpContext): Promise<Response> {
  const fields = await bodyOf(c);
  const input = fields.required("input", jsonBytes);
  const text = fields.required("signature", jsonText);
  const key = vault.key(keyName(c));
  if (key === undefined) return errors(400, "signature verification key not found");
  const signature = text.startsWith(signaturePrefix) ? jsonBytes(text.slice(signaturePrefix.length)) : undefined;
  const valid = signature !== undefined && isSigned(key.verifyKey, signature, input);
  return jsonResponse(200, { data: { valid } });
}

function isSigned(key: VerifyKey, signature: Uint8Array, input: Uint8Array): boolean {
  try {
    key.verifyDetached(signature, input);
    return true;
  } catch (error) {
    if (ParsecError.is(error)) return false;
    throw error;
  }
}

async function entityAlias(_entityId: string, c: HttpContext): Promise<Response> {
  const id = c.req.param("id") ?? "";
  return jsonResponse(200, { data: { id, aliases: [{ name: `${id}@example.invalid` }] } });
}
