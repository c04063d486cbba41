import { HashDigest, VerifyKey } from "@parsec/crypto";
import fc from "fast-check";
import {
  AccessToken,
  type Address,
  DateTime,
  DeviceLabel,
  EmailAddress,
  EntryName,
  FsPath,
  HumanHandle,
  InvitationType,
  OrganizationId,
  serverAddress,
  UserId,
  VlobId,
} from "../../src/index.ts";
import { utf8Size } from "../../src/text-kind.ts";
import type { UuidKind } from "../../src/uuid.ts";

export const bytes = (size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((b) => new Uint8Array(b));

export const uuid = <Name extends string>(kind: UuidKind<Name>) =>
  bytes(16).map((b) => kind.fromBytes(b) ?? expectNever("16 bytes are an id"));

/** What a number holds without loss, within the calendar. */
export const dateTime = fc
  .oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: 1_500_000_000, max: 4_000_000_000 }).map((s) => s * 1e6 + 123_456),
  )
  .map(DateTime.fromMicros);

const wordCharacter = fc.constantFrom(..."azAZ09_-éßÖ三国अा");
export const organizationId = fc
  .string({ unit: wordCharacter, minLength: 1, maxLength: 10 })
  .map((text) => OrganizationId.parse(text));

const anyText = (min: number, max: number) =>
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((text) => {
    const size = utf8Size(text.normalize("NFC"));
    return size >= min && size <= max;
  });

export const deviceLabel = anyText(1, 255).map(DeviceLabel.parse);

export const entryName = anyText(1, 255)
  .filter((text) => !/^\.{0,2}$|[/\0]/.test(text.normalize("NFC")))
  .map(EntryName.parse);

export const fsPath = fc.array(entryName, { maxLength: 4 }).map(FsPath.of);

const run = fc.string({ unit: fc.constantFrom(..."abcXYZ019!#$%&'*+/=?^_`{|}~"), minLength: 1, maxLength: 6 });
const dotAtom = fc.array(run, { minLength: 1, maxLength: 3 }).map((runs) => runs.join("."));
export const emailAddress = fc.tuple(dotAtom, dotAtom).map((parts) => EmailAddress.parse(parts.join("@")));

const humanLabel = anyText(1, 254).filter((text) => !/[<>@,:;\\"[\]]/.test(text.normalize("NFC")));
export const humanHandle = fc.tuple(emailAddress, humanLabel).map(([email, label]) => HumanHandle.parse(email, label));

export const accessToken = bytes(16).map(AccessToken.fromBytes);
export const verifyKey = bytes(32).map(VerifyKey.fromBytes);
export const hashDigest = bytes(32).map(HashDigest.fromBytes);
export const index = fc.nat({ max: Number.MAX_SAFE_INTEGER });

const hostname = fc.oneof(fc.domain(), fc.ipV4(), fc.constant("[::1]"), fc.constant("localhost"));
const server = fc
  .tuple(hostname, fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }), fc.boolean())
  .map(([host, port, useSsl]) => serverAddress(host, port === undefined ? { useSsl } : { port, useSsl }));

/** Fields of one kind of address, put on any server and organization. */
function onOrganization<F extends object>(fields: fc.Arbitrary<F>) {
  return fc.tuple(server, organizationId, fields).map(([{ hostname: host, port, useSsl }, organization, rest]) => ({
    hostname: host,
    port,
    useSsl,
    organizationId: organization,
    ...rest,
  }));
}

const kind = <K extends string>(name: K) => fc.constant(name);

/** Any address, but of the kinds of the same shape only those that differ in rules. */
export const address: fc.Arbitrary<Address> = fc.oneof(
  server,
  onOrganization(fc.record({ kind: kind("organization"), rootVerifyKey: verifyKey })),
  onOrganization(fc.record({ kind: kind("organization_bootstrap"), token: fc.option(accessToken) })),
  onOrganization(
    fc.record({
      kind: kind("workspace_path"),
      workspaceId: uuid(VlobId),
      keyIndex: index,
      encryptedPath: fc.uint8Array({ maxLength: 300 }).map((b) => new Uint8Array(b)),
    }),
  ),
  onOrganization(
    fc.record({
      kind: kind("invitation"),
      invitationType: fc.constantFrom(...InvitationType.values),
      token: accessToken,
    }),
  ),
  onOrganization(fc.record({ kind: kind("async_enrollment") })),
  onOrganization(fc.record({ kind: kind("pki_enrollment") })),
  onOrganization(fc.record({ kind: kind("totp_reset"), userId: uuid(UserId), token: accessToken })),
);

function expectNever(what: string): never {
  throw new Error(what);
}
