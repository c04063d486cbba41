const protections = ["PASSWORD", "KEYRING", "PKI", "OPENBAO", "ACCOUNT_VAULT"];

/** How an operator may advise users to protect their device files: told to clients, not enforced (spec 05 §5.3). */
export const advisoryProtections: readonly string[] = protections.flatMap((name) => [name, `${name}+TOTP`]);

/** The first of these texts that advises nothing a client knows. */
export function unknownProtection(texts: readonly string[]): string | undefined {
  return texts.find((text) => !advisoryProtections.includes(text));
}
