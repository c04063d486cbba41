import { fromHex } from "@parsec/base";
import { PrivateKey, SecretKey, ShamirShare, VerifyKey } from "@parsec/crypto";
import file from "../../../../test/vectors/data.json" with { type: "json" };
import * as t from "../../src/index.ts";
import { documentCodec } from "./documents.ts";
import { parameter } from "./plain.ts";

export interface DataVector {
  readonly name: string;
  readonly type: string;
  readonly operation: string;
  /** Absent where `shares` stands for it. */
  readonly raw?: string;
  readonly keys?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly shares?: readonly string[];
  readonly threshold?: number;
  readonly msgpack?: string;
  readonly expected?: Readonly<Record<string, unknown>>;
  readonly wire?: unknown;
  readonly expected_error?: unknown;
  readonly negatives?: readonly Negative[];
}

/** The same vector with one thing changed. */
export interface Negative extends Partial<Pick<DataVector, "raw" | "keys" | "params">> {
  readonly change: string;
  readonly error: unknown;
}

/** What the file holds, told once for all: the tests would fail on anything else. */
export const dataVectors = file as unknown as {
  readonly vectors: readonly DataVector[];
  readonly derived_vectors: readonly DataVector[];
  readonly container_errors: readonly DataVector[];
};

export const allVectors = [...dataVectors.vectors, ...dataVectors.derived_vectors];

export function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error("not hex");
  return bytes;
}

/** Runs the loader of a vector, as an application would. */
export function loadVector(vector: DataVector): object {
  const bytes = hex(vector.raw ?? "");
  const codec = documentCodec(vector.type);
  switch (vector.operation) {
    case "load":
      return t.load(codec, bytes);
    case "load_plain":
      return t.loadPlain(codec, bytes);
    case "verify_and_load":
      return verifyAndLoad(vector, bytes);
    case "decrypt_and_load":
      return t.decryptAndLoad(codec, bytes, secretKey(vector), { sizeLimit: t.localSizeLimit });
    case "decrypt_and_load_plain":
      return t.decryptAndLoadPlain(codec, bytes, secretKey(vector));
    case "decrypt_verify_and_load":
      return decryptVerifyAndLoad(vector, bytes);
    case "decrypt_verify_and_load_for":
      return t.openShamirRecoveryShareData(bytes, PrivateKey.fromBytes(key(vector, "private")), verifyKey(vector), {
        author: deviceId(vector),
        timestamp: timestamp(vector),
      }).value;
    case "decrypt_and_load_from_shares":
      return t.combineShamirRecoverySecret(
        (vector.shares ?? []).map((share) => ShamirShare.fromBytes(hex(share))),
        vector.threshold ?? 0,
      );
    default:
      throw new Error(`unknown operation ${vector.operation}`);
  }
}

function verifyAndLoad(vector: DataVector, bytes: Uint8Array): object {
  if (vector.type === "realm_keys_bundle") return t.verifyAndLoad(t.RealmKeysBundle, bytes, verifyKey(vector)).value;
  const { author, recipient } = vector.params ?? {};
  return t.verifyAndLoadCertificate(t.SignedCertificate, bytes, verifyKey(vector), {
    author: author === undefined ? null : deviceId(vector),
    ...(recipient === undefined ? {} : { recipient: id(t.UserId, recipient) }),
  }).value;
}

function decryptVerifyAndLoad(vector: DataVector, bytes: Uint8Array): object {
  const expected = { author: deviceId(vector), timestamp: timestamp(vector) };
  const params = vector.params ?? {};
  if (vector.type === "cryptpad_session_key") {
    const documentId = id(t.VlobId, params["document_id"]);
    return t.openCryptpadSessionKey(bytes, secretKey(vector), verifyKey(vector), { ...expected, documentId }).value;
  }
  const open = vector.type === "user_manifest" ? t.openUserManifest : t.openChildManifest;
  return open(bytes, secretKey(vector), verifyKey(vector), {
    ...expected,
    ...(params["id"] === undefined ? {} : { id: id(t.VlobId, params["id"]) }),
    ...(params["version"] === undefined ? {} : { version: Number(params["version"]) }),
  }).value;
}

function key(vector: DataVector, name: string): Uint8Array {
  return hex(vector.keys?.[name] ?? "");
}

function secretKey(vector: DataVector): SecretKey {
  return SecretKey.fromBytes(key(vector, "secret"));
}

export function verifyKey(vector: DataVector): VerifyKey {
  return VerifyKey.fromBytes(key(vector, "verify"));
}

function deviceId(vector: DataVector): t.DeviceId {
  return id(t.DeviceId, vector.params?.["author"]);
}

function timestamp(vector: DataVector): t.DateTime {
  return t.DateTime.fromMicros(Number(parameter(vector.params?.["timestamp"])));
}

function id<Id>(kind: { parse(text: string): Id | undefined }, text: unknown): Id {
  const parsed = kind.parse(String(text));
  if (parsed === undefined) throw new Error("not an id");
  return parsed;
}
