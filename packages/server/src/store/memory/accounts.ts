import type { EmailAddress } from "@parsec/types";
import { type AccountQueries, type CodePurpose, codePurposes, type VaultRow } from "../port/accounts.ts";
import { type MemoryData, present, unique } from "./data.ts";
import type { Journal } from "./journal.ts";

export function memoryAccounts(data: MemoryData, journal: Journal): AccountQueries {
  const { accounts, vaults, items, authMethods, codes } = data.accounts;
  const codeKey = (purpose: CodePurpose, email: EmailAddress) => `${purpose}:${email}`;
  return {
    async find(email) {
      return accounts.get(email);
    },
    async put(row) {
      journal.set(accounts, row.humanHandle.email, row);
    },
    async addVault(email) {
      const vault: VaultRow = { vaultId: vaults.length + 1, email };
      journal.push(vaults, vault);
      journal.set(items, vault.vaultId, new Map());
      return vault;
    },
    async findVault(vaultId) {
      return vaults.find((row) => row.vaultId === vaultId);
    },
    async vaults(email) {
      return vaults.filter((row) => row.email === email);
    },
    async items(vaultId) {
      return new Map(present(items.get(vaultId), "vault"));
    },
    async addItem(vaultId, fingerprint, bytes) {
      const vault = present(items.get(vaultId), "vault");
      unique(vault, fingerprint, "vault item");
      journal.set(vault, fingerprint, bytes);
    },
    async findAuthMethod(authMethodId) {
      return authMethods.get(authMethodId);
    },
    async authMethods(vaultId) {
      return [...authMethods.values()].filter((row) => row.vaultId === vaultId);
    },
    async activePasswordMethod(email) {
      const current = vaults.findLast((row) => row.email === email);
      return [...authMethods.values()].find(
        (row) => row.vaultId === current?.vaultId && row.passwordAlgorithm !== null && row.disabledOn === null,
      );
    },
    async insertAuthMethod(row) {
      unique(authMethods, row.authMethodId, "authentication method");
      journal.set(authMethods, row.authMethodId, row);
    },
    async setAuthMethodDisabled(authMethodId, on) {
      const row = present(authMethods.get(authMethodId), "authentication method");
      journal.set(authMethods, authMethodId, { ...row, disabledOn: on });
    },
    async validationCode(purpose, email) {
      return codes.get(codeKey(purpose, email));
    },
    async putValidationCode(purpose, email, row) {
      journal.set(codes, codeKey(purpose, email), row);
    },
    async removeValidationCode(purpose, email) {
      journal.delete(codes, codeKey(purpose, email));
    },
    async removeValidationCodes(email) {
      for (const purpose of codePurposes) journal.delete(codes, codeKey(purpose, email));
    },
    async forgetValidationCodes(before) {
      for (const [key, { createdOn }] of [...codes]) if (createdOn < before) journal.delete(codes, key);
    },
  };
}
