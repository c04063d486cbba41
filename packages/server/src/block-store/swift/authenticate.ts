import type { SwiftConfig } from "../config.ts";
import { BlockStoreError } from "../port.ts";

/** What requests to an account of Swift need. */
export interface SwiftAccount {
  readonly storageUrl: string;
  readonly token: string;
}

/**
 * Logs in: by the identity service, version 3, where the address ends with `/v3`; else by the way of Swift itself (`/auth/v1.0`), for
 * which the user is `TENANT:USER`.
 */
export async function authenticate(config: SwiftConfig, signal: AbortSignal): Promise<SwiftAccount> {
  return await (config.authUrl.endsWith("/v3") ? byIdentityService(config, signal) : bySwift(config, signal));
}

async function bySwift(config: SwiftConfig, signal: AbortSignal): Promise<SwiftAccount> {
  const headers = { "X-Auth-User": `${config.tenant}:${config.user}`, "X-Auth-Key": config.password };
  const response = await fetch(config.authUrl, { headers, signal });
  await response.body?.cancel();
  if (!response.ok) throw refused(response.status);
  return account(response.headers.get("X-Storage-Url"), response.headers.get("X-Auth-Token"));
}

async function byIdentityService(config: SwiftConfig, signal: AbortSignal): Promise<SwiftAccount> {
  const domain = { id: "default" };
  const request = {
    auth: {
      identity: {
        methods: ["password"],
        password: { user: { name: config.user, domain, password: config.password } },
      },
      scope: { project: { name: config.tenant, domain } },
    },
  };
  const response = await fetch(`${config.authUrl}/auth/tokens`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw refused(response.status);
  }
  return account(publicStorageUrl(await response.json()), response.headers.get("X-Subject-Token"));
}

/** Of the catalog of services, that of the object store for the public. */
function publicStorageUrl(reply: unknown): string | null {
  const services = list(field(field(reply, "token"), "catalog"));
  const endpoints = services
    .filter((service) => field(service, "type") === "object-store")
    .flatMap((service) => list(field(service, "endpoints")));
  const url = field(
    endpoints.find((endpoint) => field(endpoint, "interface") === "public"),
    "url",
  );
  return typeof url === "string" ? url : null;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function account(storageUrl: string | null, token: string | null): SwiftAccount {
  if (storageUrl !== null && token !== null && URL.canParse(storageUrl)) {
    return { storageUrl: storageUrl.replace(/\/+$/, ""), token };
  }
  const what = "The login of the block store told neither where the objects are nor a token";
  throw new BlockStoreError("BLOCK_STORE_FAILED", `${what}: check the authentication address`);
}

function refused(status: number): BlockStoreError {
  const what = `The login of the block store was refused (HTTP ${status})`;
  return new BlockStoreError("BLOCK_STORE_FAILED", `${what}: check address, tenant, user and password`);
}
