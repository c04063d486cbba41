import {
  KeyDerivation,
  PrivateKey,
  PublicKey,
  SecretKey,
  SequesterPublicKey,
  SequesterVerifyKey,
  ShamirShare,
  SigningKey,
} from "@parsec/crypto";
import fc from "fast-check";
import * as t from "../../src/index.ts";
import * as any from "./arbitraries.ts";
import { allVectors, hex } from "./data-vectors.ts";

/** Values of a document, made from what its codec says of itself. */
export function documentArbitrary(codec: t.TaggedCodec<string, string, object>): fc.Arbitrary<object> {
  const special = withRules[codec.value];
  return special ?? arbitraryOf(codec.schema).map(asObject);
}

function asObject(value: unknown): object {
  if (typeof value !== "object" || value === null) throw new Error("a document is an object");
  return value;
}

const size = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const someBytes = fc.uint8Array({ maxLength: 60 }).map((bytes) => new Uint8Array(bytes));
const digest = any.hashDigest;
const blockAccess = fc.record({
  id: any.uuid(t.BlockId),
  offset: size,
  size: fc.integer({ min: 1, max: 1 << 20 }),
  digest,
});
const archiving = fc.oneof(
  fc.record({ type: fc.constantFrom("AVAILABLE", "ARCHIVED") }),
  fc.record({ type: fc.constant("DELETION_PLANNED"), deletionDate: any.dateTime }),
);
const origin = fc.oneof(
  fc.record({ type: fc.constant("DEFAULT" as const) }),
  fc.record({ type: fc.constant("CRYPTPAD" as const), channelId: fc.string(), timestamp: any.dateTime }),
);
const x509Hash = any.bytes(32).map(t.x509CertificateHash);
const pkcs11Uri = fc.record({
  id: fc.option(someBytes),
  label: fc.option(someBytes),
  derIssuer: someBytes,
  derSubject: someBytes,
  serial: someBytes,
});

/** Scalars by the name that the schema gives to them. */
const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  Boolean: fc.boolean(),
  String: fc.string(),
  Bytes: someBytes,
  Version: fc.nat({ max: 0xffff_ffff }),
  Size: size,
  Index: size,
  NonZeroU8: fc.integer({ min: 1, max: 255 }),
  DateTime: any.dateTime,
  VlobID: any.uuid(t.VlobId),
  UserID: any.uuid(t.UserId),
  DeviceID: any.uuid(t.DeviceId),
  SequesterServiceID: any.uuid(t.SequesterServiceId),
  AsyncEnrollmentID: any.uuid(t.AsyncEnrollmentId),
  AccountVaultItemOpaqueKeyID: any.uuid(t.AccountVaultItemOpaqueKeyId),
  TOTPOpaqueKeyID: any.uuid(t.TotpOpaqueKeyId),
  AccessToken: any.accessToken,
  OrganizationID: any.organizationId,
  DeviceLabel: any.deviceLabel,
  EntryName: any.entryName,
  HumanHandle: any.humanHandle,
  UserProfile: fc.constantFrom(...t.UserProfile.values),
  RealmRole: fc.constantFrom(...t.RealmRole.values),
  CertificateSigner: fc.option(any.uuid(t.DeviceId)),
  PKIEncryptionAlgorithm: fc.constantFrom(...t.PkiEncryptionAlgorithm.values),
  RealmArchivingConfiguration: archiving,
  FileManifestOrigin: origin,
  BlockAccess: blockAccess,
  ParsecAddr: any.address.map(t.toServerAddress),
  TrustedPasswordAlgorithm: fc.record({
    type: fc.constant("ARGON2ID"),
    memlimitKb: fc.nat(),
    opslimit: fc.nat(),
    parallelism: fc.nat(),
    salt: any.bytes(16),
  }),
  X509CertificateReference: fc.oneof(fc.record({ hash: x509Hash }), fc.record({ uri: pkcs11Uri, hash: x509Hash })),
  VerifyKey: any.verifyKey,
  PublicKey: any.bytes(32).map(PublicKey.fromBytes),
  PrivateKey: any.bytes(32).map(PrivateKey.fromBytes),
  SigningKey: any.bytes(32).map(SigningKey.fromBytes),
  SecretKey: any.bytes(32).map(SecretKey.fromBytes),
  KeyDerivation: any.bytes(32).map(KeyDerivation.fromBytes),
  ShamirShare: fc.uint8Array({ minLength: 2, maxLength: 99 }).map((bytes) => ShamirShare.fromBytes(bytes)),
  SequesterVerifyKeyDer: fc
    .constant(rsaDer("certificate/sequester_authority", "verify_key_der"))
    .map((der) => SequesterVerifyKey.fromDer(der)),
  SequesterPublicKeyDer: fc
    .constant(rsaDer("certificate/sequester_service", "encryption_key_der"))
    .map((der) => SequesterPublicKey.fromDer(der)),
};

