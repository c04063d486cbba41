import { toBase64 } from "@parsec/base";
import { HashDigest, KeyDerivation, ready, type SecretKey } from "@parsec/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as t from "../src/index.ts";
import {
  bytes,
  dumpNames,
  type ExpectedRealm,
  type ExpectedRecovery,
  type Operation,
  Organization,
  readDump,
} from "./support/organization-dump.ts";

beforeAll(() => ready());

describe.each(dumpNames)("organization dump %s", (name) => {
  let organization: Organization;
  const dump = readDump(name);
  beforeAll(async () => {
    organization = await Organization.open(dump);
  });

  it("has certificates that agree with their operations", () => {
    console.log(`organizations/${name}.json: ${organization.found.length} certificates`);
    for (const { certificate, operation } of organization.found) {
      expect(certificate.timestamp).toBe(operation.timestamp);
      if ("author" in certificate) expect(certificate.author).toBe(operation.author ?? null);
    }
  });

  it("has the expected users and devices, and the same ones redacted", () => {
    const users = organization.all("user_certificate");
    expect(users.map((user) => userState(organization, user))).toEqual(
      dump.expected.users.map(({ frozen: _frozen, ...user }) => user),
    );
    const devices = organization.all("device_certificate");
    expect(devices.map(deviceState)).toEqual(dump.expected.devices);
    const redacted = organization.found.filter(({ isRedacted }) => isRedacted).map(({ certificate }) => certificate);
    expect(redacted).toHaveLength(users.length + devices.length);
    for (const certificate of redacted) expect(redactionsOf(organization)).toContainEqual(certificate);
  });

  it.each(dump.expected.realms)("realm $realm_id ($kind): certificates", (realm) => {
    const own = <T extends { readonly realmId: string }>(all: readonly T[]) =>
      all.filter(({ realmId }) => realmId === realm.realm_id);
    expect(
      own(organization.all("realm_role_certificate")).map((certificate) => ({
        timestamp: certificate.timestamp,
        author: certificate.author,
        user_id: certificate.userId,
        role: certificate.role,
      })),
    ).toEqual(realm.role_updates);
    expect(
      own(organization.all("realm_key_rotation_certificate")).map((certificate) => ({
        key_index: certificate.keyIndex,
        timestamp: certificate.timestamp,
        author: certificate.author,
      })),
    ).toEqual(
      realm.key_rotations.map(({ key_index, timestamp: on, author: by }) => ({ key_index, timestamp: on, author: by })),
    );
    expect(own(organization.all("realm_archiving_certificate")).map(archivingState)).toEqual(realm.archiving_updates);
  });

  it.each(dump.expected.realms)("realm $realm_id ($kind): keys bundles, canaries and names", async (realm) => {
    const keys = await realmKeys(organization, realm.realm_id);
    const names = organization.all("realm_name_certificate").filter(({ realmId }) => realmId === realm.realm_id);
    const shown = names.map((certificate) => ({
      timestamp: certificate.timestamp,
      author: certificate.author,
      key_index: certificate.keyIndex,
      name: t.decryptRealmName(keyOf(keys, certificate.keyIndex), certificate.encryptedName),
    }));
    // The bundles of a deleted realm are gone: nobody but the test keys can read its name.
    const isGone = realm.deleted_on !== null;
    expect(shown.map((entry) => ({ ...entry, name: isGone ? null : entry.name }))).toEqual(realm.names);
  });

  it.each(dump.expected.realms)("realm $realm_id ($kind): every manifest and block", (realm) => {
    const keys = knownKeys(dump.keys.realms.find(({ realm_id }) => realm_id === realm.realm_id)?.keys);
    const operations = dump.operations.filter(({ realm_id }) => realm_id === realm.realm_id);
    const manifests = operations
      .filter(({ op }) => op.startsWith("vlob_"))
      .map((op) => manifestState(organization, op, realm, keys));
    if (realm.kind === "user") expect(manifests).toEqual(realm.user_manifests);
    else if (realm.vlobs !== undefined) expect(byVlob(operations, manifests)).toEqual(expectedVlobs(realm));
    if (realm.blocks === undefined) return;
    const blocks = operations.filter(({ op }) => op === "block_create").map((op) => blockState(op, keys));
    expect(sortedByBlock(blocks)).toEqual(
      sortedByBlock(realm.blocks.map(({ referenced: _referenced, ...block }) => block)),
    );
  });

  it.each(dump.expected.sequester_services)("sequester service $service_id opens its accesses", async (service) => {
    const created = organization
      .all("sequester_service_certificate")
      .find(({ serviceId }) => serviceId === service["service_id"]);
    expect([created?.serviceLabel, created?.timestamp]).toEqual([service["service_label"], service["created_on"]]);
    const accesses = Object.entries(service["keys_bundle_accesses"] ?? {}) as [string, number[]][];
    for (const [realmId, indexes] of accesses) {
      for (const index of indexes) {
        const access = serviceAccess(organization, realmId, index, String(service["service_id"]));
        const key = await t.openSequesterKeysBundleAccess(
          access,
          organization.serviceKey(String(service["service_id"])),
        );
        expect(openBundle(organization, realmId, index, key).keys).toHaveLength(index);
      }
    }
  });

  it.each(dump.expected.shamir_recoveries)("shamir recovery of $user_id", (recovery) => {
    for (const recipients of recovery.sufficient_recipients) {
      const { secret, threshold } = recoverWith(organization, recovery, recipients);
      expect(toBase64(secret.dataKey.toBytes())).toBe(recovery.data_key);
      expect(secret.revealToken).toBe(recovery.reveal_token);
      expect(threshold).toBe(recovery["threshold"]);
      if (recovery.recovered_device === undefined) continue;
      const setup = organization.found.find(
        ({ certificate }) => certificate.type === "shamir_recovery_brief_certificate" && isSetup(certificate, recovery),
      );
      const device = t.openLocalDevice(bytes(setup?.operation["ciphered_data"]), secret.dataKey);
      expect({
        user_id: device.userId,
        device_id: device.deviceId,
        device_label: device.deviceLabel,
        human_handle: device.humanHandle,
      }).toEqual(recovery.recovered_device);
    }
  });
});

