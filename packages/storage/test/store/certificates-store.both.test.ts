import { type AnyCertificate, DateTime, DeviceId, type RealmRole, UserId, VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { type CertificateLookup, type IncomingCertificate, openDeviceStorage, strictDriver } from "../../src/index.ts";
import { newOwner } from "../support/fixtures.ts";

const at = (time: number) => DateTime.fromMicros(time);
const [alice, bob] = [UserId.generate(), UserId.generate()];
const [laptop, phone] = [DeviceId.generate(), DeviceId.generate()];
const [docs, photos] = [VlobId.generate(), VlobId.generate()];

// The store looks at type, timestamp and filters only, and takes the signed bytes as they are.
let serial = 0;
function incoming(certificate: unknown): IncomingCertificate {
  serial += 1;
  return { certificate: certificate as AnyCertificate, signed: Uint8Array.of(serial, 1, 2, 3) };
}
const device = (deviceId: DeviceId, userId: UserId, time: number) =>
  incoming({ type: "device_certificate", timestamp: at(time), deviceId, userId });
const user = (userId: UserId, time: number) => incoming({ type: "user_certificate", timestamp: at(time), userId });
const revocation = (userId: UserId, time: number) =>
  incoming({ type: "revoked_user_certificate", timestamp: at(time), userId });
const role = (realmId: VlobId, userId: UserId, given: RealmRole, time: number) =>
  incoming({ type: "realm_role_certificate", timestamp: at(time), realmId, userId, role: given });
const rotation = (realmId: VlobId, keyIndex: number, time: number) =>
  incoming({ type: "realm_key_rotation_certificate", timestamp: at(time), realmId, keyIndex });

async function start() {
  const driver = strictDriver();
  const owner = newOwner();
  const storage = await openDeviceStorage(driver, owner);
  return { driver, owner, storage, store: storage.certificates };
}

const certificates = {
  alice: user(alice, 10),
  laptop: device(laptop, alice, 10),
  bob: user(bob, 20),
  phone: device(phone, bob, 20),
  owner: role(docs, alice, "OWNER", 30),
  first: rotation(docs, 1, 31),
  reader: role(docs, bob, "READER", 32),
  second: rotation(docs, 300, 33),
  photos: role(photos, bob, "OWNER", 34),
  revoked: revocation(bob, 40),
};

function found(lookup: CertificateLookup): Uint8Array | undefined {
  return lookup.status === "found" ? lookup.signed : undefined;
}

describe("the certificates store", () => {
  test("gives all back in the order in which they came in, over a new start", async () => {
    const { driver, owner, storage, store } = await start();
    const all = Object.values(certificates);
    await store.add(all.slice(0, 4));
    await store.add(all.slice(4));
    await storage.close();
    const again = await openDeviceStorage(driver, owner);
    expect((await again.certificates.all()).map(({ signed }) => signed)).toEqual(all.map(({ signed }) => signed));
  });

  test("finds by type, by each filter, by both, up to a time", async () => {
    const { store } = await start();
    await store.add(Object.values(certificates));
    const type = "realm_role_certificate";
    expect(found(await store.get({ type }))).toEqual(certificates.photos.signed);
    expect(found(await store.get({ type, filter1: docs }))).toEqual(certificates.reader.signed);
    expect(found(await store.get({ type, filter2: alice }))).toEqual(certificates.owner.signed);
    expect(found(await store.get({ type, filter1: docs, filter2: alice }))).toEqual(certificates.owner.signed);
    expect(found(await store.get({ type, filter1: docs }, { upTo: at(32) }))).toEqual(certificates.reader.signed);
    expect(found(await store.get({ type, filter1: docs }, { upTo: at(31) }))).toEqual(certificates.owner.signed);
    const rotations = { type: "realm_key_rotation_certificate", filter1: docs } as const;
    expect(found(await store.get({ ...rotations, filter2: 300 }))).toEqual(certificates.second.signed);
    expect(await store.get({ ...rotations, filter2: 2 })).toEqual({ status: "non_existing" });
  });

  test("tells what does not exist from what is too recent", async () => {
    const { store } = await start();
    expect(await store.get({ type: "user_certificate", filter1: bob })).toEqual({ status: "non_existing" });
    await store.add(Object.values(certificates));
    expect(await store.get({ type: "user_certificate", filter1: bob }, { upTo: at(19) })).toEqual({
      status: "exists_but_too_recent",
      timestamp: 20,
    });
    expect(await store.get({ type: "realm_name_certificate" })).toEqual({ status: "non_existing" });
  });

  test("joins: the filter of one certificate out of another", async () => {
    const { store } = await start();
    await store.add(Object.values(certificates));
    const userOfPhone = { filter2Of: { type: "device_certificate", filter1: phone } } as const;
    expect(found(await store.get({ type: "user_certificate", filter1: userOfPhone }))).toEqual(certificates.bob.signed);
    expect(found(await store.get({ type: "revoked_user_certificate", filter1: userOfPhone }))).toEqual(
      certificates.revoked.signed,
    );
    expect(found(await store.get({ type: "realm_role_certificate", filter1: docs, filter2: userOfPhone }))).toEqual(
      certificates.reader.signed,
    );
    const deviceOfAlice = { filter1Of: { type: "device_certificate", filter2: alice } } as const;
    expect(found(await store.get({ type: "device_certificate", filter1: deviceOfAlice }))).toEqual(
      certificates.laptop.signed,
    );
    const nobody = { filter2Of: { type: "device_certificate", filter1: DeviceId.generate() } } as const;
    expect(await store.get({ type: "user_certificate", filter1: nobody })).toEqual({ status: "non_existing" });
    expect(await store.list({ type: "user_certificate", filter1: nobody })).toEqual([]);
  });

  test("lists by ascending time, in pages", async () => {
    const { store } = await start();
    await store.add(Object.values(certificates));
    const roles = [certificates.owner, certificates.reader, certificates.photos].map(({ signed }) => signed);
    const list = async (...args: Parameters<typeof store.list>) =>
      (await store.list(...args)).map(({ signed }) => signed);
    const type = "realm_role_certificate";
    expect(await list({ type })).toEqual(roles);
    expect(await list({ type }, { upTo: 32 })).toEqual(roles.slice(0, 2));
    expect(await list({ type }, { offset: 1, limit: 1 })).toEqual(roles.slice(1, 2));
  });

  test("knows the last timestamp of each topic", async () => {
    const { store } = await start();
    const nothing = { common: undefined, sequester: undefined, shamirRecovery: undefined, realm: new Map() };
    expect(await store.lastTimestamps()).toEqual(nothing);
    await store.add(Object.values(certificates));
    await store.add([
      incoming({ type: "shamir_recovery_brief_certificate", timestamp: at(50), userId: alice }),
      incoming({ type: "sequester_authority_certificate", timestamp: at(5) }),
    ]);
    expect(await store.lastTimestamps()).toEqual({
      common: 40,
      sequester: 5,
      shamirRecovery: 50,
      realm: new Map([
        [docs, 33],
        [photos, 34],
      ]),
    });
  });

  test("a batch is stored whole or not at all, also when it replaces everything", async () => {
    const { driver, store } = await start();
    await store.add([certificates.alice]);
    driver.plan({ failAtWrite: 1 });
    await expect(store.replaceAll([certificates.bob, certificates.phone])).rejects.toMatchObject({
      code: "STORAGE_FULL",
    });
    expect((await store.all()).map(({ signed }) => signed)).toEqual([certificates.alice.signed]);
    await store.replaceAll([certificates.bob, certificates.phone]);
    expect(await store.all()).toHaveLength(2);
    await store.forgetAll();
    expect(await store.all()).toEqual([]);
  });

  test("what another key wrote is an error, not an absence", async () => {
    const { driver, owner, storage, store } = await start();
    await store.add([certificates.alice]);
    await storage.close();
    const stranger = await openDeviceStorage(driver, { ...newOwner(), deviceId: owner.deviceId });
    await expect(stranger.certificates.all()).rejects.toMatchObject({ code: "STORAGE_CORRUPTED" });
  });
});