function rsaDer(name: string, field: string): Uint8Array {
  const der = allVectors.find((vector) => vector.name === name)?.expected?.[field];
  return hex(typeof der === "object" && der !== null && "$hex" in der ? String(der.$hex) : "");
}

function arbitraryOf(schema: t.Schema): fc.Arbitrary<unknown> {
  switch (schema.kind) {
    case "scalar":
      return scalarOf(schema.name);
    case "literals":
      return fc.constantFrom(...schema.values);
    case "nullable":
      return fc.option(arbitraryOf(schema.item));
    case "list":
      return fc.array(arbitraryOf(schema.item), { minLength: 1, maxLength: 4 });
    case "set":
      return fc.array(arbitraryOf(schema.item), { maxLength: 4 }).map((items) => new Set(items));
    case "map":
      return fc
        .array(fc.tuple(arbitraryOf(schema.key), arbitraryOf(schema.value)), { maxLength: 4 })
        .map((entries) => new Map(entries));
    case "tuple":
      return fc.tuple(...schema.items.map(arbitraryOf));
    case "struct":
      return structOf(schema.fields);
    case "union":
      return fc.oneof(
        ...schema.variants.map(({ value, type }) =>
          arbitraryOf(type).map((fields) => ({ [schema.discriminant]: value, ...asObject(fields) })),
        ),
      );
  }
}

function scalarOf(name: string): fc.Arbitrary<unknown> {
  const scalar = scalars[name];
  if (scalar === undefined) throw new Error(`no values of ${name}`);
  return scalar;
}

/** Fields that always have a value in memory, whatever the schema allows on the wire. */
const alwaysThere = new Set(["origin", "purpose"]);

function structOf(fields: readonly t.FieldSchema[]): fc.Arbitrary<object> {
  const entries = fields.map(({ name, type, presence }): [string, fc.Arbitrary<unknown>] => {
    const inner = alwaysThere.has(name) && type.kind === "nullable" ? type.item : type;
    const value = arbitraryOf(inner);
    const isOptional = presence === "optional" && !alwaysThere.has(name);
    return [camelCase(name), isOptional ? fc.option(value, { nil: undefined }) : value];
  });
  return fc.record(Object.fromEntries(entries)).map(withoutUndefined);
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** One slot of a file: nothing, or a block somewhere inside it. */
const slots = fc.array(fc.option(fc.record({ start: fc.nat({ max: 7 }), length: fc.integer({ min: 1, max: 8 }) })), {
  maxLength: 6,
});

const fileManifest = fc
  .record({ fields: structOf(fieldsOf(t.FileManifest)), slots, blocksize: fc.integer({ min: 8, max: 64 }), origin })
  .map(({ fields, slots: filled, blocksize, origin: from }): object => {
    const blocks = filled.flatMap((slot, i) => {
      if (slot === null) return [];
      const length = Math.min(slot.length, blocksize - slot.start);
      const [id, digests] = [t.BlockId.generate(), fc.sample(digest, { numRuns: 1, seed: i })];
      return [{ id, offset: i * blocksize + slot.start, size: length, digest: digests[0] }];
    });
    return { ...fields, blocks, blocksize, size: filled.length * blocksize, origin: from };
  });

/** Documents whose fields must agree with each other. */
const withRules: Readonly<Record<string, fc.Arbitrary<object>>> = {
  file_manifest: fileManifest,
  local_file_manifest: fileManifest.map((remote) => ({
    ...t.localFileManifestFromRemote(remote as t.FileManifest),
    needSync: true,
  })),
  shamir_recovery_brief_certificate: fc
    .record({
      fields: structOf(fieldsOf(t.ShamirRecoveryBriefCertificate)),
      shares: fc.array(fc.tuple(any.uuid(t.UserId), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 5 }),
    })
    .map(({ fields, shares }) => ({ ...fields, threshold: 1, perRecipientShares: new Map(shares) })),
};

function fieldsOf({ schema }: t.Codec<unknown>): readonly t.FieldSchema[] {
  return schema.kind === "struct" ? schema.fields : [];
}
