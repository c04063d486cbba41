import type { Infer } from "./codec/index.ts";
import { uuidKind } from "./uuid.ts";

// The identifiers of spec 03 §1. A realm has a VlobId: there is no separate realm id type.

export const UserId = /* @__PURE__ */ uuidKind("UserID");
export type UserId = Infer<typeof UserId>;
export const DeviceId = /* @__PURE__ */ uuidKind("DeviceID");
export type DeviceId = Infer<typeof DeviceId>;
export const VlobId = /* @__PURE__ */ uuidKind("VlobID");
export type VlobId = Infer<typeof VlobId>;
export const BlockId = /* @__PURE__ */ uuidKind("BlockID");
export type BlockId = Infer<typeof BlockId>;
export const ChunkId = /* @__PURE__ */ uuidKind("ChunkID");
export type ChunkId = Infer<typeof ChunkId>;
export const SequesterServiceId = /* @__PURE__ */ uuidKind("SequesterServiceID");
export type SequesterServiceId = Infer<typeof SequesterServiceId>;
export const GreetingAttemptId = /* @__PURE__ */ uuidKind("GreetingAttemptID");
export type GreetingAttemptId = Infer<typeof GreetingAttemptId>;
export const AsyncEnrollmentId = /* @__PURE__ */ uuidKind("AsyncEnrollmentID");
export type AsyncEnrollmentId = Infer<typeof AsyncEnrollmentId>;
export const PkiEnrollmentId = /* @__PURE__ */ uuidKind("PKIEnrollmentID");
export type PkiEnrollmentId = Infer<typeof PkiEnrollmentId>;
export const AccountAuthMethodId = /* @__PURE__ */ uuidKind("AccountAuthMethodID");
export type AccountAuthMethodId = Infer<typeof AccountAuthMethodId>;
export const AccountVaultItemOpaqueKeyId = /* @__PURE__ */ uuidKind("AccountVaultItemOpaqueKeyID");
export type AccountVaultItemOpaqueKeyId = Infer<typeof AccountVaultItemOpaqueKeyId>;
export const TotpOpaqueKeyId = /* @__PURE__ */ uuidKind("TOTPOpaqueKeyID");
export type TotpOpaqueKeyId = Infer<typeof TotpOpaqueKeyId>;

/** The chunk that becomes a block keeps its 16 bytes (spec 03 §1). */
export function blockIdOfChunk(id: ChunkId): BlockId {
  return id as string as BlockId;
}

/** The stored chunk of a block: the same 16 bytes (spec 03 §1). */
export function chunkIdOfBlock(id: BlockId): ChunkId {
  return id as string as ChunkId;
}
