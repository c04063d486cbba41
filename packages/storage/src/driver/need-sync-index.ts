import type { VlobId } from "@parsec/types";
import type { VlobRow } from "./port.ts";

/**
 * The few manifests of many that have something to synchronise: what the driver's own tables cannot find without looking
 * at every row.
 */
export class NeedSyncIndex {
  readonly #inbound = new Set<VlobId>();
  readonly #outbound = new Set<VlobId>();

  get outboundCount(): number {
    return this.#outbound.size;
  }

  /** The row as it is stored now. */
  put({ id, baseVersion, remoteVersion, needSync }: Omit<VlobRow, "blob">): void {
    if (baseVersion === remoteVersion) this.#inbound.delete(id);
    else this.#inbound.add(id);
    if (needSync) this.#outbound.add(id);
    else this.#outbound.delete(id);
  }

  delete(id: VlobId): void {
    this.#inbound.delete(id);
    this.#outbound.delete(id);
  }

  inbound(limit: number): VlobId[] {
    return firstOf(this.#inbound, limit);
  }

  outbound(limit: number): VlobId[] {
    return firstOf(this.#outbound, limit);
  }
}

function firstOf(ids: ReadonlySet<VlobId>, limit: number): VlobId[] {
  const first: VlobId[] = [];
  for (const id of ids) {
    if (first.length >= limit) break;
    first.push(id);
  }
  return first;
}
