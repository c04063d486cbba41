import { decode as peerDecode } from "@msgpack/msgpack";
import { HashDigest } from "@parsec/crypto";
import { describe, expect, it } from "vitest";
import data from "../../../test/vectors/schema-data.json" with { type: "json" };
import protocol from "../../../test/vectors/schema-protocol.json" with { type: "json" };
import * as types from "../src/index.ts";

interface Variant {
  readonly discriminant_value: string;
  readonly fields: readonly { readonly name: string }[];
}

interface ScalarType {
  readonly wire: string;
  readonly values?: readonly string[];
  readonly fields?: readonly { readonly name: string }[];
  readonly variants?: readonly Variant[];
}

/** What the schemas say of each scalar name. */
const scalarTypes: Readonly<Record<string, ScalarType>> = { ...data.scalar_types, ...protocol.scalar_types };

const exported: readonly unknown[] = Object.values(types);

function isCodec(value: unknown): value is types.Codec<unknown> {
  return typeof value === "object" && value !== null && "schema" in value && "decode" in value;
}

function codecsNamed(name: string): types.Codec<unknown>[] {
  return exported.filter(isCodec).filter(({ schema }) => schema.kind === "scalar" && schema.name === name);
}

/** The keys that an independent decoder finds. */
function keysOf<T>(codec: types.Codec<T>, value: T): string[] {
  const map = peerDecode(types.encode(codec, value));
  return typeof map === "object" && map !== null ? Object.keys(map) : [];
}

const time = types.DateTime.fromMicros(1);
const digest = HashDigest.fromBytes(new Uint8Array(32));
const noBytes = new Uint8Array(0);
const parameters = { type: "ARGON2ID", memlimitKb: 1, opslimit: 1, parallelism: 1 } as const;
const block = { id: types.BlockId.generate(), offset: 0, size: 1, digest };
const chunk = { id: types.ChunkId.generate(), start: 0, stop: 1, rawOffset: 0, rawSize: 1, access: null };
const uri = { id: null, label: null, derIssuer: noBytes, derSubject: noBytes, serial: noBytes };

/** The keys of a value of each scalar type that is a map; by variant where it has some. */
const written: Readonly<Record<string, readonly string[]>> = {
  BlockAccess: keysOf(types.BlockAccess, block),
  ChunkView: keysOf(types.ChunkView, chunk),
  X509Pkcs11URI: keysOf(types.X509Pkcs11Uri, uri),
  X509CertificateReference: keysOf(types.X509CertificateReference, {
    uri,
    hash: types.x509CertificateHash(new Uint8Array(32)),
  }),
  "TrustedPasswordAlgorithm ARGON2ID": keysOf(types.TrustedPasswordAlgorithm, {
    ...parameters,
    salt: new Uint8Array(16),
  }),
  "UntrustedPasswordAlgorithm ARGON2ID": keysOf(types.UntrustedPasswordAlgorithm, parameters),
  "RealmArchivingConfiguration AVAILABLE": keysOf(types.RealmArchivingConfiguration, { type: "AVAILABLE" }),
  "RealmArchivingConfiguration ARCHIVED": keysOf(types.RealmArchivingConfiguration, { type: "ARCHIVED" }),
  "RealmArchivingConfiguration DELETION_PLANNED": keysOf(types.RealmArchivingConfiguration, {
    type: "DELETION_PLANNED",
    deletionDate: time,
  }),
  "FileManifestOrigin DEFAULT": keysOf(types.FileManifestOrigin, { type: "DEFAULT" }),
  "FileManifestOrigin CRYPTPAD": keysOf(types.FileManifestOrigin, {
    type: "CRYPTPAD",
    channelId: "",
    timestamp: time,
  }),
};

const inSchema = Object.fromEntries(
  Object.entries(scalarTypes).flatMap(([name, { fields, variants }]) => [
    ...(fields === undefined ? [] : [[name, namesOf(fields)] as const]),
    ...(variants ?? []).map(
      (each) => [`${name} ${each.discriminant_value}`, ["type", ...namesOf(each.fields)]] as const,
    ),
  ]),
);

function namesOf(fields: readonly { readonly name: string }[]): string[] {
  return fields.map(({ name }) => name);
}

describe(`the ${Object.keys(scalarTypes).length} scalar types of the schemas`, () => {
  it.each(Object.entries(scalarTypes))("%s has a codec, of the same values", (name, { values }) => {
    const codecs = codecsNamed(name);
    expect(codecs).not.toHaveLength(0);
    if (values !== undefined) expect(codecs).toEqual([expect.objectContaining({ values })]);
  });

  it("are maps with the same keys, in the same order", () => {
    expect(written).toEqual(inSchema);
  });
});
