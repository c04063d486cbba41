import {
  constants,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  sign,
} from "node:crypto";
import { promisify } from "node:util";
import { equalBytes, toHex } from "@parsec/base";
import type { ScwsConfig } from "../../config.ts";
import { TestbedError } from "../error.ts";

export interface FakeCardCertificate {
  readonly tokenLabel: string;
  readonly label: string;
  readonly id: Uint8Array;
  /** DER. */
  readonly certificate: Uint8Array;
  /** RSA, PKCS#8 DER; null where the card holds the certificate alone. */
  readonly privateKey: Uint8Array | null;
}

/** What the service of the machine is, for those who have to tell. */
export const serviceKinds = ["GENUINE", "IMPOSTOR", "REVOKED", "UNKNOWN", "GREEDY"] as const;
export type ServiceKind = (typeof serviceKinds)[number];

export interface InsertedCards {
  readonly service: ServiceKind;
  readonly certificates: readonly FakeCardCertificate[];
  /** DER. */
  readonly trustAnchors: readonly Uint8Array[];
}

/** Of the only web application that the service knows. */
export const webApplicationCertificate = "the testbed's web application";

const padding = constants.RSA_PKCS1_PADDING;
const challengeSize = 16;
/** More than a signature of the web application holds. */
const greedyChallengeSize = 300;

interface Keys {
  readonly service: KeyObject;
  readonly application: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly config: ScwsConfig;
}

/** The smart cards of a user's machine, and the web service that lets pages use them (spec 06 §13.6). */
export class FakeCardMachine {
  #keys: Promise<Keys> | undefined;
  #inserted: InsertedCards | undefined;
  readonly #challenges = new Set<string>();
  readonly #environments = new Set<string>();

  /** How many pages have the cards open. */
  get openEnvironments(): number {
    return this.#environments.size;
  }

  /** In place of the cards before: what is open then sees the new ones. Gives what the server has to know. */
  async insert(cards: InsertedCards): Promise<ScwsConfig> {
    // Making keys takes its time: only for those who ask for a service, and once.
    this.#keys ??= makeKeys();
    const { config } = await this.#keys;
    this.#inserted = cards;
    return config;
  }

  clear(): void {
    this.#inserted = undefined;
    this.#challenges.clear();
    this.#environments.clear();
  }

  /** @throws TestbedError */
  async findService(certificate: string, challenge: Uint8Array) {
    const { service } = this.#cards();
    const keys = await this.#keysOfService();
    if (certificate !== webApplicationCertificate) {
      throw new TestbedError("unknown_web_application", "The service knows another web application");
    }
    const wanted = new Uint8Array(randomBytes(service === "GREEDY" ? greedyChallengeSize : challengeSize));
    this.#challenges.add(toHex(wanted));
    const cryptogram = attempt("bad_request", () => privateEncrypt({ key: keys.service, padding }, challenge));
    return { keyId: keyIds[service], cryptogram, challenge: wanted };
  }

  /** The cards, for whom the web application's key has signed the challenge: once. @throws TestbedError */
  async createEnvironment(signature: Uint8Array): Promise<string> {
    const { application } = await this.#keysOfService();
    const signed = attempt("not_signed", () => publicDecrypt({ key: application.publicKey, padding }, signature));
    if (!this.#challenges.delete(toHex(signed))) {
      throw new TestbedError("not_signed", "Not a challenge of the service, or one that was used");
    }
    const id = randomBytes(16).toString("hex");
    this.#environments.add(id);
    return id;
  }

  /** @throws TestbedError */
  cardsOf(environment: string): InsertedCards {
    if (!this.#environments.has(environment)) {
      throw new TestbedError("unknown_environment", "It was closed, or never open");
    }
    return this.#cards();
  }

  close(environment: string): void {
    this.#environments.delete(environment);
  }

  /** RSASSA-PSS with SHA-256 and a salt of 32 bytes. @throws TestbedError */
  sign(environment: string, id: Uint8Array, payload: Uint8Array): Uint8Array {
    const key = this.#privateKey(environment, id);
    return attempt("private_key_failed", () =>
      sign("sha256", payload, { key: key(), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
    );
  }

  /** RSAES-OAEP with SHA-256. @throws TestbedError */
  decrypt(environment: string, id: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    const key = this.#privateKey(environment, id);
    const options = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
    return attempt("private_key_failed", () => privateDecrypt({ key: key(), ...options }, ciphertext));
  }

  #privateKey(environment: string, id: Uint8Array): () => KeyObject {
    const { certificates } = this.cardsOf(environment);
    const der = certificates.find((found) => equalBytes(found.id, id))?.privateKey ?? undefined;
    if (der === undefined) throw new TestbedError("unknown_private_key", "No card that is there holds that key");
    return () => createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  }

  #cards(): InsertedCards {
    if (this.#inserted === undefined) throw noService();
    return this.#inserted;
  }

  async #keysOfService(): Promise<Keys> {
    if (this.#inserted === undefined || this.#keys === undefined) throw noService();
    return await this.#keys;
  }
}

function noService(): TestbedError {
  return new TestbedError("no_service", "The machine has no smart card service: insert cards first");
}

/** The first key of the server's list is another one of the maker, the second the service's, the third it revoked. */
const keyIds: Readonly<Record<ServiceKind, number>> = { GENUINE: 1, GREEDY: 1, IMPOSTOR: 0, REVOKED: 2, UNKNOWN: 7 };

async function makeKeys(): Promise<Keys> {
  const pair = () => promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const [service, other, application] = await Promise.all([pair(), pair(), pair()]);
  const pem = ({ publicKey }: { readonly publicKey: KeyObject }) =>
    publicKey.export({ type: "spki", format: "pem" }).toString();
  const config = {
    serviceKeys: [
      { pem: pem(other), revoked: false },
      { pem: pem(service), revoked: false },
      { pem: pem(service), revoked: true },
    ],
    webApplicationKeyPem: application.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
  return { service: service.privateKey, application, config };
}

/** OpenSSL refuses what it is given in its own words: they say nothing to who tests. */
function attempt(reason: "bad_request" | "not_signed" | "private_key_failed", run: () => Buffer): Uint8Array {
  try {
    return new Uint8Array(run());
  } catch {
    throw new TestbedError(reason, "The key does not do that with these bytes");
  }
}
