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
  find(organizationId: OrganizationId, documentId: VlobId): Promise<CryptpadSessionRow | undefined>;
  put(organizationId: OrganizationId, row: CryptpadSessionRow): Promise<void>;
}
