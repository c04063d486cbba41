import {
  AccessToken,
  AccountAuthMethodId,
  AsyncEnrollmentId,
  DateTime,
  DeviceId,
  EmailAddress,
  GreetingAttemptId,
  HumanHandle,
  OrganizationId,
  UserId,
  ValidationCode,
  VlobId,
} from "@parsec/types";
import { afterEach, describe, expect, test } from "vitest";
import type { DispatchedEvent } from "../../src/events/event.ts";
import { type AuthMethodRow, codePurposes } from "../../src/store/port/accounts.ts";
import type { EnrollmentRow, EnrollmentState } from "../../src/store/port/enrollments.ts";
import type { InvitationRow, InvitationTarget } from "../../src/store/port/invitations.ts";
import type { OrganizationRow } from "../../src/store/port/organizations.ts";
import type { Store, Transaction } from "../../src/store/port/store.ts";
import { createStore, createStrictStore } from "../support/stores.ts";

const organizationId = OrganizationId.parse("Acme");
const now = DateTime.fromMicros(1_000);
const row: OrganizationRow = {
  organizationId,
  createdOn: now,
  bootstrapToken: AccessToken.generate(),
  bootstrap: null,
  isExpired: false,
  activeUsersLimit: null,
  userProfileOutsiderAllowed: true,
  realmMinimumArchivingPeriodBeforeDeletion: 0,
  tos: null,
  allowedClientAgent: "NATIVE_OR_WEB",
};

async function commit<T>(store: Store, run: (tx: Transaction) => Promise<T>): Promise<T> {
  return await store.transaction(async (tx) => ({ end: "commit", value: await run(tx) }));
}

const stores: Store[] = [];
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

