import { breathe, hasCode } from "@parsec/base";
import type { OutboundBacklog } from "@parsec/storage";
import type { VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { isFile, isFolder, type LocalManifest } from "../manifests.ts";

/** Above what any workspace holds: lists of entries are taken whole. */
export const noLimit = 2 ** 31 - 1;

/**
 * What this device has to say to the server: the changed entries that no folder confines to this device, and the bytes
 * of their content that the server does not have, in clear. No network.
 */
export async function pendingUploads(context: WorkspaceContext): Promise<OutboundBacklog> {
  const chunks = await context.store.listChunks();
  const unsent = new Map<string, number>(chunks.filter(({ sent }) => !sent).map(({ id, size }) => [id, size]));
  let bytes = 0;
  const changed = await changedEntries(context);
  for (const { manifest } of changed) {
    if (manifest === undefined || !isFile(manifest)) continue;
    for (const { id } of manifest.blocks.flat()) {
      bytes += unsent.get(id) ?? 0;
      unsent.delete(id);
    }
  }
  return { entries: changed.length, bytes };
}

/** An entry that waits for an upload; without its manifest when that is damaged. */
export interface ChangedEntry {
  readonly id: VlobId;
  readonly manifest: LocalManifest | undefined;
}

/** The changed entries that no folder confines to this device. */
export async function changedEntries(context: WorkspaceContext): Promise<readonly ChangedEntry[]> {
  const confinement = new Confinement(context);
  const changed: ChangedEntry[] = [];
  for (const id of await context.store.getOutboundNeedSync(noLimit)) {
    await breathe();
    try {
      const manifest = await context.manifests.getLocal(id);
      if (manifest?.needSync !== true || isStandIn(manifest)) continue;
      if (!(await confinement.of(manifest))) changed.push({ id, manifest });
    } catch (error) {
      if (!hasCode(error, "STORAGE_CORRUPTED")) throw error;
      changed.push({ id, manifest: undefined });
    }
  }
  return changed;
}

/** The root of a workspace of which this device has seen nothing yet: nobody wrote it. */
export function isStandIn(manifest: LocalManifest): boolean {
  return isFolder(manifest) && manifest.speculative && manifest.children.size === 0;
}

/** Whether entries are confined, each folder looked at once. */
class Confinement {
  readonly #context: WorkspaceContext;
  readonly #known = new Map<VlobId, boolean>();

  constructor(context: WorkspaceContext) {
    this.#context = context;
    this.#known.set(context.realmId, false);
  }

  async of(manifest: LocalManifest): Promise<boolean> {
    const climbed: VlobId[] = [];
    let isConfined = false;
    for (let current = manifest; ; ) {
      const { id } = current.base;
      const known = this.#known.get(id);
      if (known !== undefined) {
        isConfined = known;
        break;
      }
      // Until it is known better: folders may be each other's children.
      this.#known.set(id, false);
      climbed.push(id);
      const parent = await this.#context.manifests.getLocal(current.parent);
      if (parent === undefined || !isFolder(parent)) break;
      if (parent.localConfinementPoints.has(id)) {
        isConfined = true;
        break;
      }
      current = parent;
    }
    for (const id of climbed) this.#known.set(id, isConfined);
    return isConfined;
  }
}
