import {
  orAbort,
  ParsecError,
  type RandomSource,
  requireMethods,
  requireObject,
  requireText,
  systemRandom,
} from "@parsec/base";
import type { AnonymousServerConnection } from "@parsec/connection";
import { scwsServiceMutualChallenges } from "@parsec/protocol";
import type { X509CertificateReference } from "@parsec/types";
import { requireOptions } from "../arguments.ts";
import { isSameCertificate } from "./certificate.ts";
import { PkiError } from "./errors.ts";
import { listedCertificate, type TokenCertificate } from "./listed-certificate.ts";
import type { X509Key } from "./x509-key.ts";

/**
 * A smart card web service (SCWS): a program of the user's machine that lets pages use smart cards, through a script that
 * its maker publishes. This is what we need of that script, in bytes: an application puts it around the one that it loads.
 */
export interface ScwsBridge {
  /** Looks for the service, and has it sign `challenge` (RSA, PKCS#1 v1.5, without DigestInfo). */
  findService(webApplicationCertificate: string, challenge: Uint8Array): Promise<ScwsChallenge>;
  /** Opens the cards, for a web application that has signed the challenge of the service. */
  createEnvironment(webApplicationSignature: Uint8Array): Promise<ScwsEnvironment>;
}

export interface ScwsChallenge {
  /** Which of its maker's keys has signed. */
  readonly keyId: number;
  /** The signature. */
  readonly cryptogram: Uint8Array;
  /** What the web application has to sign in turn. */
  readonly challenge: Uint8Array;
}

export interface ScwsEnvironment {
  /** On all cards that are there. */
  certificates(): Promise<readonly ScwsCertificate[]>;
  /** DER of the certificates that the machine trusts by themselves. */
  trustAnchors(): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

export interface ScwsCertificate {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly id: Uint8Array;
  readonly label: string;
  readonly tokenLabel: string;
  /** `undefined` where the card holds the certificate alone. The service asks its user for the PIN. */
  readonly privateKey: Pick<X509Key, "decrypt" | "sign"> | undefined;
}

export interface SmartcardServiceOptions {
  readonly bridge: ScwsBridge;
  /** Of the application that the service knows; in the page as `scws-web_application_certificate`. */
  readonly webApplicationCertificate: string;
  readonly random?: RandomSource | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The smart cards that a page reaches. Methods reject with a `PkiError`. */
export interface SmartcardService {
  /** Unusable ones with the reason. */
  listCertificates(): Promise<readonly TokenCertificate[]>;
  /** @throws PkiError CERTIFICATE_NOT_FOUND, PRIVATE_KEY_NOT_FOUND, TOKEN_UNAVAILABLE */
  openKey(reference: X509CertificateReference): Promise<X509Key>;
  /** DER: for `x509Identity`. */
  trustAnchors(): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

/** Bytes (spec 06 §13.6). */
const challengeSize = 16;

/**
 * Opens the smart cards of a user for a page: the server, which has the keys of both, proves the service to the page and
 * the page to the service (spec 06 §13.6).
 * @throws PkiError TOKEN_UNAVAILABLE when there is no service, or the server does not know of any; SERVICE_UNTRUSTED;
 * ConnectionError
 */
export async function smartcardService(
  connection: Pick<AnonymousServerConnection, "send">,
  options: SmartcardServiceOptions,
): Promise<SmartcardService> {
  requireMethods("connection", connection, "a connection to a server", "send");
  requireOptions(options);
  const { bridge, webApplicationCertificate, random = systemRandom, signal } = options;
  requireMethods("options.bridge", bridge, "the bridge to a smart card service", "findService", "createEnvironment");
  requireText("options.webApplicationCertificate", webApplicationCertificate, { filled: true });
  const scwsServiceChallengePayload = random.bytes(challengeSize);
  const service = await ofService(
    () => bridge.findService(webApplicationCertificate, scwsServiceChallengePayload),
    signal,
  );
  const reply = await connection.send(
    scwsServiceMutualChallenges,
    {
      scwsServiceChallengePayload,
      scwsServiceChallengeSignature: service.cryptogram,
      scwsServiceChallengeKeyId: service.keyId,
      webApplicationChallengePayload: service.challenge,
    },
    { signal },
  );
  if (reply.status === "not_available") {
    throw new PkiError("TOKEN_UNAVAILABLE", "The server knows of no smart card service: ask its administrator");
  }
  if (reply.status !== "ok") {
    const what = reply.status === "invalid_web_application_challenge_payload" ? "asks for too much" : "is not genuine";
    throw new PkiError("SERVICE_UNTRUSTED", `The smart card service of this machine ${what}: do not use it`);
  }
  const signature = reply.webApplicationChallengeSignature;
  return new OpenService(await ofService(() => bridge.createEnvironment(signature), signal));
}

class OpenService implements SmartcardService {
  readonly #environment: ScwsEnvironment;

  constructor(environment: ScwsEnvironment) {
    this.#environment = environment;
  }

  async listCertificates(): Promise<readonly TokenCertificate[]> {
    const found = await ofService(() => this.#environment.certificates());
    return Promise.all(found.map(listedCertificate));
  }

  async openKey(reference: X509CertificateReference): Promise<X509Key> {
    requireObject("reference", reference);
    for (const found of await ofService(() => this.#environment.certificates())) {
      const listed = await listedCertificate(found);
      if (!isSameCertificate(listed.reference, reference)) continue;
      if (found.privateKey === undefined) {
        throw new PkiError("PRIVATE_KEY_NOT_FOUND", "The card holds the certificate, but not its private key");
      }
      return serviceKey(listed, found.privateKey);
    }
    throw new PkiError("CERTIFICATE_NOT_FOUND", "No card that is there holds the certificate");
  }

  trustAnchors(): Promise<readonly Uint8Array[]> {
    return ofService(() => this.#environment.trustAnchors());
  }

  close(): Promise<void> {
    return ofService(() => this.#environment.close());
  }
}

function serviceKey(
  { certificate, reference }: TokenCertificate,
  { decrypt, sign }: Pick<X509Key, "decrypt" | "sign">,
): X509Key {
  return {
    certificate,
    reference,
    decrypt: (ciphertext) => ofKey("open this ciphertext", () => decrypt(ciphertext)),
    sign: (payload) => ofKey("sign", () => sign(payload)),
    close: async () => undefined,
  };
}

/** Whatever the maker's script throws. */
async function ofService<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await orAbort(work(), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw ParsecError.is(cause)
      ? cause
      : new PkiError(
          "TOKEN_UNAVAILABLE",
          "The smart card service does not answer: is it installed, and the card there?",
          {
            cause,
          },
        );
  }
}

async function ofKey(what: string, work: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await work();
  } catch (cause) {
    throw new PkiError("PRIVATE_KEY_FAILED", `The private key on the card does not ${what}`, { cause });
  }
}
