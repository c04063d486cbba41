import {
  DateTime,
  DeviceId,
  EmailAddress,
  GreetingAttemptId,
  OrganizationId,
  UserId,
  ValidationCode,
  VlobId,
} from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { comes } from "../../../../test/support/patience.ts";
import type { Store, Transaction } from "../../src/store/port/store.ts";
import {
  commit,
  enrollmentRow,
  invitationRow,
  organizationRow,
  realmRow,
  serviceRow,
  totpKeyRow,
  userRow,
  vlobRow,
} from "../support/rows.ts";
import { createStore } from "../support/stores.ts";

// What transactions do to each other: whatever they read, decide on and write comes out as if they had run one after the
// other. Each test sends many at once, which a store that only pretends does not survive.

const at = (micros: number) => DateTime.fromMicros(micros);
const many = 16;
const email = EmailAddress.parse("joe@example.com");

let store: Store;
let organizationId: OrganizationId;
let serial = 0;
beforeAll(async () => {
  store = await createStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  serial += 1;
  organizationId = OrganizationId.parse(`Acme${serial}`);
  await commit(store, (tx) => tx.organizations.put(organizationRow(organizationId, at(1))));
});

/** The same work by many transactions at once. */
async function together<T>(run: (tx: Transaction, index: number) => Promise<T>): Promise<readonly T[]> {
  return await Promise.all(Array.from({ length: many }, (_, index) => commit(store, (tx) => run(tx, index))));
}

describe("nothing is lost between a read and the write that follows from it", () => {
  test("settings of an organization", async () => {
    await commit(store, (tx) => tx.organizations.configure(organizationId, { activeUsersLimit: 0 }));
    await together(async (tx) => {
      const { activeUsersLimit = 0 } = (await tx.organizations.find(organizationId)) ?? {};
      await tx.organizations.configure(organizationId, { activeUsersLimit: (activeUsersLimit ?? 0) + 1 });
    });
    expect(await commit(store, (tx) => tx.organizations.find(organizationId))).toMatchObject({
      activeUsersLimit: many,
    });
  });

  test("an organization that is not there yet is created once", async () => {
    const fresh = OrganizationId.parse(`Fresh${serial}`);
    const created = await together(async (tx) => {
      if ((await tx.organizations.find(fresh)) !== undefined) return false;
      await tx.organizations.put(organizationRow(fresh, at(1)));
      return true;
    });
    expect(created.filter(Boolean)).toHaveLength(1);
  });

  test("failed attempts of a one-time password", async () => {
    const key = totpKeyRow(UserId.generate());
    await commit(store, (tx) => tx.totp.putKey(organizationId, key));
    await together(async (tx) => {
      const found = await tx.totp.findKey(organizationId, key.opaqueKeyId);
      await tx.totp.putKey(organizationId, { ...key, failedAttempts: (found?.failedAttempts ?? 0) + 1 });
    });
    const found = await commit(store, (tx) => tx.totp.findKey(organizationId, key.opaqueKeyId));
    expect(found?.failedAttempts).toBe(many);
  });

  test("failed attempts of a validation code", async () => {
    const row = { code: ValidationCode.parse("AAAAAA"), createdOn: at(1), failedAttempts: 0 };
    await commit(store, (tx) => tx.accounts.putValidationCode("create", email, row));
    await together(async (tx) => {
      const { failedAttempts = 0 } = (await tx.accounts.validationCode("create", email)) ?? {};
      await tx.accounts.putValidationCode("create", email, { ...row, failedAttempts: failedAttempts + 1 });
    });
    expect((await commit(store, (tx) => tx.accounts.validationCode("create", email)))?.failedAttempts).toBe(many);
  });

  test("both sides of a greeting step", async () => {
    const attemptId = GreetingAttemptId.generate();
    for (let index = 0; index < many; index += 1) {
      await Promise.all(
        (["GREETER", "CLAIMER"] as const).map((peer) =>
          commit(store, async (tx) => {
            const step = await tx.invitations.step(organizationId, attemptId, index);
            await tx.invitations.putStep(organizationId, attemptId, index, {
              ...step,
              [peer]: new Uint8Array([index]),
            });
          }),
        ),
      );
      const step = await commit(store, (tx) => tx.invitations.step(organizationId, attemptId, index));
      expect(step).toEqual({ GREETER: new Uint8Array([index]), CLAIMER: new Uint8Array([index]) });
    }
  });

  test("one enrollment of an e-mail waits", async () => {
    const submitted = await together(async (tx, index) => {
      await tx.lock(organizationId, "common", "read");
      if ((await tx.enrollments.findSubmitted(organizationId, email)) !== undefined) return false;
      await tx.enrollments.insert(organizationId, enrollmentRow(at(index), email));
      return true;
    });
    expect(submitted.filter(Boolean)).toHaveLength(1);
  });

  test("one invitation is open for a target", async () => {
    const target = { type: "USER", claimerEmail: email } as const;
    const tokens = await together(async (tx) => {
      await tx.lock(organizationId, "common", "read");
      const [open] = await tx.invitations.openFor(organizationId, target);
      const invitation = open ?? invitationRow(at(1), target);
      if (open === undefined) await tx.invitations.insert(organizationId, invitation);
      return invitation.token;
    });
    expect(new Set(tokens).size).toBe(1);
  });

  test("a session of a document, and the state of a service", async () => {
    const [realmId, documentId] = [VlobId.generate(), VlobId.generate()];
    await commit(store, (tx) => tx.realms.insert(organizationId, realmRow(realmId, at(1))));
    const row = { documentId, author: DeviceId.generate(), createdOn: at(1), keyIndex: 1, encryptedEditKey: null };
    const authors = await together(async (tx, index) => {
      await tx.lock(organizationId, "common", "read");
      await tx.lock(organizationId, { realm: realmId }, "read");
      const stored = await tx.cryptpad.find(organizationId, realmId, documentId);
      const session = stored ?? { ...row, author: DeviceId.generate(), encryptedViewKey: new Uint8Array([index]) };
      if (stored === undefined) await tx.cryptpad.put(organizationId, realmId, session);
      return session.author;
    });
    expect(new Set(authors).size).toBe(1);

    const service = serviceRow(at(1));
    await commit(store, (tx) => tx.sequester.put(organizationId, service));
    await Promise.all([
      commit(store, async (tx) => {
        await tx.lock(organizationId, "sequester", "write");
        const found = await tx.sequester.find(organizationId, service.serviceId);
        const revocation = { on: at(2), certificate: new Uint8Array([9]) };
        await tx.sequester.put(organizationId, { ...(found ?? service), revocation });
      }),
      commit(store, async (tx) => {
        const found = await tx.sequester.find(organizationId, service.serviceId);
        await tx.sequester.put(organizationId, {
          ...(found ?? service),
          config: { type: "webhook", webhookUrl: "https://x" },
        });
      }),
    ]);
    const [after] = await commit(store, (tx) => tx.sequester.list(organizationId));
    expect(after).toMatchObject({ config: { type: "webhook" }, revocation: { on: 2 } });
  });

  test("users are limited in number, whatever their e-mails", async () => {
    const created = await together(async (tx) => {
      await tx.lock(organizationId, "common", "write");
      if ((await tx.users.countActive(organizationId)) >= 5) return false;
      await tx.users.insert(organizationId, userRow(at(1)));
      return true;
    });
    expect(created.filter(Boolean)).toHaveLength(5);
  });
});

