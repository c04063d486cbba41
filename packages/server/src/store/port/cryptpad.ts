import type { DateTime, DeviceId, OrganizationId, VlobId } from "@parsec/types";

/** Spec 08a §4.10. */
export interface CryptpadSessionRow {
  readonly documentId: VlobId;
  readonly author: DeviceId;
  readonly createdOn: DateTime;
  readonly keyIndex: number;
  readonly encryptedViewKey: Uint8Array;
  readonly encryptedEditKey: Uint8Array | null;
}

export interface CryptpadQueries {
  /** A document's session belongs to the realm whose members were checked: another realm's has nothing to do with it. */
  find(organizationId: OrganizationId, realmId: VlobId, documentId: VlobId): Promise<CryptpadSessionRow | undefined>;
  put(organizationId: OrganizationId, realmId: VlobId, row: CryptpadSessionRow): Promise<void>;
}
