import { ParsecError } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import { type BlockOptions, type BlockStore, BlockStoreError, type ListedBlock } from "../port.ts";

/** How a RAID writes, beyond spec 08c §5. */
export interface RaidOptions {
  /**
   * A block is created although a node did not take it, as long as it can be read: of raid1 one node is enough, of raid5 all
   * but one. Otherwise any failure is one of the whole.
   */
  readonly partialCreate?: boolean;
}

export function keyingOf(nodes: readonly BlockStore[]): BlockStore["keying"] {
  return nodes.every(({ keying }) => keying === "realm") ? "realm" : "organization";
}

/**
 * Runs for all nodes at once, until the last has ended: nothing is left under way when who holds the block lets go.
 * @throws BlockStoreError when more than `tolerated` of them fail
 */
export async function onEachNode(
  nodes: readonly BlockStore[],
  run: (node: BlockStore, index: number) => Promise<void>,
  { tolerated = 0, signal }: BlockOptions & { readonly tolerated?: number } = {},
): Promise<void> {
  const results = await Promise.allSettled(nodes.map(run));
  signal?.throwIfAborted();
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  const isBug = failures.some((failure) => !(failure instanceof BlockStoreError));
  if (isBug || failures.length > tolerated) throw failedNodes(failures, nodes.length);
}

/** What to tell when so many nodes failed that the RAID does. What is no failure of a store is thrown as it is. */
export function failedNodes(failures: readonly unknown[], count: number): BlockStoreError {
  const bug = failures.find((failure) => failure instanceof Error && !(failure instanceof BlockStoreError));
  if (bug instanceof Error) throw bug;
  const codes = new Set(failures.map((failure) => (ParsecError.is(failure) ? failure.code : "")));
  const [first] = failures;
  if (codes.size === 1 && first instanceof BlockStoreError && first.code === "BLOCK_MISSING") return first;
  const code = codes.has("BLOCK_DAMAGED") && !codes.has("BLOCK_STORE_FAILED") ? "BLOCK_DAMAGED" : "BLOCK_STORE_FAILED";
  return new BlockStoreError(code, `${failures.length} of the ${count} nodes of a RAID failed: look after them`, {
    cause: first,
  });
}

/** What some node has, each block once. Keeps the ids of all meanwhile: for operators and tests. */
export async function* listOfNodes(
  nodes: readonly BlockStore[],
  organizationId: OrganizationId,
  options?: BlockOptions,
): AsyncIterable<ListedBlock> {
  const keying = keyingOf(nodes);
  const seen = new Set<string>();
  // First those that know realms: where others do not, a block is known by its id alone.
  const inOrder = nodes.toSorted((a, b) => Number(b.keying === "realm") - Number(a.keying === "realm"));
  for (const node of inOrder) {
    for await (const block of node.list(organizationId, options)) {
      const name = keying === "realm" ? `${block.realmId} ${block.blockId}` : block.blockId;
      if (seen.has(name)) continue;
      seen.add(name);
      yield block;
    }
  }
}