describe("topics", () => {
  test("what was read before the common topic was locked is still true", async () => {
    const author = userRow(at(1));
    await commit(store, (tx) => tx.users.insert(organizationId, author));
    const realmId = VlobId.generate();
    await commit(store, (tx) => tx.realms.insert(organizationId, realmRow(realmId, at(1))));
    // A vlob of an author who is revoked meanwhile: it is before the revocation, or is not there.
    await Promise.all([
      together(async (tx, index) => {
        const { revocation } = (await tx.users.find(organizationId, author.userId)) ?? { revocation: null };
        await tx.lock(organizationId, "common", "read");
        await tx.lock(organizationId, { realm: realmId }, "read");
        if (revocation !== null) return;
        const common = (await tx.topics.last(organizationId, "common")) ?? 0;
        await tx.vlobs.insert(organizationId, realmId, vlobRow(at(Math.max(common + 1, index))));
      }),
      commit(store, async (tx) => {
        await tx.lock(organizationId, "common", "write");
        const on = at(((await tx.vlobs.newestTimestamp(organizationId, realmId)) ?? 0) + 1000);
        const certificate = new Uint8Array([1]);
        await tx.users.setRevoked(organizationId, author.userId, { on, by: DeviceId.generate(), certificate });
        await tx.topics.advance(organizationId, "common", on);
      }),
    ]);
    const { revoked, newest } = await commit(store, async (tx) => ({
      revoked: (await tx.users.find(organizationId, author.userId))?.revocation?.on ?? 0,
      newest: (await tx.vlobs.newestTimestamp(organizationId, realmId)) ?? 0,
    }));
    expect(newest).toBeLessThan(revoked);
  });

  test("a realm's certificates follow each other: each finds the last one", async () => {
    const realmId = VlobId.generate();
    await commit(store, (tx) => tx.realms.insert(organizationId, realmRow(realmId, at(1))));
    const dates = await together(async (tx) => {
      await tx.lock(organizationId, "common", "read");
      await tx.lock(organizationId, { realm: realmId }, "write");
      const date = at(((await tx.topics.last(organizationId, { realm: realmId })) ?? 0) + 1);
      await tx.topics.advance(organizationId, { realm: realmId }, date);
      return date;
    });
    expect([...dates].sort((a, b) => a - b)).toEqual(Array.from({ length: many }, (_, index) => index + 1));
  });

  test("two that lock topics in opposite orders both end", async () => {
    const [a, b] = [{ realm: VlobId.generate() }, { realm: VlobId.generate() }];
    const inOrder = (topics: readonly (typeof a)[]) =>
      commit(store, async (tx) => {
        await tx.lock(organizationId, "common", "read");
        for (const topic of topics) {
          await tx.lock(organizationId, topic, "write");
          await tx.topics.last(organizationId, topic);
        }
        return "done";
      });
    const ends = await Promise.all(
      Array.from({ length: many }, (_, index) => inOrder(index % 2 === 0 ? [a, b] : [b, a])),
    );
    expect(new Set(ends)).toEqual(new Set(["done"]));
  });
});

