import { blockCreate, blockRead, certificateGet, ping, vlobReadBatch } from "@parsec/protocol";
import { BlockId, parseAddress } from "@parsec/types";
import { expect, test } from "vitest";
import { Coverage, RpcClient } from "../conformance/support/client.ts";
import { expectStatus, TestOrganization } from "../conformance/support/organization.ts";
import { startServer } from "../src/index.ts";
import { StrictStore } from "../src/store/memory/strict-store.ts";

test("a first tour", async () => {
  const server = await startServer({ dev: true, store: new StrictStore() });
  const address = parseAddress("organization_bootstrap", await server.createOrganization("Acme"));
  const client = new RpcClient(server.url, new Coverage());
  const org = await new TestOrganization(client, "Acme", address.token).bootstrap();
  const { alice } = org;
  const bob = await org.addUser();
  await org.addDevice(bob);
  const realm = await org.createRealm(alice);
  await org.share(alice, realm, bob, "READER");
  const vlob = await org.createVlob(alice, realm);
  const read = await org.send(bob, vlobReadBatch, { realmId: realm, vlobs: [vlob], at: null });
  expectStatus(read, "ok");
  expect(read.items).toHaveLength(1);
  const blockId = BlockId.generate();
  const block = new Uint8Array(512 * 1024).fill(7);
  expectStatus(await org.send(alice, blockCreate, { realmId: realm, blockId, keyIndex: 1, block }), "ok");
  const got = await org.send(bob, blockRead, { realmId: realm, blockId });
  expectStatus(got, "ok");
  expect(Buffer.compare(got.block, block)).toBe(0);
  const certificates = await org.send(bob, certificateGet, {
    commonAfter: null,
    sequesterAfter: null,
    shamirRecoveryAfter: null,
    realmAfter: new Map(),
  });
  expectStatus(certificates, "ok");
  expect(certificates.commonCertificates).toHaveLength(5);
  expectStatus(await org.send(alice, ping, { ping: "hello" }), "ok");
  await server.close();
});