function userState(organization: Organization, user: t.UserCertificate): object {
  const isOwn = ({ userId }: { readonly userId: t.UserId }) => userId === user.userId;
  const updates = organization.all("user_update_certificate").filter(isOwn);
  const revocation = organization.all("revoked_user_certificate").find(isOwn);
  return {
    user_id: user.userId,
    human_handle: user.humanHandle,
    created_on: user.timestamp,
    created_by: user.author,
    initial_profile: user.profile,
    profile_updates: updates.map(({ timestamp, author, newProfile }) => ({
      timestamp,
      author,
      new_profile: newProfile,
    })),
    current_profile: updates.at(-1)?.newProfile ?? user.profile,
    revoked_on: revocation?.timestamp ?? null,
    revoked_by: revocation?.author ?? null,
  };
}

function deviceState(device: t.DeviceCertificate): object {
  return {
    device_id: device.deviceId,
    user_id: device.userId,
    device_label: device.deviceLabel,
    purpose: device.purpose,
    created_on: device.timestamp,
    created_by: device.author,
  };
}

function redactionsOf(organization: Organization): unknown[] {
  return [
    ...organization.all("user_certificate").map(t.redactedUserCertificate),
    ...organization.all("device_certificate").map(t.redactedDeviceCertificate),
  ];
}

function archivingState({ timestamp, author, configuration }: t.RealmArchivingCertificate): object {
  const shown =
    configuration.type === "DELETION_PLANNED"
      ? { type: configuration.type, deletion_date: configuration.deletionDate }
      : configuration;
  return { timestamp, author, configuration: shown };
}

function knownKeys(keys: Readonly<Record<string, string>> = {}): KeyDerivation[] {
  return Object.values(keys).map((key) => KeyDerivation.fromBytes(bytes(key)));
}

