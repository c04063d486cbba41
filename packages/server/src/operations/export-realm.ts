import { type Clock, delay, forEachConcurrently, throwIfAborted } from "@parsec/base";
import { BlockId, DateTime, DeviceId, type OrganizationId, SequesterServiceId, UserId, VlobId } from "@parsec/types";
import { readBlock } from "../block-store/content.ts";
import { type BlockStore, BlockStoreError } from "../block-store/port.ts";
import {
  commonCertificates,
  type DatedCertificate,
  inTopicOrder,
  realmCertificates,
  sequesterCertificates,
} from "../rules/topic-certificates.ts";
import type { Store, Transaction } from "../store/port/store.ts";
import { within } from "../store/port/vlobs.ts";
import { OperationError } from "./error.ts";
import { type BlockToExport, ExportFile, type ExportParameters, type ExportStep, mustBeSame } from "./export-file.ts";
import { bootstrapOf, existingRealm, organizationNamed } from "./realm.ts";

export interface RealmToExport {
  readonly organizationId: OrganizationId;
  readonly realmId: VlobId;
  /** The moment that is exported; by default the one of the file, else the latest that there may be. */
  readonly snapshot?: DateTime | undefined;
}

/** Bytes for vlobs and blocks, items for the rest. */
export interface ExportProgress {
  readonly step: ExportStep;
  readonly done: number;
  readonly total: number;
}

export interface ExportOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: ExportProgress) => void;
}

/** Microseconds: whatever is dated earlier than that has been written, or never will be (spec 08c §4.1). */
const settlingTime = 320_000_000;

/** Blocks read at once. */
const atOnce = 10;
/** Vlobs or blocks, and about how many bytes of them, that are in memory and written together. */
const [batchCount, batchBytes] = [256, 32 * 1024 * 1024];
/** Failures of the block store in a row after which the export ends. */
const patience = 5;
const longestPauseMs = 60_000;

/** @throws OperationError `SNAPSHOT_TOO_RECENT` */
export function snapshotOf(wanted: DateTime | undefined, clock: Clock): DateTime {
  const latest = DateTime.fromMicros(clock.now() - settlingTime);
  if (wanted === undefined) return latest;
  if (wanted <= latest) return wanted;
  const message = `Clients may still write with that date: give one not after ${DateTime.formatRfc3339(latest)}`;
  throw new OperationError("SNAPSHOT_TOO_RECENT", message);
}

/**
 * Exports what a realm was at a moment into a SQLite file (spec 08c §4.1), or goes on with one that was begun: whatever
 * ends it, the file holds whole rows up to some place of some step, from which the next call goes on.
 * @throws OperationError
 * @throws BlockStoreError when the store has lost or damaged a block
 */
export async function exportRealm(
  { store, blockStore }: { readonly store: Store; readonly blockStore: BlockStore },
  realm: RealmToExport,
  path: string,
  options: ExportOptions,
): Promise<void> {
  const wanted = realm.snapshot === undefined ? undefined : snapshotOf(realm.snapshot, options.clock);
  // What cannot be exported makes no file.
  const source = await exportSource(store, realm);
  const file = await ExportFile.open(path);
  try {
    const known = file.parameters();
    const snapshot = wanted ?? known?.snapshot ?? snapshotOf(undefined, options.clock);
    const { organizationId, realmId } = realm;
    const parameters: ExportParameters = { organizationId, realmId, rootVerifyKey: source.rootVerifyKey, snapshot };
    if (snapshot < source.createdOn) {
      const message = `The realm is of ${DateTime.formatRfc3339(source.createdOn)}: give a later moment`;
      throw new OperationError("SNAPSHOT_TOO_OLD", message);
    }
    if (known === undefined) file.create(parameters, await totalsOf(store, parameters));
    else mustBeSame(known, parameters);
    throwIfAborted(options.signal);
    await exportCertificates(store, file, parameters, options);
    await exportVlobs(store, file, parameters, options);
    await exportBlocksMetadata(store, file, parameters, options);
    await exportBlocksData(store, blockStore, file, parameters, options);
  } finally {
    file.close();
  }
}

async function exportSource(store: Store, { organizationId, realmId }: RealmToExport) {
  return await store.transaction(async (tx) => {
    const { rootVerifyKey } = bootstrapOf(await organizationNamed(tx, organizationId));
    const { createdOn } = await existingRealm(tx, organizationId, realmId);
    return { end: "rollback", value: { rootVerifyKey, createdOn } };
  });
}

