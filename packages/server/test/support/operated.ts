import { SettableClock, systemClock } from "@parsec/base";
import { blockCreate, vlobUpdate } from "@parsec/protocol";
import { BlockId, OrganizationId, type VlobId } from "@parsec/types";
import { Target } from "../../conformance/index.ts";
import type { Actor } from "../../conformance/support/actor.ts";
import { expectStatus, type TestOrganization } from "../../conformance/support/organization.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import type { BlockStore } from "../../src/block-store/port.ts";
import type { RunningServer } from "../../src/index.ts";
import type { Store } from "../../src/store/port/store.ts";
import { startTestServer } from "./start.ts";
import { createStore } from "./stores.ts";

/** A running server, with the stores that an operator's command would open. */
export interface Operated extends AsyncDisposable {
  readonly server: RunningServer;
  readonly store: Store;
  readonly blockStore: BlockStore;
  readonly target: Target;
}

export async function operatedServer(blockStore: BlockStore = new MemoryBlockStore()): Promise<Operated> {
  const store = await createStore();
  const server = await startTestServer({ dev: true, store, blockStore });
  const target = await Target.connect(server.url, server.administrationToken);
  return { server, store, blockStore, target, [Symbol.asyncDispose]: () => server.close() };
}

export function idOf(org: TestOrganization): OrganizationId {
  return OrganizationId.parse(org.id);
}

/** A clock on which all that was written until now has settled. */
export function laterClock(seconds = 400): SettableClock {
  return new SettableClock(systemClock.now() + seconds * 1_000_000);
}

export async function createBlock(org: TestOrganization, author: Actor, realmId: VlobId, block: Uint8Array) {
  const blockId = BlockId.generate();
  expectStatus(await org.send(author, blockCreate, { realmId, blockId, keyIndex: 1, block }), "ok");
  return blockId;
}

export async function updateVlob(
  org: TestOrganization,
  author: Actor,
  realmId: VlobId,
  vlobId: VlobId,
  version: number,
) {
  const fields = { ...org.vlobFields(realmId, { vlobId, blob: new Uint8Array([version]) }), version };
  expectStatus(await org.send(author, vlobUpdate, fields), "ok");
}
