import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as t from "../src/index.ts";
import * as any from "./support/arbitraries.ts";
import { mutated } from "./support/mutations.ts";

interface Case<T> {
  readonly codec: t.Codec<T>;
  readonly values: fc.Arbitrary<T>;
}

const scalar = <T>(codec: t.Codec<T>, values: fc.Arbitrary<T>): Case<unknown> => ({ codec, values });
const oneOf = <V extends string>(kind: t.EnumerationKind<V>) => scalar(kind, fc.constantFrom(...kind.values));
const someBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes));
const positive = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const u32 = fc.nat({ max: 0xffff_ffff });

const blockAccess = fc.record({
  id: any.uuid(t.BlockId),
  offset: any.index,
  size: positive,
  digest: any.hashDigest,
});
const passwordParameters = { type: fc.constant("ARGON2ID" as const), memlimitKb: u32, opslimit: u32, parallelism: u32 };
const x509Hash = any.bytes(32).map(t.x509CertificateHash);
const pkcs11Uri = fc.record({
  id: fc.option(someBytes),
  label: fc.option(someBytes),
  derIssuer: someBytes,
  derSubject: someBytes,
  serial: someBytes,
});

const cases: readonly Case<unknown>[] = [
  scalar(t.DateTime, any.dateTime),
  scalar(t.UserId, any.uuid(t.UserId)),
  scalar(t.VlobId, any.uuid(t.VlobId)),
  scalar(t.OrganizationId, any.organizationId),
  scalar(t.DeviceLabel, any.deviceLabel),
  scalar(t.EntryName, any.entryName),
  scalar(t.EmailAddress, any.emailAddress),
  scalar(t.HumanHandle, any.humanHandle),
  scalar(t.ValidationCode, fc.constant(null).map(t.generateValidationCode)),
  scalar(t.AccessToken, any.accessToken),
  scalar(t.VerifyKeyCodec, any.verifyKey),
  scalar(t.HashDigestCodec, any.hashDigest),
  scalar(t.CertificateSigner, fc.option(any.uuid(t.DeviceId))),
  scalar(t.ActiveUsersLimit, fc.option(any.index)),
  oneOf(t.UserProfile),
  oneOf(t.RealmRole),
  oneOf(t.InvitationType),
  oneOf(t.InvitationStatus),
  oneOf(t.GreeterOrClaimer),
  oneOf(t.CancelledGreetingAttemptReason),
  oneOf(t.PkiEncryptionAlgorithm),
  oneOf(t.PkiSignatureAlgorithm),
  scalar(t.TrustedPasswordAlgorithm, fc.record({ ...passwordParameters, salt: any.bytes(16) })),
  scalar(t.UntrustedPasswordAlgorithm, fc.record(passwordParameters)),
  scalar(
    t.RealmArchivingConfiguration,
    fc.oneof(
      fc.record({ type: fc.constantFrom("AVAILABLE" as const, "ARCHIVED" as const) }),
      fc.record({ type: fc.constant("DELETION_PLANNED" as const), deletionDate: any.dateTime }),
    ),
  ),
  scalar(
    t.FileManifestOrigin,
    fc.oneof(
      fc.record({ type: fc.constant("DEFAULT" as const) }),
      fc.record({ type: fc.constant("CRYPTPAD" as const), channelId: fc.string(), timestamp: any.dateTime }),
    ),
  ),
  scalar(t.BlockAccess, blockAccess),
  scalar(
    t.ChunkView,
    fc.record({
      id: any.uuid(t.ChunkId),
      start: any.index,
      stop: positive,
      rawOffset: any.index,
      rawSize: positive,
      access: fc.option(blockAccess),
    }),
  ),
  scalar(t.X509CertificateHash, x509Hash),
  scalar(t.X509Pkcs11Uri, pkcs11Uri),
  scalar(
    t.X509CertificateReference,
    fc.oneof(fc.record({ hash: x509Hash }), fc.record({ uri: pkcs11Uri, hash: x509Hash })),
  ),
  scalar(t.ParsecAddr, any.address.map(t.toServerAddress)),
];

describe.each(cases.map((each) => ({ ...each, name: nameOf(each.codec) })))("$name", ({ codec, values }) => {
  it("decodes to what was encoded", () => {
    fc.assert(
      fc.property(values, (value) => {
        const decoded = t.decode(codec, t.encode(codec, value));
        expect(comparable(decoded)).toEqual(comparable(value));
      }),
    );
  });

  it("gives a value or a DecodeError for damaged bytes", () => {
    fc.assert(
      fc.property(mutated(values.map((value) => t.encode(codec, value))), (bytes) => {
        try {
          t.encode(codec, t.decode(codec, bytes));
        } catch (error) {
          if (!(error instanceof t.DecodeError)) throw error;
        }
      }),
    );
  });
});

function nameOf({ schema }: t.Codec<unknown>): string {
  return schema.kind === "scalar" ? schema.name : schema.kind;
}

/** Keys hide their bytes from `toEqual`. */
function comparable(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if ("toBytes" in value && typeof value.toBytes === "function") return value.toBytes();
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, comparable(inner)]));
}
