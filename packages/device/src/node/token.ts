import { requireObject, requireText } from "@parsec/base";
import type * as Graphene from "graphene-pk11";
import { isSameCertificate } from "../pki/certificate.ts";
import { PkiError } from "../pki/errors.ts";
import { listedCertificate, type TokenCertificate } from "../pki/listed-certificate.ts";
import { decodeOaep } from "../pki/oaep.ts";
import type { OpenTokenKeyOptions, TokenOptions } from "../pki/token.ts";
import type { X509Key } from "../pki/x509-key.ts";

type GrapheneModule = typeof Graphene;

/** Loaded on first use: an optional dependency with a native module. */
async function loadGraphene(): Promise<GrapheneModule> {
  try {
    return await import("graphene-pk11");
  } catch (cause) {
    throw new PkiError("NATIVE_MODULE_MISSING", "Smart cards need the package graphene-pk11: install it", { cause });
  }
}

/** A library is initialised once in a process. */
const libraries = new Map<string, Graphene.Module>();

async function openLibrary(path: string): Promise<{ graphene: GrapheneModule; module: Graphene.Module }> {
  const graphene = await loadGraphene();
  const known = libraries.get(path);
  if (known !== undefined) return { graphene, module: known };
  try {
    const module = graphene.Module.load(path);
    module.initialize();
    libraries.set(path, module);
    return { graphene, module };
  } catch (cause) {
    throw new PkiError("TOKEN_UNAVAILABLE", "The PKCS#11 library cannot be loaded: check its path", { cause });
  }
}

function requireTokenOptions<T extends TokenOptions>(options: T): T {
  requireObject("options", options);
  requireText("options.library", options.library, { filled: true });
  return options;
}

interface OnToken {
  readonly listed: TokenCertificate;
  readonly slot: Graphene.Slot;
  /** Shared by the certificate and its keys. */
  readonly id: Buffer;
}

/**
 * The certificates on all tokens that are there, unusable ones with the reason; needs no PIN.
 * @throws PkiError NATIVE_MODULE_MISSING, TOKEN_UNAVAILABLE
 */
export async function listTokenCertificates(options: TokenOptions): Promise<readonly TokenCertificate[]> {
  const { library } = requireTokenOptions(options);
  const { graphene, module } = await openLibrary(library);
  const found = await findCertificates(graphene, module);
  return found.map(({ listed }) => listed);
}

/**
 * The certificate that is referred to, with its private key, on whichever token it is. The session with the token lasts
 * until `close`.
 * @throws PkiError NATIVE_MODULE_MISSING, TOKEN_UNAVAILABLE, CERTIFICATE_NOT_FOUND, PRIVATE_KEY_NOT_FOUND, BAD_SECRET
 */
export async function openTokenKey(options: OpenTokenKeyOptions): Promise<X509Key> {
  const { library, reference, pin } = requireTokenOptions(options);
  requireObject("options.reference", reference);
  requireText("options.pin", pin);
  const { graphene, module } = await openLibrary(library);
  const certificates = await findCertificates(graphene, module);
  const found = certificates.find((each) => isSameCertificate(each.listed.reference, reference));
  if (found === undefined) throw new PkiError("CERTIFICATE_NOT_FOUND", "No token that is there holds the certificate");
  const session = onToken(() => found.slot.open(graphene.SessionFlag.SERIAL_SESSION));
  try {
    logIn(session, pin);
    const key = findPrivateKey(graphene, session, found.id);
    const { certificate, reference: onToken } = found.listed;
    return { ...tokenKey(graphene, session, key), certificate, reference: onToken };
  } catch (error) {
    session.close();
    throw error;
  }
}

async function findCertificates(graphene: GrapheneModule, module: Graphene.Module): Promise<OnToken[]> {
  const slots = onToken(() => module.getSlots(true));
  const found: OnToken[] = [];
  for (let index = 0; index < slots.length; index += 1) {
    const slot = slots.items(index);
    for (const { certificate, id, label, tokenLabel } of readableCertificates(graphene, slot)) {
      const listed = await listedCertificate({ certificate, id: new Uint8Array(id), label, tokenLabel });
      found.push({ listed, slot, id });
    }
  }
  return found;
}

interface RawCertificate {
  readonly certificate: Uint8Array;
  readonly id: Buffer;
  readonly label: string;
  readonly tokenLabel: string;
}