describe.each([
  ["the store", createStore],
  ["the store, strict", createStrictStore],
] as const)("%s", (_name, create) => {
  async function open(): Promise<Store> {
    const store = await create();
    stores.push(store);
    return store;
  }

  test("keeps what a transaction has committed, and nothing of one that rolls back or throws", async () => {
    const store = await open();
    await commit(store, (tx) => tx.organizations.put(row));
    const change = async (tx: Transaction) => {
      await tx.lock(organizationId, "common", "write");
      await tx.organizations.configure(organizationId, { isExpired: true });
      await tx.topics.advance(organizationId, "common", now);
      await tx.realms.insert(organizationId, {
        realmId: VlobId.generate(),
        keyIndex: 0,
        createdOn: now,
        status: "AVAILABLE",
        deletedOn: null,
      });
      tx.emit({ type: "PINGED", organizationId, ping: "x" });
    };
    const events: DispatchedEvent[] = [];
    const told = new Promise<void>((resolve) => {
      store.subscribe((event) => {
        events.push(event);
        resolve();
      });
    });
    await store.transaction(async (tx) => {
      await change(tx);
      return { end: "rollback", value: undefined };
    });
    const failure = new Error("on purpose");
    const failing = commit(store, async (tx) => {
      await change(tx);
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    const state = await commit(store, async (tx) => ({
      organization: await tx.organizations.find(organizationId),
      last: await tx.topics.last(organizationId, "common"),
      realms: await tx.realms.list(organizationId),
    }));
    expect(state).toEqual({ organization: row, last: undefined, realms: [] });
    expect(events).toEqual([]);

    await commit(store, change);
    await told;
    expect(events.map(({ event }) => event.type)).toEqual(["PINGED"]);
    expect((await commit(store, (tx) => tx.organizations.find(organizationId)))?.isExpired).toBe(true);
  });

  test("numbers vlob checkpoints, and finds versions by date", async () => {
    const store = await open();
    const [realmId, vlobId, other] = [VlobId.generate(), VlobId.generate(), VlobId.generate()];
    await commit(store, async (tx) => {
      await tx.organizations.put(row);
      const realm = { realmId, keyIndex: 0, createdOn: now, status: "AVAILABLE", deletedOn: null } as const;
      await tx.realms.insert(organizationId, realm);
      const author = DeviceId.generate();
      for (const [id, version, at] of [
        [vlobId, 1, 10],
        [other, 1, 20],
        [vlobId, 2, 30],
      ] as const) {
        const timestamp = DateTime.fromMicros(at);
        const vlob = { vlobId: id, version, keyIndex: 0, blob: new Uint8Array(at), author, timestamp };
        await tx.vlobs.insert(organizationId, realmId, vlob);
      }
    });
    const found = await commit(store, async ({ vlobs }) => ({
      all: await vlobs.changesAfter(organizationId, realmId, 0),
      last: await vlobs.changesAfter(organizationId, realmId, 2),
      newest: await vlobs.newestTimestamp(organizationId, realmId),
      past: (await vlobs.latest(organizationId, realmId, [vlobId], DateTime.fromMicros(29))).map(
        (each) => each.version,
      ),
      size: await vlobs.totalSize(organizationId, realmId),
    }));
    expect(found).toEqual({
      all: {
        changes: [
          [vlobId, 2],
          [other, 1],
        ],
        current: 3,
      },
      last: { changes: [[vlobId, 2]], current: 3 },
      newest: 30,
      past: [1],
      size: 60,
    });
  });

  test("keeps of anonymous callers' rows what it is told to keep", async () => {
    const store = await open();
    const spontaneous = (name: string, on: number, changes: Partial<OrganizationRow> = {}) => ({
      ...row,
      organizationId: OrganizationId.parse(name),
      createdOn: DateTime.fromMicros(on),
      bootstrapToken: null,
      ...changes,
    });
    const enrollment = (on: number, state: EnrollmentState): EnrollmentRow => ({
      enrollmentId: AsyncEnrollmentId.generate(),
      email: EmailAddress.parse(`e${on}@example.com`),
      submittedOn: DateTime.fromMicros(on),
      payload: new Uint8Array(10),
      signature: {
        type: "PKI",
        signature: new Uint8Array(2),
        algorithm: "RSASSA-PSS-SHA256",
        leaf: new Uint8Array(3),
        intermediates: [new Uint8Array(4)],
      },
      state,
    });
    const [submitted, rejected] = [{ status: "SUBMITTED" } as const, { status: "REJECTED", on: now } as const];
    const cancelled = { status: "CANCELLED", on: now } as const;
    const found = await commit(store, async (tx) => {
      const { organizations, enrollments } = tx;
      await organizations.put(row);
      for (const each of [
        spontaneous("Old", 1),
        spontaneous("New", 9),
        spontaneous("Expired", 0, { isExpired: true }),
        spontaneous("Used", 0, { bootstrap: { on: now, rootVerifyKey: new Uint8Array(), sequesterAuthority: null } }),
      ]) {
        await organizations.put(each);
      }
      await organizations.forgetSpontaneous(1);
      const ids = (await organizations.list()).map((each) => each.organizationId);
      for (const each of [
        enrollment(3, cancelled),
        enrollment(1, submitted),
        enrollment(2, cancelled),
        enrollment(4, rejected),
      ]) {
        await enrollments.insert(organizationId, each);
      }
      const before = await enrollments.usage(organizationId);
      await enrollments.forgetCancelled(organizationId, 1);
      return { ids, before, after: await enrollments.usage(organizationId) };
    });
    expect(found).toEqual({
      ids: ["Acme", "Expired", "New", "Used"],
      before: { waiting: 1, bytes: 57 },
      after: { waiting: 1, bytes: 38 },
    });
    // A transaction that does nothing else writes all the same.
    await commit(store, (tx) => tx.organizations.forgetSpontaneous(0));
    const left = await commit(store, (tx) => tx.organizations.list());
    expect(left.map((each) => each.organizationId)).toEqual(["Acme", "Expired", "Used"]);
  });

  test("forgets the oldest greeting attempts with what was said, and finds open invitations by their target", async () => {
    const store = await open();
    const [token, other, greeter, setupCreatedOn] = [
      AccessToken.generate(),
      AccessToken.generate(),
      UserId.generate(),
      now,
    ];
    const email = EmailAddress.parse("new@example.com");
    const invitation = (of: AccessToken, target: InvitationTarget, ended: InvitationRow["ended"] = null) => ({
      token: of,
      target,
      createdBy: DeviceId.generate(),
      createdOn: now,
      ended,
    });
    const attemptIds = [1, 2, 3].map(() => GreetingAttemptId.generate());
    const found = await commit(store, async ({ organizations, invitations }) => {
      await organizations.put(row);
      await invitations.insert(organizationId, invitation(token, { type: "USER", claimerEmail: email }));
      const ended = { on: now, reason: "CANCELLED", by: null } as const;
      await invitations.insert(organizationId, invitation(other, { type: "USER", claimerEmail: email }, ended));
      for (const target of [
        { type: "DEVICE", claimer: greeter },
        { type: "SHAMIR_RECOVERY", claimer: greeter, setupCreatedOn },
      ] as const) {
        await invitations.insert(organizationId, invitation(AccessToken.generate(), target));
      }
      for (const attemptId of attemptIds) {
        const joined = { GREETER: now, CLAIMER: null };
        await invitations.putAttempt(organizationId, { attemptId, token, greeter, joined, cancellation: null });
        await invitations.putStep(organizationId, attemptId, 0, { GREETER: new Uint8Array(1), CLAIMER: null });
      }
      await invitations.forgetAttempts(organizationId, token, greeter, 2);
      const [oldest, removed, last] = attemptIds;
      if (oldest === undefined || removed === undefined || last === undefined) throw new Error("there are three");
      await invitations.removeSteps(organizationId, removed);
      return {
        kept: (await invitations.attempts(organizationId, token, greeter)).map(({ attemptId }) => attemptId),
        forgotten: await invitations.findAttempt(organizationId, oldest),
        steps: await Promise.all(attemptIds.map((id) => invitations.step(organizationId, id, 0))),
        user: (await invitations.openFor(organizationId, { type: "USER", claimerEmail: email })).map(
          (each) => each.token,
        ),
        device: (await invitations.openFor(organizationId, { type: "DEVICE", claimer: greeter })).length,
        otherSetup: await invitations.openFor(organizationId, {
          type: "SHAMIR_RECOVERY",
          claimer: greeter,
          setupCreatedOn: DateTime.fromMicros(2),
        }),
        byEmail: (await invitations.openForEmail(email)).map((each) => [each.organizationId, each.invitation.token]),
      };
    });
    const nothing = { GREETER: null, CLAIMER: null };
    expect(found).toEqual({
      kept: attemptIds.slice(1),
      forgotten: undefined,
      steps: [nothing, nothing, { GREETER: new Uint8Array(1), CLAIMER: null }],
      user: [token],
      device: 1,
      otherSetup: [],
      byEmail: [[organizationId, token]],
    });
  });

  test("knows the password method of an e-mail, and forgets codes by e-mail and by age", async () => {
    const store = await open();
    const [email, other] = [EmailAddress.parse("a@example.com"), EmailAddress.parse("b@example.com")];
    const method = (vaultId: number, changes: Partial<AuthMethodRow> = {}): AuthMethodRow => ({
      authMethodId: AccountAuthMethodId.generate(),
      vaultId,
      createdOn: now,
      createdByIp: "",
      createdByUserAgent: "",
      macKey: new Uint8Array(32),
      vaultKeyAccess: new Uint8Array(),
      passwordAlgorithm: { type: "ARGON2ID", memlimitKb: 131_072, opslimit: 3, parallelism: 1 },
      disabledOn: null,
      ...changes,
    });
    const found = await commit(store, async ({ accounts }) => {
      await accounts.put({ humanHandle: HumanHandle.parse(email, "A"), deletedOn: null });
      const former = await accounts.addVault(email);
      await accounts.insertAuthMethod(method(former.vaultId));
      const none = await accounts.activePasswordMethod(other);
      const { vaultId } = await accounts.addVault(email);
      await accounts.insertAuthMethod(method(vaultId, { disabledOn: now }));
      await accounts.insertAuthMethod(method(vaultId, { passwordAlgorithm: null }));
      const inFormerVault = await accounts.activePasswordMethod(email);
      const active = method(vaultId);
      await accounts.insertAuthMethod(active);
      const password = (await accounts.activePasswordMethod(email))?.authMethodId === active.authMethodId;

      const code = { code: ValidationCode.parse("AAAAAA"), failedAttempts: 0 };
      for (const purpose of codePurposes) {
        await accounts.putValidationCode(purpose, email, { ...code, createdOn: DateTime.fromMicros(9) });
        await accounts.putValidationCode(purpose, other, { ...code, createdOn: DateTime.fromMicros(5) });
      }
      const left = async (of: EmailAddress) =>
        (await Promise.all(codePurposes.map((purpose) => accounts.validationCode(purpose, of)))).filter(
          (each) => each !== undefined,
        ).length;
      await accounts.forgetValidationCodes(DateTime.fromMicros(5));
      const young = await left(other);
      await accounts.forgetValidationCodes(DateTime.fromMicros(6));
      const old = await left(other);
      const kept = await left(email);
      await accounts.removeValidationCodes(email);
      return { none, inFormerVault, password, young, old, kept, removed: await left(email) };
    });
    expect(found).toEqual({
      none: undefined,
      inFormerVault: undefined,
      password: true,
      young: 3,
      old: 0,
      kept: 3,
      removed: 0,
    });
  });

  test("runs what excludes itself one after the other, key by key", async () => {
    const store = await open();
    const order: string[] = [];
    const run = (key: string, name: string) =>
      store.exclusively(key, async () => {
        order.push(`${name} begins`);
        for (let turn = 0; turn < 5; turn += 1) await commit(store, (tx) => tx.organizations.list());
        order.push(`${name} ends`);
      });
    const failing = store.exclusively("a", async () => {
      throw new Error("on purpose");
    });
    await Promise.all([expect(failing).rejects.toThrow("on purpose"), run("a", "1"), run("a", "2"), run("b", "3")]);
    const ofA = order.filter((each) => !each.startsWith("3"));
    expect(ofA).toEqual(["1 begins", "1 ends", "2 begins", "2 ends"]);
    expect(order.indexOf("3 begins")).toBeLessThan(order.indexOf("2 begins"));
  });

  test("refuses work after close", async () => {
    const store = await open();
    await store.close();
    await expect(commit(store, (tx) => tx.organizations.list())).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});
