import { constants, generateKeyPairSync, privateEncrypt, publicDecrypt, randomBytes } from "node:crypto";
import type { ScwsBridge, ScwsCertificate, ScwsChallenge, ScwsEnvironment } from "@parsec/device";
import type { ScwsConfig } from "@parsec/server";

const padding = constants.RSA_PKCS1_PADDING;
const keyOptions = {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
} as const;

export const webApplicationCertificate = "the web application";

/** The smart card service of a machine, with the keys of its maker: the server has to know the public one of them. */
export class FakeScws implements ScwsBridge {
  readonly #service = generateKeyPairSync("rsa", keyOptions);
  readonly #application = generateKeyPairSync("rsa", keyOptions);
  readonly certificates: ScwsCertificate[] = [];
  anchors: readonly Uint8Array[] = [];
  keyId = 1;
  isOpen = false;
  #challenge = new Uint8Array();

  /** What its administrator gives to the server. */
  get serverConfig(): ScwsConfig {
    const { publicKey: pem } = this.#service;
    const other = generateKeyPairSync("rsa", keyOptions).publicKey;
    return {
      serviceKeys: [
        { pem: other, revoked: false },
        { pem, revoked: false },
        { pem, revoked: true },
      ],
      webApplicationKeyPem: this.#application.privateKey,
    };
  }

  async findService(certificate: string, challenge: Uint8Array): Promise<ScwsChallenge> {
    if (certificate !== webApplicationCertificate) throw new Error("an unknown web application");
    this.#challenge = new Uint8Array(randomBytes(16));
    const cryptogram = new Uint8Array(privateEncrypt({ key: this.#service.privateKey, padding }, challenge));
    return { keyId: this.keyId, cryptogram, challenge: this.#challenge };
  }

  async createEnvironment(signature: Uint8Array): Promise<ScwsEnvironment> {
    const signed = publicDecrypt({ key: this.#application.publicKey, padding }, signature);
    if (!signed.equals(this.#challenge)) throw new Error("not signed by the web application");
    this.isOpen = true;
    return {
      certificates: async () => this.certificates,
      trustAnchors: async () => this.anchors,
      close: async () => {
        this.isOpen = false;
      },
    };
  }
}
