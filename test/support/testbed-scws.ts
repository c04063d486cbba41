import { fromBase64, toBase64 } from "@parsec/base";
import type { ScwsBridge, ScwsCertificate, ScwsChallenge, ScwsEnvironment } from "@parsec/device";

export interface TestCard {
  readonly label: string;
  readonly certificate: Uint8Array;
  /** PKCS#8 DER; null for a card with the certificate alone. */
  readonly privateKey: Uint8Array | null;
}

export interface TestMachine {
  readonly service?: "GENUINE" | "IMPOSTOR" | "REVOKED" | "UNKNOWN" | "GREEDY";
  readonly cards: readonly TestCard[];
  readonly trustAnchors?: readonly Uint8Array[];
}

/** To the smart card service that a testbed server plays: in a page as in Node, it is only HTTP. */
export class TestbedScws implements ScwsBridge {
  readonly #url: string;

  constructor(serverUrl: string) {
    this.#url = `${serverUrl}/testbed/mock/scws`;
  }

  /** In place of what was there: the certificate of the web application that the service knows. */
  async insert({ service = "GENUINE", cards, trustAnchors = [] }: TestMachine): Promise<string> {
    const inserted = await this.#call("PUT", "", {
      service,
      certificates: cards.map(({ label, certificate, privateKey }) => ({
        token_label: "card",
        label,
        id: toBase64(idOf(label)),
        certificate: toBase64(certificate),
        private_key: privateKey === null ? null : toBase64(privateKey),
      })),
      trust_anchors: trustAnchors.map((der) => toBase64(der)),
    });
    return String(inserted["web_application_certificate"]);
  }

  async openEnvironments(): Promise<number> {
    return Number((await this.#call("GET", ""))["open_environments"]);
  }

  async findService(certificate: string, challenge: Uint8Array): Promise<ScwsChallenge> {
    const body = { web_application_certificate: certificate, challenge: toBase64(challenge) };
    const found = await this.#call("POST", "/find_service", body);
    return {
      keyId: Number(found["key_id"]),
      cryptogram: bytes(found["cryptogram"]),
      challenge: bytes(found["challenge"]),
    };
  }

  async createEnvironment(signature: Uint8Array): Promise<ScwsEnvironment> {
    const { id } = await this.#call("POST", "/environments", { web_application_signature: toBase64(signature) });
    const path = `/environments/${String(id)}`;
    return {
      certificates: async () =>
        list((await this.#call("GET", path))["certificates"]).map((found) => this.#certificate(path, object(found))),
      trustAnchors: async () => list((await this.#call("GET", path))["trust_anchors"]).map(bytes),
      close: async () => {
        await this.#call("DELETE", path);
      },
    };
  }

  #certificate(path: string, found: Fields): ScwsCertificate {
    const { id } = found;
    const use = (what: string, body: object) => this.#call("POST", `${path}/${what}`, { id, ...body });
    return {
      certificate: bytes(found["certificate"]),
      id: bytes(id),
      label: String(found["label"]),
      tokenLabel: String(found["token_label"]),
      privateKey:
        found["has_private_key"] === true
          ? {
              sign: async (payload) => bytes((await use("sign", { payload: toBase64(payload) }))["signature"]),
              decrypt: async (ciphertext) =>
                bytes((await use("decrypt", { ciphertext: toBase64(ciphertext) }))["plaintext"]),
            }
          : undefined,
    };
  }

  async #call(method: string, path: string, body?: object): Promise<Fields> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${this.#url}${path}`, init);
    const reply = object(await response.json());
    if (!response.ok) throw new Error(`The smart card service refuses: ${String(reply["error"])}`);
    return reply;
  }
}

/** On its card. */
export function idOf(label: string): Uint8Array {
  return new TextEncoder().encode(label);
}

type Fields = Readonly<Record<string, unknown>>;

function object(value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw new Error("not an object");
  return { ...value };
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("not a list");
  return value;
}

function bytes(value: unknown): Uint8Array {
  const decoded = typeof value === "string" ? fromBase64(value) : undefined;
  if (decoded === undefined) throw new Error("not base64");
  return decoded;
}
