import { type DateTime, isRoleAtLeast, type VlobId } from "@parsec/types";
import type { Call } from "../commands/handler.ts";
import type { AuthorScope } from "../commands/scope.ts";
import type { VlobRow } from "../store/port/vlobs.ts";
import { authorRole, lastRealmTimestamp, lockRealm } from "./realm.ts";
import { activeServices, onceServicesAccept, ServicesToAsk } from "./sequester.ts";
import { lastTimestamp, notGreater, outOfBallpark } from "./timestamp.ts";

/** What vlob_create and vlob_update ask for. */
export interface VlobWrite {
  readonly realmId: VlobId;
  readonly vlobId: VlobId;
  readonly keyIndex: number;
  readonly timestamp: DateTime;
  readonly blob: Uint8Array;
}

/** Larger blobs are left out of events (spec 08a §6.1): readers then ask for them. */
const largestBlobInEvent = 4095;

/** Checks 1 to 4 of spec 08b §7.1, which begin both vlob commands: the error reply, if any. */
export async function cannotWriteVlob(scope: AuthorScope, { realmId, keyIndex }: VlobWrite) {
  const realm = await lockRealm(scope, realmId, "read");
  if (realm === undefined) return { status: "realm_not_found" } as const;
  if (realm.status === "ARCHIVED_OR_DELETION_PLANNED") return { status: "realm_archived" } as const;
  if (realm.status === "DELETED") return { status: "realm_deleted" } as const;
  if (!isRoleAtLeast(await authorRole(scope, realmId), "CONTRIBUTOR")) return { status: "author_not_allowed" } as const;
  if (keyIndex !== realm.keyIndex) {
    return { status: "bad_key_index", ...(await lastRealmTimestamp(scope, realmId)) } as const;
  }
  return undefined;
}

/** Checks 5 to 7: the client's date. The first topic violated is the one told. */
export async function badVlobTimestamp(scope: AuthorScope, { realmId, timestamp }: VlobWrite) {
  return (
    outOfBallpark(scope, timestamp) ??
    (await notGreater(scope, timestamp, ["common"])) ??
    (await notGreater(scope, timestamp, [{ realm: realmId }]))
  );
}

type VlobCheck<Refusal> = (scope: AuthorScope, state: { readonly isAccepted: boolean }) => Promise<Refusal | undefined>;

/**
 * Both commands: all checks, then the webhooks if there are any, between transactions that each check all again, then the
 * effect. `check` is told when no service is left to ask.
 */
export async function writeVlobOnceAccepted<Refusal>(
  { server, transaction }: Pick<Call<AuthorScope, unknown>, "server" | "transaction">,
  write: VlobWrite,
  version: number,
  check: VlobCheck<Refusal>,
) {
  return await onceServicesAccept(server, async (unasked) =>
    transaction(async (scope) => {
      const services = unasked(await activeServices(scope));
      const refusal = await check(scope, { isAccepted: services.length === 0 });
      if (refusal !== undefined) return refusal;
      if (services.length === 0) return await writeVlob(scope, write, version);
      const { realmId, vlobId, timestamp, keyIndex, blob } = write;
      const { organizationId, author } = scope;
      const query = { type: "vlob_create_or_update", organizationId, author: author.device.deviceId } as const;
      return new ServicesToAsk(services, () => ({ ...query, realmId, vlobId, timestamp, keyIndex, version, blob }));
    }),
  );
}

/** The effect of both commands: the version, its checkpoint and the event. */
async function writeVlob(scope: AuthorScope, write: VlobWrite, version: number) {
  const { tx, organizationId, author } = scope;
  const { realmId, vlobId, keyIndex, timestamp, blob } = write;
  const row: VlobRow = { vlobId, version, keyIndex, blob, author: author.device.deviceId, timestamp };
  await tx.vlobs.insert(organizationId, realmId, row);
  await emitVlob(scope, realmId, row);
  return { status: "ok" } as const;
}

/** Tells the realm's members of a new version. */
export async function emitVlob(
  scope: Pick<AuthorScope, "tx" | "organizationId">,
  realmId: VlobId,
  { vlobId, version, author, timestamp, blob }: VlobRow,
): Promise<void> {
  scope.tx.emit({
    type: "VLOB",
    organizationId: scope.organizationId,
    realmId,
    vlobId,
    author,
    timestamp,
    version,
    blob: blob.length > largestBlobInEvent ? null : blob,
    lastCommonCertificateTimestamp: await lastTimestamp(scope, "common"),
    lastRealmCertificateTimestamp: await lastTimestamp(scope, { realm: realmId }),
  });
}

/** What a read gives of one version. */
export function vlobItem({ vlobId, keyIndex, author, version, timestamp, blob }: VlobRow) {
  return [vlobId, keyIndex, author, version, timestamp, blob] as const;
}

/** Checks 2 to 4 of spec 08b §7.3, of every read of a realm's vlobs: the error reply, if any. */
export async function cannotReadVlobs(scope: AuthorScope, realmId: VlobId) {
  const realm = await scope.tx.realms.find(scope.organizationId, realmId);
  if (realm === undefined) return { status: "realm_not_found" } as const;
  if (realm.status === "DELETED") return { status: "realm_deleted" } as const;
  if ((await authorRole(scope, realmId)) === null) return { status: "author_not_allowed" } as const;
  return undefined;
}

/** The certificates that a reader needs to validate what it reads. */
export async function neededTimestamps(scope: AuthorScope, realmId: VlobId) {
  return {
    neededCommonCertificateTimestamp: await lastTimestamp(scope, "common"),
    neededRealmCertificateTimestamp: await lastTimestamp(scope, { realm: realmId }),
  };
}
