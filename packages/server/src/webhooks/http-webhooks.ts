import { joinBytes, toBase64 } from "@parsec/base";
import { DateTime } from "@parsec/types";
import type { BootstrapNotice, SequesterQuery, SequesterVerdict, Webhooks } from "./port.ts";
import { parseWebhookUrl } from "./url.ts";

/** A service that has not answered by then counts as unavailable. */
const timeoutMs = 30_000;

/** Bytes of a reply that are read; one sentence has its place many times. */
const largestReply = 64 * 1024;

/** Webhooks over HTTP. Redirections are not followed. */
export class HttpWebhooks implements Webhooks {
  readonly #stop = new AbortController();

  async askSequesterService(query: SequesterQuery): Promise<SequesterVerdict> {
    const url = parseWebhookUrl(query.webhookUrl);
    if (url === undefined) return { verdict: "unavailable" };
    for (const [name, value] of Object.entries(queryParameters(query))) url.searchParams.set(name, value);
    const body = query.type === "vlob_create_or_update" ? Uint8Array.from(query.blob) : new Uint8Array();
    const response = await this.#post(url, { body }).catch(() => undefined);
    if (response === undefined) return { verdict: "unavailable" };
    const text = boundedText(response);
    if (response.status === 400) return { verdict: "rejected", reason: reasonOf(await text) };
    return { verdict: response.ok ? "accepted" : "unavailable" };
  }

  async noticeBootstrap(url: string, notice: BootstrapNotice): Promise<void> {
    const body = JSON.stringify({
      organization_id: notice.organizationId,
      device_id: notice.deviceId,
      device_label: notice.deviceLabel,
      human_email: notice.humanEmail,
      human_label: notice.humanLabel,
    });
    const headers = { "Content-Type": "application/json; charset=utf-8" };
    // The bootstrap is done whatever the hook says (spec 08c §8).
    const response = await this.#post(new URL(url), { body, headers }).catch(() => undefined);
    if (response !== undefined) void boundedText(response);
  }

  async close(): Promise<void> {
    this.#stop.abort();
  }

  async #post(url: URL, init: RequestInit): Promise<Response> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)]);
    return await fetch(url, { ...init, method: "POST", redirect: "manual", signal });
  }
}

function queryParameters(query: SequesterQuery): Readonly<Record<string, string>> {
  const common = {
    type: query.type,
    organization_id: query.organizationId,
    service_id: query.serviceId,
    author: query.author,
    realm_id: query.realmId,
    timestamp: DateTime.formatRfc3339(query.timestamp),
    key_index: String(query.keyIndex),
  };
  if (query.type === "vlob_create_or_update") {
    return { ...common, vlob_id: query.vlobId, version: String(query.version) };
  }
  return {
    ...common,
    encryption_algorithm: "BLAKE2B_XSALSA20_POLY1305",
    hash_algorithm: "SHA256",
    key_canary: toBase64(query.keyCanary),
    keys_bundle: toBase64(query.keysBundle),
    keys_bundle_access: toBase64(query.keysBundleAccess),
  };
}

/**
 * The body as text; `undefined` when it is too long, or breaks off. Never rejects. Every reply goes through it, read or
 * not: a short body leaves its connection to the next request, a long one is cut.
 */
async function boundedText({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length;
      // Leaving the loop cancels the body.
      if (size > largestReply) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return new TextDecoder().decode(joinBytes(chunks));
}

/** `{"reason": text}`; anything else is no reason. */
function reasonOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || !("reason" in body)) return null;
    return typeof body.reason === "string" ? body.reason : null;
  } catch {
    return null;
  }
}