function keyOf(keys: readonly KeyDerivation[], keyIndex: number): KeyDerivation {
  const key = keys[keyIndex - 1];
  if (key === undefined) throw new Error(`no key ${keyIndex}`);
  return key;
}

function openBundle(organization: Organization, realmId: string, keyIndex: number, key: SecretKey): t.RealmKeysBundle {
  const unverified = t.openRealmKeysBundle(organization.bundle(realmId, keyIndex), key);
  const { value } = unverified.verify(organization.authorKey(unverified.author));
  expect([value.realmId, t.bundleKeyIndex(value)]).toEqual([realmId, keyIndex]);
  return value;
}

/** Opens every bundle of a realm with every access given, and checks the keys with the canaries. */
async function realmKeys(organization: Organization, realmId: string): Promise<readonly KeyDerivation[]> {
  const known = knownKeys(organization.dump.keys.realms.find(({ realm_id }) => realm_id === realmId)?.keys);
  for (const { keyIndex, userId, access } of accessesOf(organization, realmId)) {
    const open = () =>
      openBundle(organization, realmId, keyIndex, t.openRealmKeysBundleAccess(access, organization.privateKey(userId)));
    if (isKnownInvalid(organization, { realm_id: realmId, key_index: keyIndex, user_id: userId })) {
      expect(open).toThrow(expect.objectContaining({ code: "DECRYPTION" }));
      continue;
    }
    const { keys } = open();
    keys.forEach((key, i) => expect(key.equals(keyOf(known, i + 1))).toBe(true));
  }
  for (const rotation of organization.all("realm_key_rotation_certificate")) {
    if (rotation.realmId !== realmId || known.length === 0) continue;
    const opened = known.map((key) => t.opensKeyCanary(key, rotation.keyCanary));
    expect(opened).toEqual(known.map((_, i) => i + 1 === rotation.keyIndex));
  }
  return known;
}

interface Access {
  readonly keyIndex: number;
  readonly userId: string;
  readonly access: Uint8Array;
}

/** The accesses given to users: at rotations, then at shares. A deleted realm has none left. */
function accessesOf(organization: Organization, realmId: string): Access[] {
  return organization.found.flatMap(({ certificate, operation }): Access[] => {
    if (!("realmId" in certificate) || certificate.realmId !== realmId) return [];
    if (certificate.type === "realm_key_rotation_certificate") {
      const accesses = Object.entries(operation["per_participant_keys_bundle_access"] ?? {});
      return accesses.map(([userId, access]) => ({ keyIndex: certificate.keyIndex, userId, access: bytes(access) }));
    }
    if (certificate.type !== "realm_role_certificate" || operation.op !== "realm_share") return [];
    const access = operation["recipient_keys_bundle_access"];
    if (access === "") return [];
    return [{ keyIndex: operation.key_index ?? 0, userId: certificate.userId, access: bytes(access) }];
  });
}

function isKnownInvalid(organization: Organization, access: Readonly<Record<string, unknown>>): boolean {
  const invalid = organization.dump.expected.invalid_keys_bundle_accesses ?? [];
  return invalid.some((known) => Object.entries(access).every(([name, value]) => known[name] === value));
}

function serviceAccess(organization: Organization, realmId: string, keyIndex: number, serviceId: string): Uint8Array {
  const rotation = organization.found.find(
    ({ certificate }) =>
      certificate.type === "realm_key_rotation_certificate" &&
      certificate.realmId === realmId &&
      certificate.keyIndex === keyIndex,
  );
  const accesses = rotation?.operation["per_sequester_service_keys_bundle_access"];
  return bytes((accesses as Readonly<Record<string, string>> | undefined)?.[serviceId]);
}

function vlobId(text: unknown): t.VlobId {
  return t.VlobId.parse(String(text)) ?? t.VlobId.generate();
}