async function totalsOf(store: Store, { organizationId, realmId, snapshot }: ExportParameters) {
  return await store.transaction(async (tx) => {
    const vlobs = await tx.vlobs.totalSize(organizationId, realmId, snapshot);
    return { end: "rollback", value: { vlobs, blocks: await tx.blocks.totalSize(organizationId, realmId, snapshot) } };
  });
}

/** Reads in a transaction in which the realm is still there. @throws OperationError `REALM_DELETED` */
async function readRealm<T>(
  store: Store,
  { organizationId, realmId }: ExportParameters,
  read: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return await store.transaction(async (tx) => {
    await existingRealm(tx, organizationId, realmId);
    return { end: "rollback", value: await read(tx) };
  });
}

async function exportCertificates(
  store: Store,
  file: ExportFile,
  parameters: ExportParameters,
  { onProgress, signal }: ExportOptions,
): Promise<void> {
  const step = "certificates";
  if (file.isDone(step)) return;
  const { organizationId, realmId, snapshot } = parameters;
  const { common, sequester, realm, keys } = await readRealm(store, parameters, async (tx) => ({
    common: await commonCertificates(tx, organizationId, { redacted: false }),
    sequester: await sequesterCertificates(tx, await organizationNamed(tx, organizationId)),
    realm: await realmCertificates(tx, organizationId, realmId),
    keys: {
      rotations: (await tx.realms.rotations(organizationId, realmId)).filter((row) => row.certifiedOn <= snapshot),
      accesses: (await tx.realms.accesses(organizationId, realmId)).filter((row) => row.givenOn <= snapshot),
      serviceAccesses: await tx.realms.serviceAccesses(organizationId, realmId),
    },
  }));
  throwIfAborted(signal);
  const until = (certificates: readonly DatedCertificate[]) =>
    inTopicOrder(certificates.filter(({ timestamp }) => timestamp <= snapshot));
  const topics = [
    ["common_certificate", until(common)],
    ["sequester_certificate", until(sequester)],
    ["realm_certificate", until(realm)],
  ] as const;
  const keyIndexes = new Set(keys.rotations.map(({ keyIndex }) => keyIndex));
  file.do(step, (add) => {
    for (const [table, certificates] of topics) {
      for (const { certificate } of certificates) add(table, [certificate]);
    }
    for (const { keyIndex, keysBundle } of keys.rotations) add("realm_keys_bundle", [keyIndex, keysBundle]);
    for (const { userId, keyIndex, access } of keys.accesses) {
      add("realm_keys_bundle_access", [UserId.toBytes(userId), keyIndex, access]);
    }
    for (const { serviceId, keyIndex, access } of keys.serviceAccesses) {
      // They carry no date: that of their rotation.
      if (!keyIndexes.has(keyIndex)) continue;
      add("realm_sequester_keys_bundle_access", [SequesterServiceId.toBytes(serviceId), keyIndex, access]);
    }
  });
  const total = topics.reduce((count, [, certificates]) => count + certificates.length, 0);
  onProgress?.({ step, done: total, total });
}

async function exportVlobs(
  store: Store,
  file: ExportFile,
  parameters: ExportParameters,
  { onProgress, signal }: ExportOptions,
): Promise<void> {
  const step = "vlobs";
  if (file.isDone(step)) return;
  const { organizationId, realmId, snapshot } = parameters;
  const total = file.totalBytes("vlobs");
  const soFar = file.vlobsSoFar();
  let done = soFar.bytes;
  for (let after = soFar.checkpoint; ; ) {
    const page = { after, limit: batchCount, bytes: batchBytes };
    const rows = await readRealm(store, parameters, (tx) => tx.vlobs.page(organizationId, realmId, page));
    throwIfAborted(signal);
    const last = rows.at(-1);
    if (last === undefined) break;
    file.add((add) => {
      for (const { checkpoint, vlobId, version, keyIndex, blob, author, timestamp } of rows) {
        if (timestamp > snapshot) continue;
        const ids = [VlobId.toBytes(vlobId), DeviceId.toBytes(author)] as const;
        add("vlob_atom", [checkpoint, ids[0], version, keyIndex, blob, blob.length, ids[1], timestamp]);
        done += blob.length;
      }
    });
    // The last part is told when the step has ended.
    if (done < total) onProgress?.({ step, done, total });
    throwIfAborted(signal);
    after = last.checkpoint;
  }
  file.do(step, () => undefined);
  onProgress?.({ step, done: total, total });
}

