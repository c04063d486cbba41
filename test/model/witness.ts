import { createParsec } from "@parsec/client";
import { AuthenticatedConnection, createTransport, type Transport } from "@parsec/connection";
import { memoryDeviceStore } from "@parsec/device";
import { vlobPollChanges, vlobReadVersions } from "@parsec/protocol";
import { memoryDriver } from "@parsec/storage";
import type { DateTime, LocalDevice, VlobId } from "@parsec/types";
import { type ContentKey, keyOf } from "./contents.ts";

/** A version of an entry that the server took. */
interface Accepted {
  readonly id: VlobId;
  readonly version: number;
  readonly date: DateTime;
}

/**
 * The contents of all versions of all files that the server ever took, read by a device on which nothing is: each block
 * of each version comes from the server, or this throws. The latest of each entry comes with the entry.
 */
export async function contentsOnServer(
  device: LocalDevice,
  realmId: VlobId,
): Promise<{ readonly all: readonly ContentKey[]; readonly latest: ReadonlyMap<VlobId, ContentKey> }> {
  const transport = createTransport();
  const parsec = await createParsec({
    deviceStore: memoryDeviceStore(),
    storage: memoryDriver(),
    transport,
    sync: "manual",
  });
  const session = await parsec.login(device);
  try {
    const accepted = await acceptedVersions(transport, device, realmId);
    await session.refresh();
    const workspace = await session.workspaces.get(realmId);
    await using history = await workspace.history();
    const all: ContentKey[] = [];
    const latest = new Map<VlobId, ContentKey>();
    for (const { id, date, version } of accepted) {
      await history.setTime(date);
      const stat = await history.statById(id);
      if (stat.version !== version) throw new Error(`version ${version} of ${id} is shown as ${stat.version}`);
      if (stat.kind === "folder") continue;
      const parts: Uint8Array[] = [];
      for await (const part of (await history.openById(id)).readable()) parts.push(part);
      const content = keyOf(Buffer.concat(parts));
      all.push(content);
      latest.set(id, content);
    }
    return { all, latest };
  } finally {
    await session.close();
    await parsec.close();
    await transport.close();
  }
}

/** By entry, each in the order of its versions. Asked without the client, which would only tell what it shows. */
async function acceptedVersions(
  transport: Transport,
  { serverUrl, organizationId, rootVerifyKey, deviceId, signingKey }: LocalDevice,
  realmId: VlobId,
): Promise<readonly Accepted[]> {
  const address = { ...serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  const connection = new AuthenticatedConnection({ transport, address, deviceId, signingKey });
  const polled = await connection.send(vlobPollChanges, { realmId, lastCheckpoint: 0 });
  if (polled.status !== "ok") throw new Error(`vlob_poll_changes: ${polled.status}`);
  const accepted: Accepted[] = [];
  for (const [id, latest] of polled.changes) {
    const items = Array.from({ length: latest }, (_, i): [VlobId, number] => [id, i + 1]);
    const read = await connection.send(vlobReadVersions, { realmId, items });
    if (read.status !== "ok") throw new Error(`vlob_read_versions: ${read.status}`);
    if (read.items.length !== latest)
      throw new Error(`${latest} versions of ${id}, of which ${read.items.length} are there`);
    const versions = read.items.map(([, , , version, date]) => ({ id, version, date }));
    accepted.push(...versions.sort((a, b) => a.version - b.version));
  }
  return accepted;
}
