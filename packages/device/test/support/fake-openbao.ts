import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** An OpenBao for tests: real HTTP, a KV of version 2, a transit engine, identities and an OpenID Connect login. */
export interface FakeOpenBao {
  readonly url: string;
  /** Secrets by their path. */
  readonly secrets: Map<string, unknown>;
  /** Tokens that are valid, and whose. */
  readonly tokens: Map<string, string>;
  readonly emails: Map<string, readonly string[]>;
  /** Every request: method and raw path. */
  readonly requests: string[];
  /** Answers everything with this instead. */
  answer?: { readonly status: number; readonly body: string } | undefined;
}

type Json = Readonly<Record<string, unknown>>;

export async function startFakeOpenBao(prefix = ""): Promise<FakeOpenBao> {
  const keys = new Map<string, { privateKey: KeyObject; publicKey: KeyObject }>();
  const server = createServer((request, response) => {
    void respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const bao: FakeOpenBao = {
    url: `http://127.0.0.1:${port}${prefix}`,
    secrets: new Map(),
    tokens: new Map(),
    emails: new Map(),
    requests: [],
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    bao.requests.push(`${method} ${url}`);
    const body = await readJson(request);
    const { status, json } = bao.answer === undefined ? route(method, url, body, request) : { status: 0, json: {} };
    response.writeHead(bao.answer?.status ?? status, { "content-type": "application/json" });
    response.end(bao.answer?.body ?? JSON.stringify(json));
  }

  function route(method: string, url: string, body: Json, request: IncomingMessage): { status: number; json: Json } {
    const [path = "", query = ""] = url.slice(prefix.replace(/\/$/, "").length).split("?");
    if (path === "/v1/auth/my_sso/oidc/auth_url") {
      const target = `https://sso.example.com/?redirect=${encodeURIComponent(String(body["redirect_uri"]))}`;
      return { status: 200, json: { data: { auth_url: target } } };
    }
    if (path === "/v1/auth/my_sso/oidc/callback") {
      const parameters = new URLSearchParams(query);
      if (parameters.get("code") !== "right code" || parameters.get("state") !== "state") return failure(400);
      bao.tokens.set("fresh token", "entity-1");
      return { status: 200, json: { auth: { client_token: "fresh token", entity_id: "entity-1" } } };
    }
    const entity = bao.tokens.get(String(request.headers["x-vault-token"]));
    if (entity === undefined) return failure(403, "permission denied");
    const segments = path.split("/").slice(2).map(decodeURIComponent);
    const [mount, action, name = "", extra = ""] = segments;
    if (mount === "secret" && action === "data") return secret(method, name, body, entity);
    if (mount === "transit") return transit(action ?? "", name, body);
    if (mount === "identity" && action === "entity" && name === "id") {
      const emails = bao.emails.get(extra);
      if (emails === undefined) return failure(404);
      return { status: 200, json: { data: { aliases: emails.map((email) => ({ name: email })) } } };
    }
    return failure(404);
  }

  function secret(method: string, path: string, body: Json, entity: string) {
    if (!path.startsWith(`${entity}/`)) return failure(403, "permission denied");
    if (method === "POST") {
      if (bao.secrets.has(path)) return failure(400, "check-and-set parameter did not match");
      bao.secrets.set(path, body["data"]);
      return { status: 200, json: { data: { version: 1 } } };
    }
    if (!bao.secrets.has(path)) return failure(404);
    return { status: 200, json: { data: { data: bao.secrets.get(path) } } };
  }

  function transit(action: string, name: string, body: Json) {
    const key = keys.get(name);
    const input = Buffer.from(String(body["input"]), "base64");
    if (action === "keys") {
      keys.set(name, generateKeyPairSync("ed25519"));
      return { status: 200, json: {} };
    }
    if (action === "sign") {
      if (key === undefined) return failure(400, "signing key not found");
      return {
        status: 200,
        json: { data: { signature: `vault:v1:${sign(null, input, key.privateKey).toString("base64")}` } },
      };
    }
    if (key === undefined) return failure(400, "signature verification key not found");
    const signature = Buffer.from(String(body["signature"]).replace("vault:v1:", ""), "base64");
    return { status: 200, json: { data: { valid: verify(null, input, key.publicKey, signature) } } };
  }

  return bao;
}

function failure(status: number, ...errors: readonly string[]): { status: number; json: Json } {
  return { status, json: { errors } };
}

async function readJson(request: IncomingMessage): Promise<Json> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as Json);
}
