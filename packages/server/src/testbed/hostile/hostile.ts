import { randomBytes } from "@parsec/base";
import type { BlockStore } from "../../block-store/port.ts";
import { jsonResponse, rpcResponse } from "../../http/response.ts";
import type { Interference, ReceivedCommand } from "../../interference.ts";
import type { Store } from "../../store/port/store.ts";
import {
  dropCertificates,
  duplicateCertificates,
  otherCertificates,
  reorderCertificates,
  serveOperations,
  tamperCertificates,
} from "./certificates.ts";
import {
  forgeVlobAuthors,
  forgeVlobTimestamps,
  otherBlock,
  replayVlobs,
  swapBlocks,
  tamperBlocks,
  tamperVlobs,
  weakKdf,
} from "./content.ts";
import type { HostileKind, HostileRule } from "./rule.ts";
import type { Tamper } from "./tamper.ts";

/** What each kind does to replies. The kinds that are not here act before the command. */
const tampers: { readonly [K in HostileKind]?: readonly Tamper[] } = {
  swap_blocks: [swapBlocks],
  tamper_blocks: [tamperBlocks],
  replay_vlobs: replayVlobs,
  tamper_vlobs: tamperVlobs,
  forge_vlob_timestamps: forgeVlobTimestamps,
  forge_vlob_authors: forgeVlobAuthors,
  drop_certificates: [dropCertificates],
  duplicate_certificates: [duplicateCertificates],
  reorder_certificates: [reorderCertificates],
  tamper_certificates: [tamperCertificates],
  serve_operations: [serveOperations],
  other_organization: [otherCertificates, otherBlock],
  weak_kdf: [weakKdf],
};

interface ActiveRule {
  readonly rule: HostileRule;
  /** How many times it applied. */
  uses: number;
  /** How many requests it saw. */
  seen: number;
}

/** Bytes of a reply that nobody can read. */
const garbageSize = 64;

/** The hostile mode of a testbed server: rules, in the order in which they were added. */
export class Hostile implements Interference {
  readonly #store: Store;
  readonly #blockStore: BlockStore;
  #rules: ActiveRule[] = [];

  constructor(store: Store, blockStore: BlockStore) {
    this.#store = store;
    this.#blockStore = blockStore;
  }

  /** Applies from now on. */
  add(rule: HostileRule): void {
    this.#rules.push({ rule, uses: 0, seen: 0 });
  }

  /** The server is honest again. */
  clear(): void {
    this.#rules = [];
  }

  async beforeCommand(received: ReceivedCommand): Promise<Response | undefined> {
    for (const active of this.#applicable(received)) {
      const { rule } = active;
      if (rule.kind === "delay") {
        active.uses += 1;
        await new Promise((resolve) => setTimeout(resolve, rule.delay_ms));
      }
      if (rule.kind === "garbage_reply") {
        active.uses += 1;
        return rpcResponse(randomBytes(garbageSize));
      }
      if (rule.kind !== "http_status") continue;
      active.seen += 1;
      if (active.seen % (rule.every ?? 1) !== 0) continue;
      active.uses += 1;
      return jsonResponse(rule.status, { detail: "A failure asked for by the testbed" });
    }
    return undefined;
  }

  async afterCommand(received: ReceivedCommand, reply: unknown): Promise<unknown> {
    const { organizationId, command, request } = received;
    let current = reply;
    for (const active of this.#applicable(received)) {
      const { rule } = active;
      const tamper = tampers[rule.kind]?.find((each) => each.command === command);
      if (tamper === undefined) continue;
      active.uses += 1;
      const tampering = { store: this.#store, blockStore: this.#blockStore, rule };
      current = await tamper.run(tampering, organizationId, request, current);
    }
    return current;
  }

  #applicable({ command, organizationId, request }: ReceivedCommand): readonly ActiveRule[] {
    return this.#rules.filter(({ rule, uses }) => {
      if (rule.count !== undefined && uses >= rule.count) return false;
      if (rule.organization_id !== undefined && rule.organization_id !== organizationId) return false;
      const { command: wanted, realm_id, block_id } = rule.match ?? {};
      if (wanted !== undefined && wanted !== command.name) return false;
      return hasId(request, "realmId", realm_id) && hasId(request, "blockId", block_id);
    });
  }
}

/** True when nothing is wanted, or the request has that value. */
function hasId(request: unknown, property: "realmId" | "blockId", wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const fields = new Map<string, unknown>(Object.entries(request ?? {}));
  return fields.get(property) === wanted;
}