describe("checkpoints", () => {
  test("have no gap and no double, and their order is that of the events", async () => {
    const realmId = VlobId.generate();
    await commit(store, (tx) => tx.realms.insert(organizationId, realmRow(realmId, at(1))));
    const told: VlobId[] = [];
    const all = new Promise<void>((resolve) => {
      store.subscribe(({ event }) => {
        if (event.type !== "VLOB" || event.realmId !== realmId) return;
        told.push(event.vlobId);
        if (told.length === many * 4) resolve();
      });
    });
    const write = (tx: Transaction, index: number) => writeVlob(tx, realmId, at(index));
    await Promise.all([together(write), together(write), together(write), together(write)]);
    await comes("the events of all writes", all);
    const { changes, current } = await commit(store, (tx) => tx.vlobs.changesAfter(organizationId, realmId, 0));
    expect(current).toBe(many * 4);
    expect(told).toEqual(changes.map(([vlobId]) => vlobId));
    const halves = await commit(store, (tx) => tx.vlobs.changesAfter(organizationId, realmId, many));
    expect(halves.changes.map(([vlobId]) => vlobId)).toEqual(told.slice(many));
  });

  async function writeVlob(tx: Transaction, realmId: VlobId, timestamp: DateTime): Promise<void> {
    await tx.lock(organizationId, "common", "read");
    await tx.lock(organizationId, { realm: realmId }, "read");
    const row = vlobRow(timestamp);
    await tx.vlobs.insert(organizationId, realmId, row);
    tx.emit({
      type: "VLOB",
      organizationId,
      realmId,
      ...row,
      lastCommonCertificateTimestamp: at(0),
      lastRealmCertificateTimestamp: at(0),
    });
  }

  test("of two updates to the same version, one finds that the other was first", async () => {
    const realmId = VlobId.generate();
    const { vlobId } = vlobRow(at(1));
    await commit(store, (tx) => tx.realms.insert(organizationId, realmRow(realmId, at(1))));
    const won = await together(async (tx) => {
      await tx.lock(organizationId, "common", "read");
      await tx.lock(organizationId, { realm: realmId }, "read");
      if ((await tx.vlobs.lastVersion(organizationId, realmId, vlobId)) > 0) return false;
      await tx.vlobs.insert(organizationId, realmId, vlobRow(at(1), { vlobId }));
      return true;
    });
    expect(won.filter(Boolean)).toHaveLength(1);
  });
});

test("a transaction that only reads sees one state, while others write", async () => {
  const realmId = VlobId.generate();
  await commit(store, (tx) => tx.realms.insert(organizationId, realmRow(realmId, at(1))));
  const certified = (on: number) => ({
    certificate: new Uint8Array([1]),
    certifiedBy: DeviceId.generate(),
    certifiedOn: at(on),
  });
  let date = 1;
  const grow = () =>
    commit(store, async (tx) => {
      await tx.lock(organizationId, "common", "read");
      await tx.lock(organizationId, { realm: realmId }, "write");
      date += 2;
      // Roles are one behind names, always: a reader that sees it otherwise has mixed two states.
      await tx.realms.addName(organizationId, { realmId, ...certified(date) });
      await tx.realms.addRole(organizationId, {
        realmId,
        userId: UserId.generate(),
        role: "READER",
        ...certified(date + 1),
      });
    });
  const look = () =>
    commit(store, async (tx) => {
      const roles = await tx.realms.roles(organizationId, realmId);
      const names = await tx.realms.names(organizationId, realmId);
      return [roles.length, names.length] as const;
    });
  const seen = await Promise.all(
    Array.from({ length: many }, async () => (await Promise.all([grow(), look(), look()])).slice(1)),
  );
  for (const counts of seen.flat()) expect(counts?.[0]).toBe(counts?.[1]);
});
