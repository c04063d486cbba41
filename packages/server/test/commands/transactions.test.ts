import { blockCreate, realmCreate, realmRotateKey, vlobCreate, vlobPollChanges } from "@parsec/protocol";
import { BlockId, VlobId } from "@parsec/types";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { EventListener } from "../../conformance/support/event-listener.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { expectHttpStatus } from "../../conformance/support/scenario.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";
import { createStrictStore } from "../support/stores.ts";

const store = await createStrictStore();
let server: RunningServer;
let target: Target;
beforeAll(async () => {
  server = await startTestServer({ dev: true, store });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());

test("a commit that fails leaves nothing behind, no event either, and the client may try again", async () => {
  const org = await target.organization();
  const bob = await org.addUser();
  const realmId = await org.createRealm(org.alice);
  await org.share(org.alice, realmId, bob, "READER");
  const listener = await EventListener.open(org, bob);
  await listener.next();
  const fields = org.vlobFields(realmId);
  // The first transaction of a request authenticates it, the second one is the command.
  for (const transactionsBefore of [0, 1]) {
    store.failNextCommit(transactionsBefore);
    await expectHttpStatus(org.send(org.alice, vlobCreate, { ...fields, timestamp: org.now() }), 503);
  }
  const before = await org.send(org.alice, vlobPollChanges, { realmId, lastCheckpoint: 0 });
  expect(before).toMatchObject({ status: "ok", changes: [] });
  expectStatus(await org.send(org.alice, vlobCreate, { ...fields, timestamp: org.now() }), "ok");
  expect((await listener.next()).event).toMatchObject({ event: "VLOB", vlobId: fields.vlobId });
  listener.close();
});

/** The statuses of the same request sent several times at once, sorted. */
async function race(send: () => Promise<{ readonly status: string }>): Promise<readonly string[]> {
  const replies = await Promise.all([send(), send(), send()]);
  return replies.map(({ status }) => status).sort();
}

test("of concurrent creations of the same thing, one wins", async () => {
  const org = await target.organization();
  const { alice } = org;
  const realmId = VlobId.generate();
  const role = () => ({ realmRoleCertificate: org.role(alice, realmId, alice.userId, "OWNER") });
  expect(await race(() => org.send(alice, realmCreate, role()))).toEqual([
    "ok",
    "realm_already_exists",
    "realm_already_exists",
  ]);
  const rotations = await race(() => org.send(alice, realmRotateKey, org.rotationFields(alice, realmId, 1, [alice])));
  expect(rotations).toEqual(["bad_key_index", "bad_key_index", "ok"]);
  const block = { realmId, blockId: BlockId.generate(), keyIndex: 1, block: new Uint8Array([1]) };
  expect(await race(() => org.send(alice, blockCreate, block))).toEqual([
    "block_already_exists",
    "block_already_exists",
    "ok",
  ]);
});
