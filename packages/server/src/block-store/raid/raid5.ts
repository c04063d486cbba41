import { type Clock, joinSignals, type Timer } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import { collectBlock, damagedBlock } from "../content.ts";
import {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  type BlockStore,
  BlockStoreError,
  type ListedBlock,
} from "../port.ts";
import { failedNodes, keyingOf, listOfNodes, onEachNode, type RaidOptions } from "./members.ts";
import { chunkSize, join, split } from "./stripes.ts";

/** Milliseconds after which a node that has not answered is done without. */
const patienceMs = 2000;

type Answer =
  | { readonly node: number; readonly chunk: Uint8Array }
  | { readonly node: number; readonly failure: unknown }
  | "late";

/** Each block cut in chunks, one in each node but the last, which holds their XOR: any node may lack. */
export class Raid5BlockStore implements BlockStore {
  readonly keying: BlockStore["keying"];
  readonly #nodes: readonly BlockStore[];
  readonly #tolerated: number;
  readonly #clock: Clock;

  constructor(nodes: readonly BlockStore[], clock: Clock, { partialCreate = false }: RaidOptions = {}) {
    this.#nodes = nodes;
    this.#clock = clock;
    this.keying = keyingOf(nodes);
    this.#tolerated = partialCreate ? 1 : 0;
  }

  get #dataNodes(): number {
    return this.#nodes.length - 1;
  }

  async put(key: BlockKey, block: Uint8Array, options: BlockOptions = {}): Promise<void> {
    const chunks = split(block, this.#dataNodes);
    const tolerated = this.#tolerated;
    await onEachNode(
      this.#nodes,
      async (node, index) => await node.put(key, chunks[index] ?? new Uint8Array(), options),
      { ...options, tolerated },
    );
  }

  async *get(key: BlockKey, content: BlockContent, { signal }: BlockOptions = {}): AsyncIterable<Uint8Array> {
    const reading = new ChunkReading(this.#nodes, key, chunkSize(content.size, this.#dataNodes), signal);
    try {
      yield await this.#rebuild(reading, content);
    } finally {
      reading.end();
    }
  }

  /** From the data; when one of them fails or is late, with the checksum; when that is not the block, without each in turn. */
  async #rebuild(reading: ChunkReading, content: BlockContent): Promise<Uint8Array> {
    for (let node = 0; node < this.#dataNodes; node += 1) reading.begin(node);
    reading.setPatience(this.#clock);
    while (reading.chunks.size < this.#dataNodes) {
      if (reading.failures.length > 1) throw failedNodes(reading.failures, this.#nodes.length);
      if (reading.failures.length === 1 || reading.isLate) reading.begin(this.#dataNodes);
      await reading.next();
    }
    const block = join(reading.all(), content);
    if (block !== undefined) return block;
    // One of them lies. The one that is still to come tells which.
    reading.begin(this.#dataNodes);
    while (reading.isGoing) await reading.next();
    const chunks = reading.all();
    for (const index of chunks.keys()) {
      const others = chunks.map((chunk, other) => (other === index ? undefined : chunk));
      const rebuilt = join(others, content);
      if (rebuilt !== undefined) return rebuilt;
    }
    throw damagedBlock();
  }

  async has(key: BlockKey, options?: BlockOptions): Promise<boolean> {
    const found = await Promise.allSettled(this.#nodes.map((node) => node.has(key, options)));
    const count = found.filter((result) => result.status === "fulfilled" && result.value).length;
    if (count >= this.#dataNodes) return true;
    const failures = found.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    // Those that did not answer might have made up for it.
    if (count + failures.length >= this.#dataNodes) throw failures[0];
    return false;
  }

  async delete(key: ListedBlock, options?: BlockOptions): Promise<void> {
    await onEachNode(this.#nodes, (node) => node.delete(key, options), options);
  }

  list(organizationId: OrganizationId, options?: BlockOptions): AsyncIterable<ListedBlock> {
    return listOfNodes(this.#nodes, organizationId, options);
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }
}

/** The chunks of one block as they come in. */
class ChunkReading {
  readonly chunks = new Map<number, Uint8Array>();
  readonly failures: unknown[] = [];
  isLate = false;
  readonly #nodes: readonly BlockStore[];
  readonly #key: BlockKey;
  readonly #size: number;
  readonly #source: AbortSignal | undefined;
  readonly #joined;
  readonly #begun = new Set<number>();
  readonly #going = new Map<number | "patience", Promise<Answer>>();
  #timer: Timer | undefined;

  constructor(nodes: readonly BlockStore[], key: BlockKey, size: number, signal: AbortSignal | undefined) {
    this.#nodes = nodes;
    this.#key = key;
    this.#size = size;
    this.#source = signal;
    this.#joined = joinSignals(signal);
  }

  /** Whether some node is still to answer. */
  get isGoing(): boolean {
    return [...this.#going.keys()].some((key) => key !== "patience");
  }

  /** The chunk of each node, or `undefined`. */
  all(): readonly (Uint8Array | undefined)[] {
    return this.#nodes.map((_, node) => this.chunks.get(node));
  }

  /** Does nothing for a node that was asked already. */
  begin(node: number): void {
    if (this.#begun.has(node)) return;
    this.#begun.add(node);
    this.#going.set(
      node,
      this.#read(node).then(
        (chunk) => ({ node, chunk }),
        (failure: unknown) => ({ node, failure }),
      ),
    );
  }

  setPatience(clock: Clock): void {
    const late = new Promise<Answer>((resolve) => {
      this.#timer = clock.timer(patienceMs, () => resolve("late"));
    });
    this.#going.set("patience", late);
  }

  async next(): Promise<void> {
    const answer = await Promise.race(this.#going.values());
    this.#source?.throwIfAborted();
    if (answer === "late") {
      this.isLate = true;
      this.#going.delete("patience");
      return;
    }
    this.#going.delete(answer.node);
    if ("chunk" in answer) this.chunks.set(answer.node, answer.chunk);
    else if (answer.failure instanceof BlockStoreError) this.failures.push(answer.failure);
    else throw answer.failure;
  }

  end(): void {
    this.#timer?.cancel();
    this.#joined.abort(new BlockStoreError("BLOCK_STORE_FAILED", "The other nodes of the RAID were faster"));
    this.#joined.release();
  }

  async #read(node: number): Promise<Uint8Array> {
    const store = this.#nodes[node];
    const content = { size: this.#size, digest: null };
    const { signal } = this.#joined;
    const chunk = store && (await collectBlock(store.get(this.#key, content, { signal }), this.#size));
    if (chunk?.length !== this.#size) throw damagedBlock();
    return chunk;
  }
}