/** Opens one version, expecting what its operation announces. */
function openVersion(
  organization: Organization,
  operation: Operation,
  realm: ExpectedRealm,
  keys: readonly KeyDerivation[],
): t.Manifest {
  const author = t.DeviceId.parse(operation.author ?? "") ?? t.DeviceId.generate();
  const id = vlobId(operation.vlob_id);
  const expected = {
    author,
    timestamp: t.DateTime.fromMicros(operation.timestamp ?? 0),
    id,
    version: operation.version ?? 1,
  };
  const blob = bytes(operation["blob"]);
  const authorKey = organization.authorKey(author);
  if (realm.kind === "user") {
    return t.openUserManifest(blob, organization.userRealmKey(realm.realm_id), authorKey, expected).value;
  }
  const key = t.vlobKey(keyOf(keys, operation.key_index ?? 0), id);
  const open = id === realm.realm_id ? t.openWorkspaceManifest : t.openChildManifest;
  return open(blob, key, authorKey, expected).value;
}

function manifestState(
  organization: Organization,
  operation: Operation,
  realm: ExpectedRealm,
  keys: readonly KeyDerivation[],
): object {
  const manifest = openVersion(organization, operation, realm, keys);
  const { version, timestamp, author, created, updated } = manifest;
  if (manifest.type === "user_manifest") return { version, timestamp, author, created, updated };
  const common = {
    version,
    timestamp,
    author,
    key_index: operation.key_index,
    created,
    updated,
    parent: manifest.parent,
  };
  if (manifest.type === "folder_manifest") {
    return { ...common, type: "folder", children: Object.fromEntries(manifest.children) };
  }
  const { size, blocksize, blocks } = manifest;
  const shown = blocks.map(({ digest, ...block }) => ({ ...block, sha256: digest.hex }));
  return { ...common, type: "file", size, blocksize, blocks: shown };
}

function byVlob(operations: readonly Operation[], states: readonly object[]): object {
  const vlobs: Record<string, object[]> = {};
  const ids = operations.filter(({ op }) => op.startsWith("vlob_")).map(({ vlob_id }) => String(vlob_id));
  ids.forEach((id, i) => {
    vlobs[id] = [...(vlobs[id] ?? []), states[i] ?? {}];
  });
  return vlobs;
}

function expectedVlobs(realm: ExpectedRealm): object {
  return Object.fromEntries((realm.vlobs ?? []).map(({ vlob_id, versions }) => [vlob_id, versions]));
}

function blockState(operation: Operation, keys: readonly KeyDerivation[]): object {
  const id = t.BlockId.parse(String(operation.block_id)) ?? t.BlockId.generate();
  const encrypted = bytes(operation["block"]);
  const content = t.blockKey(keyOf(keys, operation.key_index ?? 0), id).decrypt(encrypted);
  return {
    block_id: id,
    key_index: operation.key_index,
    author: operation.author,
    created_on: operation.timestamp,
    encrypted_size: encrypted.length,
    size: content.length,
    sha256: HashDigest.of(content).hex,
  };
}

function sortedByBlock(blocks: readonly object[]): object[] {
  const key = (block: object) => ("block_id" in block ? String(block.block_id) : "");
  return [...blocks].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function isSetup(certificate: { readonly userId: string; readonly timestamp: number }, recovery: ExpectedRecovery) {
  return certificate.userId === recovery.user_id && certificate.timestamp === recovery.setup_timestamp;
}

function recoverWith(organization: Organization, recovery: ExpectedRecovery, recipients: readonly string[]) {
  const brief = organization.all("shamir_recovery_brief_certificate").find((own) => isSetup(own, recovery));
  const shares = organization
    .all("shamir_recovery_share_certificate")
    .filter((share) => isSetup(share, recovery) && recipients.includes(share.recipient));
  const opened = shares.flatMap((share) => {
    const authorKey = organization.authorKey(share.author);
    const key = organization.privateKey(share.recipient);
    const data = t.openShamirRecoveryShareData(share.cipheredShare, key, authorKey, share).value;
    expect(data.weightedShare).toHaveLength(brief?.perRecipientShares.get(share.recipient) ?? 0);
    return data.weightedShare;
  });
  const threshold = brief?.threshold ?? 0;
  return { secret: t.combineShamirRecoverySecret(opened, threshold), threshold };
}