async function exportBlocksMetadata(
  store: Store,
  file: ExportFile,
  parameters: ExportParameters,
  { onProgress, signal }: ExportOptions,
): Promise<void> {
  const step = "blocks_metadata";
  if (file.isDone(step)) return;
  const { organizationId, realmId, snapshot } = parameters;
  const known = file.lastBlock();
  let count = known?.sequentialId ?? 0;
  for (let after = known?.blockId ?? null; ; ) {
    const page = { after, limit: batchCount };
    const rows = await readRealm(store, parameters, (tx) => tx.blocks.page(organizationId, realmId, page));
    throwIfAborted(signal);
    const last = rows.at(-1);
    if (last === undefined) break;
    file.add((add) => {
      for (const { blockId, author, size, keyIndex, createdOn } of rows) {
        if (createdOn > snapshot) continue;
        count += 1;
        add("block", [count, BlockId.toBytes(blockId), DeviceId.toBytes(author), size, keyIndex]);
      }
    });
    after = last.blockId;
  }
  file.do(step, () => undefined);
  onProgress?.({ step, done: count, total: count });
}

async function exportBlocksData(
  store: Store,
  blockStore: BlockStore,
  file: ExportFile,
  parameters: ExportParameters,
  options: ExportOptions,
): Promise<void> {
  const step = "blocks_data";
  if (file.isDone(step)) return;
  const { onProgress } = options;
  const total = file.totalBytes("blocks");
  let done = file.blockBytes();
  const reader = new PatientReader(store, blockStore, parameters, options);
  for (let last = 0; ; ) {
    const batch = within(file.missingBlocks(last, batchCount), batchBytes);
    const end = batch.at(-1);
    if (end === undefined) break;
    const read: { readonly sequentialId: number; readonly data: Uint8Array }[] = [];
    const readOne = async (block: BlockToExport) => {
      read.push({ sequentialId: block.sequentialId, data: await reader.read(block) });
    };
    try {
      await forEachConcurrently(batch, atOnce, readOne, { signal: options.signal });
    } finally {
      // What was read before a failure need not be read again.
      file.addBlocks(read);
    }
    done += batch.reduce((bytes, { size }) => bytes + size, 0);
    onProgress?.({ step, done, total });
    last = end.sequentialId;
  }
  file.do(step, () => undefined);
  onProgress?.({ step, done: total, total });
}

/** Reads blocks from a store that may be away for a while. */
class PatientReader {
  readonly #store: Store;
  readonly #blockStore: BlockStore;
  readonly #parameters: ExportParameters;
  readonly #options: ExportOptions;
  /** Of all blocks together: one that is read shows that the store is back. */
  #failuresInARow = 0;
  /** While the store is given time: reads that fail at once are one failure, and new ones wait. */
  #pause: Promise<void> | undefined;

  constructor(store: Store, blockStore: BlockStore, parameters: ExportParameters, options: ExportOptions) {
    this.#store = store;
    this.#blockStore = blockStore;
    this.#parameters = parameters;
    this.#options = options;
  }

  /** @throws OperationError `BLOCKS_UNAVAILABLE` @throws BlockStoreError when the block is lost or damaged */
  async read({ blockId }: BlockToExport): Promise<Uint8Array> {
    const { organizationId, realmId } = this.#parameters;
    const { clock, signal } = this.#options;
    const key = { organizationId, realmId, blockId };
    const content = await readRealm(this.#store, this.#parameters, (tx) =>
      tx.blocks.find(organizationId, realmId, blockId),
    );
    if (content === undefined) throw new OperationError("REALM_DELETED", "The realm has lost a block meanwhile");
    for (;;) {
      await this.#pause;
      try {
        const block = await readBlock(this.#blockStore, key, content, { signal });
        this.#failuresInARow = 0;
        return block;
      } catch (cause) {
        throwIfAborted(signal);
        if (!(cause instanceof BlockStoreError) || cause.code !== "BLOCK_STORE_FAILED") throw cause;
        this.#pause ??= this.#giveTime(cause, clock).finally(() => {
          this.#pause = undefined;
        });
      }
    }
  }

  async #giveTime(cause: unknown, clock: Clock): Promise<void> {
    this.#failuresInARow += 1;
    if (this.#failuresInARow >= patience) {
      const message = "The block store has failed too often: call this again once it works, what is there stays";
      throw new OperationError("BLOCKS_UNAVAILABLE", message, { cause });
    }
    const pause = Math.min(longestPauseMs, 1000 * 2 ** this.#failuresInARow);
    await delay(clock, pause, { signal: this.#options.signal });
  }
}
