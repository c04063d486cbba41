import { ParsecError } from "@parsec/base";
import { type Codec, type Infer, literals } from "./codec/index.ts";

export class EnumerationError extends ParsecError<"INVALID_ENUMERATION_VALUE"> {
  override readonly name: string = "EnumerationError";
  constructor(name: string, values: readonly string[]) {
    super("INVALID_ENUMERATION_VALUE", `Not a ${name}: expected ${values.join(", ")}`);
  }
}

/** A closed set of texts, from the greatest to the least where it has an order. */
export interface EnumerationKind<Value extends string> extends Codec<Value> {
  readonly values: readonly Value[];
  /** Any case. @throws EnumerationError */
  parse(text: string): Value;
}

/** An enumeration of spec 02 §7.2, with the text form of spec 03 §2.3. `parsable`: what its parser knows, if not all. */
function enumeration<const Values extends readonly string[]>(
  name: string,
  values: Values,
  parsable: readonly Values[number][] = values,
): EnumerationKind<Values[number]> {
  return {
    ...literals(values, name),
    values,
    parse: (text) => {
      const value = parsable.find((known) => known === text.toUpperCase());
      if (value === undefined) throw new EnumerationError(name, parsable);
      return value;
    },
  };
}

export const UserProfile = /* @__PURE__ */ enumeration("UserProfile", ["ADMIN", "STANDARD", "OUTSIDER"]);
export type UserProfile = Infer<typeof UserProfile>;

export const RealmRole = /* @__PURE__ */ enumeration("RealmRole", ["OWNER", "MANAGER", "CONTRIBUTOR", "READER"]);
export type RealmRole = Infer<typeof RealmRole>;

/** True when `role` gives all that `minimum` gives. No role gives nothing. */
export function isRoleAtLeast(role: RealmRole | null | undefined, minimum: RealmRole): boolean {
  return isAtLeast(RealmRole, role, minimum);
}

export function isProfileAtLeast(profile: UserProfile, minimum: UserProfile): boolean {
  return isAtLeast(UserProfile, profile, minimum);
}

function isAtLeast<V extends string>({ values }: EnumerationKind<V>, value: V | null | undefined, minimum: V): boolean {
  return value != null && values.indexOf(value) <= values.indexOf(minimum);
}

/** Invitations: the text parser does not know the Shamir recovery (spec 03 §2.3). */
export const InvitationType = /* @__PURE__ */ enumeration(
  "InvitationType",
  ["USER", "DEVICE", "SHAMIR_RECOVERY"],
  ["USER", "DEVICE"],
);
export type InvitationType = Infer<typeof InvitationType>;

export const InvitationStatus = /* @__PURE__ */ enumeration("InvitationStatus", ["PENDING", "FINISHED", "CANCELLED"]);
export type InvitationStatus = Infer<typeof InvitationStatus>;

export const GreeterOrClaimer = /* @__PURE__ */ enumeration("GreeterOrClaimer", ["GREETER", "CLAIMER"]);
export type GreeterOrClaimer = Infer<typeof GreeterOrClaimer>;

export const CancelledGreetingAttemptReason = /* @__PURE__ */ enumeration("CancelledGreetingAttemptReason", [
  "MANUALLY_CANCELLED",
  "INVALID_NONCE_HASH",
  "INVALID_SAS_CODE",
  "UNDECIPHERABLE_PAYLOAD",
  "UNDESERIALIZABLE_PAYLOAD",
  "INCONSISTENT_PAYLOAD",
  "AUTOMATICALLY_CANCELLED",
]);
export type CancelledGreetingAttemptReason = Infer<typeof CancelledGreetingAttemptReason>;

export const PkiEncryptionAlgorithm = /* @__PURE__ */ enumeration("PKIEncryptionAlgorithm", ["RSAES-OAEP-SHA256"]);
export type PkiEncryptionAlgorithm = Infer<typeof PkiEncryptionAlgorithm>;

export const PkiSignatureAlgorithm = /* @__PURE__ */ enumeration("PkiSignatureAlgorithm", ["RSASSA-PSS-SHA256"]);
export type PkiSignatureAlgorithm = Infer<typeof PkiSignatureAlgorithm>;