/** Nothing for a token that was never set up, or that goes away meanwhile. */
function readableCertificates(graphene: GrapheneModule, slot: Graphene.Slot): RawCertificate[] {
  try {
    return readCertificates(graphene, slot);
  } catch {
    return [];
  }
}

function readCertificates(graphene: GrapheneModule, slot: Graphene.Slot): RawCertificate[] {
  const session = slot.open(graphene.SessionFlag.SERIAL_SESSION);
  try {
    const objects = session.find({
      class: graphene.ObjectClass.CERTIFICATE,
      certType: graphene.CertificateType.X_509,
    });
    const tokenLabel = slot.getToken().label.trim();
    return Array.from({ length: objects.length }, (_, index) => {
      const { value, id, label } = objects.items(index).toType<Graphene.X509Certificate>();
      return { certificate: new Uint8Array(value), id, label, tokenLabel };
    });
  } finally {
    session.close();
  }
}

/** PKCS#11 results that tell what to do about them. */
const results = { pinIncorrect: 0xa0, pinInvalid: 0xa1, pinLenRange: 0xa2, pinLocked: 0xa4, alreadyLoggedIn: 0x100 };

function logIn(session: Graphene.Session, pin: string): void {
  try {
    session.login(pin);
  } catch (cause) {
    const result = resultOf(cause);
    if (result === results.alreadyLoggedIn) return;
    const isPin = [results.pinIncorrect, results.pinInvalid, results.pinLenRange].includes(result);
    if (isPin) throw new PkiError("BAD_SECRET", "The PIN is wrong: too many wrong ones lock the token", { cause });
    if (result === results.pinLocked)
      throw new PkiError("BAD_SECRET", "The token is locked: it needs its PUK", { cause });
    throw new PkiError("TOKEN_UNAVAILABLE", "The token does not let its user in", { cause });
  }
}

function findPrivateKey(graphene: GrapheneModule, session: Graphene.Session, id: Buffer): Graphene.PrivateKey {
  const keys = onToken(() => session.find({ class: graphene.ObjectClass.PRIVATE_KEY, id }));
  if (keys.length === 0) {
    throw new PkiError("PRIVATE_KEY_NOT_FOUND", "The token holds the certificate, but not its private key");
  }
  return keys.items(0).toType<Graphene.PrivateKey>();
}

function tokenKey(
  graphene: GrapheneModule,
  session: Graphene.Session,
  key: Graphene.PrivateKey,
): Pick<X509Key, "decrypt" | "sign" | "close"> {
  const { MechanismEnum, RsaMgf, RsaOaepParams, RsaPssParams } = graphene;
  const oaep = { name: "RSA_PKCS_OAEP", params: new RsaOaepParams(MechanismEnum.SHA256, RsaMgf.MGF1_SHA256) };
  const pss = { name: "SHA256_RSA_PKCS_PSS", params: new RsaPssParams(MechanismEnum.SHA256, RsaMgf.MGF1_SHA256, 32) };
  const decipher = (mechanism: Graphene.MechanismType, data: Uint8Array) =>
    new Uint8Array(session.createDecipher(mechanism, key).once(Buffer.from(data), Buffer.alloc(data.length)));
  let open = true;
  return {
    decrypt: async (ciphertext) => {
      try {
        return decipher(oaep, ciphertext);
      } catch (cause) {
        // Many tokens know OAEP with SHA-1 only: they do the raw operation, and we the rest.
        const message = await decodeRaw(() => decipher("RSA_X_509", ciphertext));
        if (message !== undefined) return message;
        throw keyFailed("open this ciphertext", cause);
      }
    },
    sign: async (payload) => {
      try {
        return new Uint8Array(session.createSign(pss, key).once(Buffer.from(payload)));
      } catch (cause) {
        throw keyFailed("sign", cause);
      }
    },
    close: async () => {
      if (!open) return;
      open = false;
      try {
        session.logout();
      } catch {
        // The token is gone, and its session with it.
      }
      session.close();
    },
  };
}

async function decodeRaw(decipher: () => Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await decodeOaep(decipher());
  } catch {
    return undefined;
  }
}

function keyFailed(what: string, cause: unknown): PkiError {
  return new PkiError("PRIVATE_KEY_FAILED", `The private key on the token does not ${what}`, { cause });
}

function onToken<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new PkiError("TOKEN_UNAVAILABLE", "The token does not answer: is it still there?", { cause });
  }
}

function resultOf(error: unknown): number {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "number"
    ? error.code
    : 0;
}
