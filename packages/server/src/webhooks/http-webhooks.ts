import { toBase64 } from "@parsec/base";
import { DateTime } from "@parsec/types";
import type { BootstrapNotice, SequesterQuery, SequesterVerdict, Webhooks } from "./port.ts";

/** A service that has not answered by then counts as unavailable. */
const timeoutMs = 30_000;

/** Webhooks over HTTP. Redirections are not followed. */
export class HttpWebhooks implements Webhooks {
  readonly #stop = new AbortController();

  async askSequesterService(query: SequesterQuery): Promise<SequesterVerdict> {
    const url = new URL(query.webhookUrl);
    for (const [name, value] of Object.entries(queryParameters(query))) url.searchParams.set(name, value);
    const body = query.type === "vlob_create_or_update" ? Uint8Array.from(query.blob) : new Uint8Array();
    try {
      const response = await this.#post(url, { body });
      if (response.ok) return { verdict: "accepted" };
      if (response.status !== 400) return { verdict: "unavailable" };
      return { verdict: "rejected", reason: reasonOf(await response.text()) };
    } catch {
      return { verdict: "unavailable" };
    }
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
    await this.#post(new URL(url), { body, headers }).catch(() => undefined);
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

/** `{"reason": text}`; anything else is no reason. */
function reasonOf(text: string): string | null {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || !("reason" in body)) return null;
    return typeof body.reason === "string" ? body.reason : null;
  } catch {
    return null;
  }
}
