import { createParsec, type Session } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Dump,
  dumpUser,
  type ExpectedRealm,
  loadDump,
  localDevice,
  readDump,
} from "../support/organization-dump.ts";

// Organizations made by the real implementation: a client built from the keys of a dump finds what `expected` says.

let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

const names = [
  "minimal",
  "minimal_client_ready",
  "coolorg",
  "coolorg_customized",
  "coolorg_promoted",
  "shamir",
  "sequestered",
  "workspace_history",
  "workspace_archived",
];

describe.each(names)("%s", (name) => {
  const dump = readDump(`${name}.json`);
  const active = dump.expected.users.filter(
    ({ revoked_on, user_id }) => revoked_on === null && !isFrozen(dump, user_id),
  );
  const labels = active
    .map(({ human_handle }) => human_handle.label)
    .filter((label) => dump.keys.users.some(({ human_handle }) => human_handle.label === label));

  test.each(labels)("%s sees the users, devices and workspaces", async (label) => {
    const organization = await loadDump(server.url, dump);
    // The same devices are in several dumps: each has a storage of its own.
    const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
    const session = await parsec.login(localDevice(dump, label, organization));
    try {
      await session.refresh();
      expectUsers(session, dump, label);
      expectWorkspaces(session, dump, dumpUser(dump, label).user_id);
    } finally {
      await session.close();
      await parsec.close();
    }
  });
});

function isFrozen(dump: Dump, userId: string): boolean {
  return dump.operations.findLast(({ op, user_id }) => op === "user_freeze" && user_id === userId)?.["frozen"] === true;
}

function expectUsers(session: Session, dump: Dump, label: string): void {
  const { redacted } = dump.expected.certificates_seen_by[dumpUser(dump, label).user_id] ?? { redacted: false };
  const redactedHandle = (id: string) => ({ email: `${id}@redacted.invalid`, label: id });
  expect(session.users.list()).toEqual(
    dump.expected.users.map((user) => ({
      id: user.user_id,
      humanHandle: redacted ? redactedHandle(user.user_id) : user.human_handle,
      profile: user.current_profile,
      createdOn: user.created_on,
      createdBy: user.created_by ?? undefined,
      revokedOn: user.revoked_on ?? undefined,
      revokedBy: user.revoked_by ?? undefined,
    })),
  );
  for (const device of dump.expected.devices) {
    const own = session.users.list().find(({ id }) => id === device.user_id);
    expect(session.users.devicesOf(own?.id ?? session.userId)).toContainEqual({
      id: device.device_id,
      userId: device.user_id,
      label: redacted ? device.device_id : device.device_label,
      purpose: device.purpose,
      createdOn: device.created_on,
      createdBy: device.created_by ?? undefined,
    });
  }
}

function expectWorkspaces(session: Session, dump: Dump, userId: string): void {
  const expected = dump.expected.realms
    .filter((realm) => realm.kind === "workspace" && isListed(realm, userId))
    .map((realm) => ({
      id: realm.realm_id,
      name: realm.names.at(-1)?.name,
      role: realm.members[userId],
      archiving: realm.archiving_configuration.type,
    }));
  const listed = session.workspaces
    .list()
    .map(({ id, name, role, archiving }) => ({ id, name, role, archiving: archiving.type }));
  expect(sorted(listed)).toEqual(sorted(expected));
}

/** Those that are deleted, or due to be, are not listed (spec 09a §7.8). */
function isListed({ members, archiving_configuration: archiving, deleted_on }: ExpectedRealm, userId: string): boolean {
  const isDue = archiving.type === "DELETION_PLANNED" && (archiving.deletion_date ?? 0) <= Date.now() * 1000;
  return members[userId] !== undefined && deleted_on === null && !isDue;
}

function sorted<T extends { readonly id: string }>(list: readonly T[]): readonly T[] {
  return [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
}
