import {
  authMethodPasswordGetAlgorithm,
  blockRead,
  type VlobItem,
  vlobPollChanges,
  vlobReadBatch,
  vlobReadVersions,
} from "@parsec/protocol";
import { DateTime, type VlobId } from "@parsec/types";
import { readBlock } from "../../block-store/content.ts";
import { vlobItem } from "../../rules/vlob.ts";
import { otherOrganization } from "./certificates.ts";
import { flipped, type OrganizationTampering, type Tamper, tamper, tamperServer } from "./tamper.ts";

/** Another block of the same realm, under the id that was asked for. */
export const swapBlocks = tamper(blockRead, async (tampering, { realmId, blockId }, reply) => {
  if (reply.status !== "ok") return reply;
  const { store, blockStore, organizationId } = tampering;
  const others = await store.transaction(async (tx) => ({
    end: "commit",
    value: (await tx.blocks.list(organizationId, realmId)).filter((row) => row.blockId !== blockId),
  }));
  const other = others[0];
  if (other === undefined) return reply;
  const block = await readBlock(blockStore, { organizationId, realmId, blockId: other.blockId }, other);
  return { ...reply, block, keyIndex: other.keyIndex };
});

export const tamperBlocks = tamper(blockRead, async (_tampering, _request, reply) =>
  reply.status === "ok" ? { ...reply, block: flipped(reply.block) } : reply,
);

/** The block of that id in another organization, whatever its realm there. */
export const otherBlock = tamper(blockRead, async (tampering, { blockId }, reply) => {
  const other = otherOrganization(tampering);
  if (reply.status !== "ok" || other === undefined) return reply;
  const { store, blockStore } = tampering;
  const found = await store.transaction(async (tx) => {
    const isKnown = (await tx.organizations.find(other)) !== undefined;
    const [realmId] = isKnown ? await tx.blocks.realmsWith(other, blockId) : [];
    const row = realmId && (await tx.blocks.find(other, realmId, blockId));
    return { end: "commit", value: row && { realmId, row } };
  });
  if (found === undefined) return reply;
  const key = { organizationId: other, realmId: found.realmId, blockId };
  return { ...reply, block: await readBlock(blockStore, key, found.row) };
});

type ItemChange = (tampering: OrganizationTampering, item: VlobItem, realmId: VlobId) => Promise<VlobItem>;

/** The same change for each item of both read commands. */
function onEachItem(change: ItemChange): readonly Tamper[] {
  const changeAll = async (tampering: OrganizationTampering, items: readonly VlobItem[], realmId: VlobId) => {
    const wanted = tampering.rule.match?.vlob_id;
    return await Promise.all(
      items.map(async (item) => (wanted === undefined || wanted === item[0] ? change(tampering, item, realmId) : item)),
    );
  };
  return [
    tamper(vlobReadBatch, async (tampering, { realmId }, reply) =>
      reply.status === "ok" ? { ...reply, items: await changeAll(tampering, reply.items, realmId) } : reply,
    ),
    tamper(vlobReadVersions, async (tampering, { realmId }, reply) =>
      reply.status === "ok" ? { ...reply, items: await changeAll(tampering, reply.items, realmId) } : reply,
    ),
  ];
}

export const tamperVlobs = onEachItem(async (_tampering, [id, keyIndex, author, version, timestamp, blob]) => [
  id,
  keyIndex,
  author,
  version,
  timestamp,
  flipped(blob),
]);

export const forgeVlobTimestamps = onEachItem(async (_tampering, [id, keyIndex, author, version, timestamp, blob]) => [
  id,
  keyIndex,
  author,
  version,
  DateTime.fromMicros(timestamp + 1),
  blob,
]);

/** Another device of the organization is said to have written. */
export const forgeVlobAuthors = onEachItem(async (tampering, item) => {
  const [id, keyIndex, author, version, timestamp, blob] = item;
  const devices = await tampering.store.transaction(async (tx) => ({
    end: "commit",
    value: await tx.users.devices(tampering.organizationId),
  }));
  const other = devices.find(({ deviceId }) => deviceId !== author);
  return other === undefined ? item : [id, keyIndex, other.deviceId, version, timestamp, blob];
});

/** The first version of each vlob, as if there had never been another. */
export const replayVlobs: readonly Tamper[] = [
  tamper(vlobReadBatch, async ({ store, organizationId }, { realmId }, reply) => {
    if (reply.status !== "ok") return reply;
    const firstVersions = reply.items.map(([id]) => [id, 1] as const);
    const rows = await store.transaction(async (tx) => ({
      end: "commit",
      value: await tx.vlobs.versions(organizationId, realmId, firstVersions),
    }));
    return { ...reply, items: rows.map(vlobItem) };
  }),
  tamper(vlobPollChanges, async (_tampering, _request, reply) =>
    reply.status === "ok" ? { ...reply, changes: reply.changes.map(([id]) => [id, 1] as const) } : reply,
  ),
];

/** Parameters that make a password cheap to guess. */
const weakest = { type: "ARGON2ID", memlimitKb: 8, opslimit: 1, parallelism: 1 } as const;

export const weakKdf = tamperServer(authMethodPasswordGetAlgorithm, (reply) =>
  reply.status === "ok" ? { ...reply, passwordAlgorithm: weakest } : reply,
);
