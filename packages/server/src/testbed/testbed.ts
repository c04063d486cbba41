import { OrganizationId } from "@parsec/types";
import type { BlockStore } from "../block-store/port.ts";
import type { ServerContext } from "../context.ts";
import type { EventHub } from "../events/hub.ts";
import type { JsonFields } from "../http/json-fields.ts";
import type { HttpContext } from "../http/request.ts";
import type { MemoryMailbox } from "../mail/memory-mailbox.ts";
import type { Store, Transaction } from "../store/port/store.ts";
import type { TestbedControls } from "./controls.ts";
import { TestbedError } from "./error.ts";
import type { Hostile } from "./hostile/hostile.ts";
import { type DumpDocument, loadDump } from "./load/dump-document.ts";
import { loadOperations } from "./load/load.ts";
import type { LoadedBlock } from "./load/realms.ts";
import type { FakeVault } from "./openbao/vault.ts";
import type { FakeCardMachine } from "./scws/machine.ts";

/** What the control routes work on. */
export interface TestbedParts {
  /** The server with its controls applied, as commands see it. */
  readonly server: ServerContext;
  /** The stores behind the faults. */
  readonly store: Store;
  readonly blockStore: BlockStore;
  /** `undefined` when mails are not kept in memory. */
  readonly mailbox: MemoryMailbox | undefined;
  readonly controls: TestbedControls;
  readonly hub: EventHub;
  readonly hostile: Hostile;
  readonly vault: FakeVault;
  readonly cardMachine: FakeCardMachine;
}

/** What a control route does: the JSON of its reply. */
export type Control = (testbed: Testbed, fields: JsonFields, c: HttpContext) => Promise<unknown>;

/** Loading, extending and removing organizations (spec 13 §6). */
export class Testbed {
  readonly parts: TestbedParts;
  #lastNumber = 0;

  constructor(parts: TestbedParts) {
    this.parts = parts;
  }

  /** A new organization, under that id or a fresh one. @throws TestbedError @throws OperationError */
  async load(dump: DumpDocument, wantedId?: OrganizationId): Promise<OrganizationId> {
    const { store, server } = this.parts;
    const loaded = await store.transaction(async (tx) => {
      const { organizationId, number } =
        wantedId === undefined ? await this.#freshId(tx) : { organizationId: wantedId, number: 0 };
      if ((await tx.organizations.find(organizationId)) !== undefined) {
        throw new TestbedError("organization_already_exists", "An organization has that id already");
      }
      const blocks = await loadDump(tx, server, organizationId, dump);
      return { end: "commit", value: { organizationId, blocks, number } };
    });
    this.#lastNumber = Math.max(this.#lastNumber, loaded.number);
    await this.#writeBlocks(loaded.organizationId, loaded.blocks);
    return loaded.organizationId;
  }

  /** More operations for an organization: how many. @throws TestbedError @throws OperationError */
  async extend(organizationId: OrganizationId, operations: readonly unknown[]): Promise<number> {
    const blocks = await this.parts.store.transaction(async (tx) => {
      await mustExist(tx, organizationId);
      await tx.lockAll(organizationId);
      return { end: "commit", value: await loadOperations(tx, organizationId, operations) };
    });
    await this.#writeBlocks(organizationId, blocks);
    return operations.length;
  }

  /** @throws TestbedError */
  async remove(organizationId: OrganizationId): Promise<void> {
    const { store, blockStore } = this.parts;
    await store.transaction(async (tx) => {
      await mustExist(tx, organizationId);
      await tx.lockAll(organizationId);
      await tx.organizations.remove(organizationId);
      tx.emit({ type: "ORGANIZATION_REMOVED", organizationId });
      return { end: "commit", value: undefined };
    });
    await forgetBlocks(blockStore, organizationId);
  }

  /** The server is as freshly started. */
  async reset(): Promise<void> {
    const { store, blockStore, mailbox, controls, server, hub, hostile, vault, cardMachine } = this.parts;
    const organizations = await store.transaction(async (tx) => ({
      end: "commit",
      value: await tx.organizations.list(),
    }));
    await store.reset();
    for (const { organizationId } of organizations) await forgetBlocks(blockStore, organizationId);
    mailbox?.clear();
    controls.reset();
    hostile.clear();
    vault.clear();
    cardMachine.clear();
    server.emailRateLimiter.reset();
    server.sourceUsage.reset();
    hub.endAll({ forget: true });
    this.#lastNumber = 0;
  }

  /** The next number is taken once the transaction has committed: until then it may begin again. */
  async #freshId(tx: Transaction) {
    for (let number = this.#lastNumber + 1; ; number += 1) {
      const organizationId = OrganizationId.parse(`Testbed${number}`);
      if ((await tx.organizations.find(organizationId)) === undefined) return { organizationId, number };
    }
  }

  async #writeBlocks(organizationId: OrganizationId, blocks: readonly LoadedBlock[]): Promise<void> {
    for (const { realmId, blockId, block } of blocks) {
      await this.parts.blockStore.put({ organizationId, realmId, blockId }, block);
    }
  }
}

async function forgetBlocks(blockStore: BlockStore, organizationId: OrganizationId): Promise<void> {
  for await (const block of blockStore.list(organizationId)) await blockStore.delete(block);
}

export async function mustExist(tx: Transaction, organizationId: OrganizationId): Promise<void> {
  if ((await tx.organizations.find(organizationId)) === undefined) {
    throw new TestbedError("organization_not_found", "There is no such organization");
  }
}
