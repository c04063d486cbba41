import { equalBytes, fromBase64, requireBytes, requireMethods, requireText, toBase64 } from "@parsec/base";
import { SecretKey } from "@parsec/crypto";
import { requireOptions } from "../arguments.ts";
import { badResponse, OpenBaoError } from "./errors.ts";
import {
  callOpenBao,
  hasError,
  jsonAt,
  type OpenBaoHttpOptions,
  type OpenBaoReply,
  requireHttp,
  textAt,
} from "./http.ts";

export interface OpenBaoClientOptions extends OpenBaoHttpOptions {
  /** From {@link finishOpenBaoLogin}. */
  readonly token: string;
  readonly entityId: string;
  /** Mount path of the secret engine, a KV of version 2. */
  readonly secretMountPath: string;
  /** Mount path of the signing engine; `transit` by default. */
  readonly transitMountPath?: string | undefined;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What one logged-in entity does with OpenBao: keep keys, sign, verify (spec 06 §12). Rejects with an `OpenBaoError`. */
export class OpenBaoClient {
  readonly entityId: string;
  readonly #http: OpenBaoHttpOptions;
  readonly #token: string;
  readonly #secretMount: string;
  readonly #transitMount: string;

  constructor(options: OpenBaoClientOptions) {
    requireHttp(options);
    requireText("options.token", options.token, { filled: true });
    requireText("options.entityId", options.entityId, { filled: true });
    requireText("options.secretMountPath", options.secretMountPath, { filled: true });
    this.entityId = options.entityId;
    this.#http = options;
    this.#token = options.token;
    this.#secretMount = options.secretMountPath;
    this.#transitMount = options.transitMountPath ?? "transit";
  }

  /** The key that {@link uploadKey} stored under this path. */
  async fetchKey(path: string, options: CallOptions = {}): Promise<SecretKey> {
    requireText("path", path, { filled: true });
    requireOptions(options);
    const reply = await this.#call([this.#secretMount, "data", path], undefined, options);
    const bytes = fromBase64(textAt(reply, "data", "data", "opaque_key"));
    if (bytes?.length !== SecretKey.size) throw badResponse("the secret is no key");
    return SecretKey.fromBytes(bytes);
  }

  /** Stores a key under a new path, which it gives once the key was read back from there. */
  async uploadKey(key: SecretKey, options: CallOptions = {}): Promise<string> {
    requireMethods("key", key, "a secret key", "toBytes");
    requireOptions(options);
    const path = `${this.entityId}/${crypto.randomUUID().replaceAll("-", "")}`;
    const body = { options: { cas: 0 }, data: { opaque_key: toBase64(key.toBytes()) } };
    const reply = await this.#call([this.#secretMount, "data", path], body, options);
    if (reply.status !== 200) throw badResponse(`status ${reply.status}`);
    // What says 200 may be a captive portal: a key that is not kept would lock the device for ever.
    const kept = await this.fetchKey(path, options);
    if (!equalBytes(kept.toBytes(), key.toBytes())) throw badResponse("it has kept another secret");
    return path;
  }

  /** Signs as this entity; its signing key is made the first time. The signature is opaque text. */
  async sign(payload: Uint8Array, options: CallOptions = {}): Promise<string> {
    requireBytes("payload", payload);
    requireOptions(options);
    const name = `entity-${this.entityId}`;
    const attempt = () => this.#call([this.#transitMount, "sign", name], { input: toBase64(payload) }, options);
    let reply = await attempt();
    if (reply.status === 400 && hasError(reply, "signing key not found")) {
      const created = await this.#call([this.#transitMount, "keys", name], { type: "ed25519" }, options);
      if (created.status !== 200) throw badResponse(`status ${created.status} for a new signing key`);
      reply = await attempt();
    }
    return textAt(reply, "data", "signature");
  }

  /**
   * Checks what another entity signed, and that it has this e-mail when one is expected.
   * @throws OpenBaoError OPENBAO_BAD_SIGNATURE, OPENBAO_UNEXPECTED_AUTHOR, and those of every call
   */
  async verify(
    payload: Uint8Array,
    signature: string,
    authorEntityId: string,
    options: CallOptions & { readonly expectedEmail?: string | undefined } = {},
  ): Promise<void> {
    requireBytes("payload", payload);
    requireText("signature", signature);
    requireText("authorEntityId", authorEntityId, { filled: true });
    requireOptions(options);
    const body = { input: toBase64(payload), signature };
    const reply = await this.#call([this.#transitMount, "verify", `entity-${authorEntityId}`], body, options);
    if (!isValidSignature(reply)) {
      throw new OpenBaoError("OPENBAO_BAD_SIGNATURE", "The signature is not the one of its alleged author");
    }
    const { expectedEmail } = options;
    if (expectedEmail === undefined) return;
    const emails = await this.listEmails(authorEntityId, options);
    if (!emails.includes(expectedEmail)) {
      throw new OpenBaoError("OPENBAO_UNEXPECTED_AUTHOR", "The author of the signature has another e-mail address");
    }
  }

  /** The e-mail addresses of an entity, one's own by default. */
  async listEmails(entityId: string = this.entityId, options: CallOptions = {}): Promise<readonly string[]> {
    requireText("entityId", entityId, { filled: true });
    requireOptions(options);
    const reply = await this.#call(["identity", "entity", "id", entityId], undefined, options);
    const aliases = jsonAt(reply.json, "data", "aliases");
    if (reply.status !== 200 || !Array.isArray(aliases)) throw badResponse("it has no aliases");
    return aliases.map((alias: unknown) => {
      const name = jsonAt(alias, "name");
      if (typeof name !== "string") throw badResponse("an alias has no name");
      return name;
    });
  }

  #call(segments: readonly string[], body: object | undefined, { signal }: CallOptions): Promise<OpenBaoReply> {
    return callOpenBao(this.#http, { segments, body, token: this.#token, signal });
  }
}

function isValidSignature(reply: OpenBaoReply): boolean {
  if (reply.status === 400 && hasError(reply, "signature verification key not found")) return false;
  const valid = jsonAt(reply.json, "data", "valid");
  if (reply.status !== 200 || typeof valid !== "boolean") throw badResponse(`status ${reply.status}`);
  return valid;
}
