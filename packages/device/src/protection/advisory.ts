import { requireArgument, requireObject, requireText } from "@parsec/base";
import type { ProtectionType } from "./protection.ts";

/** A way of protecting devices that the server recommends (spec 06 §15). */
export interface AdvisedProtection {
  readonly type: ProtectionType;
  readonly totp: boolean;
}

const typesByName: Readonly<Record<string, ProtectionType>> = {
  PASSWORD: "password",
  KEYRING: "keyring",
  PKI: "pki",
  OPENBAO: "openbao",
  ACCOUNT_VAULT: "account_vault",
};

/** What the server recommends, from its configuration. Unknown entries are dropped; an empty list allows everything. */
export function parseAdvisedProtections(entries: readonly string[]): readonly AdvisedProtection[] {
  requireTexts("entries", entries);
  return entries.flatMap((entry) => {
    const [, name = "", totp] = /^([A-Z_]+)(\+TOTP)?$/.exec(entry) ?? [];
    const type = Object.hasOwn(typesByName, name) ? typesByName[name] : undefined;
    return type === undefined ? [] : [{ type, totp: totp !== undefined }];
  });
}

function requireTexts(argument: string, list: unknown): void {
  requireArgument(argument, list, "an array of texts", Array.isArray(list));
  if (Array.isArray(list)) for (const [index, text] of list.entries()) requireText(`${argument}[${index}]`, text);
}

/** How a protection stands to what the server recommends. Nothing enforces it: it is for a frontend to suggest a change. */
export type Conformity = "conforms" | "add_totp" | "change_protection";

export function checkProtection(
  advised: readonly AdvisedProtection[],
  used: { readonly type: string; readonly totp: boolean },
): Conformity {
  requireArgument("advised", advised, "an array", Array.isArray(advised));
  requireObject("used", used);
  if (advised.length === 0) return "conforms";
  const sameType = advised.filter(({ type }) => type === used.type);
  if (sameType.length === 0) return "change_protection";
  return used.totp || sameType.every(({ totp }) => !totp) ? "conforms" : "add_totp";
}
