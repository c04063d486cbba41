import type { HashDigestHex } from "@parsec/protocol";
import type {
  AccountAuthMethodId,
  DateTime,
  EmailAddress,
  HumanHandle,
  UntrustedPasswordAlgorithm,
  ValidationCode,
} from "@parsec/types";

/** Accounts belong to the server as a whole (spec 08a §4.11). */
export interface AccountRow {
  readonly humanHandle: HumanHandle;
  /** A deleted account keeps its row, and may be created again. */
  readonly deletedOn: DateTime | null;
}

/** Made by the server, never shown. */
export type VaultId = number;

export interface AuthMethodRow {
  readonly authMethodId: AccountAuthMethodId;
  readonly vaultId: VaultId;
  readonly createdOn: DateTime;
  readonly createdByIp: string;
  readonly createdByUserAgent: string;
  readonly macKey: Uint8Array;
  readonly vaultKeyAccess: Uint8Array;
  readonly passwordAlgorithm: UntrustedPasswordAlgorithm | null;
  readonly disabledOn: DateTime | null;
}

export interface VaultRow {
  readonly vaultId: VaultId;
  readonly email: EmailAddress;
}

export type Fingerprint = HashDigestHex;

export const codePurposes = ["create", "delete", "recover"] as const;
export type CodePurpose = (typeof codePurposes)[number];

export interface ValidationCodeRow {
  readonly code: ValidationCode;
  readonly createdOn: DateTime;
  readonly failedAttempts: number;
}

export interface AccountQueries {
  find(email: EmailAddress): Promise<AccountRow | undefined>;
  /** A new account, or a new state of one. */
  put(row: AccountRow): Promise<void>;

  /** A new, empty vault; it becomes the account's current one. */
  addVault(email: EmailAddress): Promise<VaultRow>;
  findVault(vaultId: VaultId): Promise<VaultRow | undefined>;
  /** Oldest first. */
  vaults(email: EmailAddress): Promise<readonly VaultRow[]>;
  items(vaultId: VaultId): Promise<ReadonlyMap<Fingerprint, Uint8Array>>;
  addItem(vaultId: VaultId, fingerprint: Fingerprint, data: Uint8Array): Promise<void>;

  findAuthMethod(authMethodId: AccountAuthMethodId): Promise<AuthMethodRow | undefined>;
  /** In order of creation, disabled ones included. */
  authMethods(vaultId: VaultId): Promise<readonly AuthMethodRow[]>;
  /**
   * The active method with a password in the current vault of that e-mail. One query, whether there is an account or
   * not: the time that it takes tells nothing about that.
   */
  activePasswordMethod(email: EmailAddress): Promise<AuthMethodRow | undefined>;
  insertAuthMethod(row: AuthMethodRow): Promise<void>;
  setAuthMethodDisabled(authMethodId: AccountAuthMethodId, on: DateTime): Promise<void>;

  validationCode(purpose: CodePurpose, email: EmailAddress): Promise<ValidationCodeRow | undefined>;
  putValidationCode(purpose: CodePurpose, email: EmailAddress, row: ValidationCodeRow): Promise<void>;
  removeValidationCode(purpose: CodePurpose, email: EmailAddress): Promise<void>;
  /** Every code of that e-mail, whatever its purpose. */
  removeValidationCodes(email: EmailAddress): Promise<void>;
  /** Every code created before that date, whoever asked for it. */
  forgetValidationCodes(before: DateTime): Promise<void>;
}
