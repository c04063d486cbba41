export {
  type AuthMethodKeys,
  deriveAuthMethodKeys,
  opaqueKeyFingerprint,
  registrationDeviceFingerprint,
} from "./account.ts";
export type { BackendChoice } from "./backend/choice.ts";
export { backendName, type ReadyOptions, ready } from "./backend/ready.ts";
export { blake2b } from "./blake2b.ts";
export { type CancelOptions, openBlock, sealBlock } from "./block.ts";
export * from "./errors.ts";
export { HashDigest } from "./keys/hash-digest.ts";
export { KeyDerivation } from "./keys/key-derivation.ts";
export { type KeyExchangeRole, PrivateKey } from "./keys/private-key.ts";
export { PublicKey } from "./keys/public-key.ts";
export { SecretKey } from "./keys/secret-key.ts";
export { type SignedParts, splitSigned } from "./keys/signed.ts";
export { SigningKey } from "./keys/signing-key.ts";
export { VerifyKey } from "./keys/verify-key.ts";
export {
  defaultPasswordParameters,
  emailSalt,
  newPasswordAlgorithm,
  type PasswordAlgorithm,
  type UntrustedPasswordAlgorithm,
  validateUntrusted,
} from "./password/algorithm.ts";
export { passwordToKeyDerivation, passwordToSecretKey } from "./password/derive.ts";
export { fakePasswordAlgorithm, fakePasswordAlgorithmSeed } from "./password/fake.ts";
export {
  generateSasCodes,
  parseSasCode,
  type SasCode,
  type SasCodes,
  sasCandidates,
  sasCodeFromInteger,
} from "./sas-code.ts";
export { useRsaEngine } from "./sequester/current-engine.ts";
export { SequesterPrivateKey } from "./sequester/private-key.ts";
export { SequesterPublicKey } from "./sequester/public-key.ts";
export type { RsaEngine } from "./sequester/rsa-engine.ts";
export type { RsaKeySize } from "./sequester/rsa-private-key.ts";
export { SequesterSigningKey, signPkcs1v15Unprefixed } from "./sequester/signing-key.ts";
export { SequesterVerifyKey } from "./sequester/verify-key.ts";
export { webCryptoRsaEngine } from "./sequester/webcrypto-engine.ts";
export { sha256 } from "./sha256.ts";
export { combineShares, splitSecret } from "./shamir/secret-sharing.ts";
export { ShamirShare } from "./shamir/share.ts";
export type { CreateWorker } from "./worker/create-worker.ts";
export type { CryptoWorker, WorkerReply, WorkerRequest, WorkerStarted } from "./worker/protocol.ts";
export { webWorker } from "./worker/web-worker.ts";
