import type { SecretKey, SigningKey } from "@parsec/crypto";
import {
  type AnyCommand,
  apiVersion,
  bearer,
  type Command,
  createAccountToken,
  createDeviceToken,
  type Family,
  formatApiVersion,
  rpcContentType,
} from "@parsec/protocol";
import { type AccountAuthMethodId, type DateTime, type DeviceId, decode, encode } from "@parsec/types";

/** Who sends a request. */
export type Sender =
  | { readonly kind: "device"; readonly deviceId: DeviceId; readonly signingKey: SigningKey }
  | { readonly kind: "invitation"; readonly token: string }
  | { readonly kind: "account"; readonly authMethodId: AccountAuthMethodId; readonly macKey: SecretKey }
  | { readonly kind: "nobody" };

export interface SendOptions {
  /** For the families of an organization. */
  readonly organizationId?: string;
  /** Date of the bearer token. */
  readonly now: DateTime;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is not HTTP 200. */
export class HttpStatusError extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor(response: Response, body: string) {
    super(`HTTP ${response.status}: ${body}`);
    this.status = response.status;
    this.headers = response.headers;
  }
}

/** Remembers which reply statuses a server has really given. */
export class Coverage {
  readonly #seen = new Set<string>();

  record(command: AnyCommand, status: string): void {
    this.#seen.add(`${command.family}/${command.name}/${status}`);
  }

  has(command: AnyCommand, status: string): boolean {
    return this.#seen.has(`${command.family}/${command.name}/${status}`);
  }
}

/** Sends commands over real HTTP to the server under test. */
export class RpcClient {
  readonly url: string;
  readonly coverage: Coverage;

  constructor(url: string, coverage: Coverage) {
    this.url = url;
    this.coverage = coverage;
  }

  /** The reply, whatever its status. @throws HttpStatusError unless the answer is HTTP 200 */
  async send<Name extends string, Request, Reply extends { readonly status: string }>(
    command: Command<Family, Name, Request, Reply>,
    sender: Sender,
    fields: Omit<Request, "cmd">,
    options: SendOptions,
  ): Promise<Reply> {
    // The codec writes exactly these fields.
    const body = encode(command.request, { cmd: command.name, ...fields } as Request);
    const response = await this.post(routeOf(command.family, options.organizationId), sender, body, options);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.status !== 200) throw new HttpStatusError(response, new TextDecoder().decode(bytes));
    const reply = decode(command.reply, bytes);
    this.coverage.record(command, reply.status);
    return reply;
  }

  async post(path: string, sender: Sender, body: Uint8Array<ArrayBuffer>, options: SendOptions): Promise<Response> {
    const headers = {
      "Api-Version": formatApiVersion(apiVersion),
      "Content-Type": rpcContentType,
      "User-Agent": "Parsec-Client/3.9.4 Linux",
      ...authorization(sender, options.now),
      ...options.headers,
    };
    return await fetch(this.url + path, { method: "POST", headers, body });
  }
}

export function authorization(sender: Sender, now: DateTime): Readonly<Record<string, string>> {
  switch (sender.kind) {
    case "device":
      return { Authorization: bearer(createDeviceToken(sender.deviceId, sender.signingKey, now)) };
    case "invitation":
      return { Authorization: bearer(sender.token) };
    case "account":
      return { Authorization: bearer(createAccountToken(sender.authMethodId, sender.macKey, now)) };
    case "nobody":
      return {};
  }
}

export function routeOf(family: Family, organizationId = ""): string {
  const id = encodeURIComponent(organizationId);
  if (family === "tos") return `/authenticated/${id}/tos`;
  if (family === "anonymous_server" || family === "authenticated_account") return `/${family}`;
  return `/${family}/${id}`;
}
