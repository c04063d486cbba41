import {
  AccessToken,
  AccountAuthMethodId,
  AsyncEnrollmentId,
  BlockId,
  DateTime,
  DeviceId,
  EmailAddress,
  GreetingAttemptId,
  HumanHandle,
  OrganizationId,
  SequesterServiceId,
  TotpOpaqueKeyId,
  UserId,
  VlobId,
} from "@parsec/types";
import type { Fingerprint } from "../../src/store/port/accounts.ts";
import type { InvitationTarget } from "../../src/store/port/invitations.ts";

// The few things that runs of the store model are about, and how a run chooses among them.

/** Gives the choices that a run is made of; the same ones again for the other store. */
export class Choices {
  readonly #numbers: readonly number[];
  readonly texts: readonly string[];
  #next = 0;

  constructor(numbers: readonly number[], texts: readonly string[]) {
    this.#numbers = numbers;
    this.texts = texts;
  }

  number(below: number): number {
    const number = this.#numbers[this.#next % this.#numbers.length] ?? 0;
    this.#next += 1;
    return number % below;
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.number(items.length)];
    if (item === undefined) throw new Error("Nothing to choose from");
    return item;
  }

  bool(): boolean {
    return this.number(2) === 1;
  }

  date(): DateTime {
    // Now and then one that no integer of 32 bits holds, or no double to the microsecond.
    return DateTime.fromMicros(this.of([1, 2, 3, 4, 5, 6, 1_700_000_000_000_001, 2 ** 60]));
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.number(4)).fill(this.number(256));
  }

  text(): string {
    return this.of(["", "Alice", "\u0000", "Zoë \u{1f600}", ...this.texts]);
  }
}

const hex = (kind: number, index: number) => `${String(kind).padStart(2, "0")}${"0".repeat(29)}${index}`;
function ids<T>(kind: number, parse: (text: string) => T | undefined, count = 3): readonly T[] {
  return Array.from({ length: count }, (_, index) => parse(hex(kind, index))).filter((id) => id !== undefined);
}

export const organizations = [OrganizationId.parse("Acme"), OrganizationId.parse("Été")];
export const users = ids(1, UserId.parse);
export const devices = ids(2, DeviceId.parse);
export const realms = ids(3, VlobId.parse, 2);
export const vlobs = ids(4, VlobId.parse);
export const blocks = ids(5, BlockId.parse);
export const tokens = ids(6, AccessToken.parse, 4);
export const attempts = ids(7, GreetingAttemptId.parse);
export const enrollments = ids(8, AsyncEnrollmentId.parse);
export const opaqueKeys = ids(9, TotpOpaqueKeyId.parse);
export const services = ids(10, SequesterServiceId.parse, 2);
export const authMethods = ids(11, AccountAuthMethodId.parse, 4);
export const emails = ["a@example.com", "b@example.com"].map((text) => EmailAddress.parse(text));
export const fingerprints = ["aa", "bb"].map((byte) => byte.repeat(32)) as Fingerprint[];
export const dates = [null, 2, 5].map((micros) => (micros === null ? null : DateTime.fromMicros(micros)));

export const certified = (choices: Choices) => ({
  certificate: choices.bytes(),
  certifiedBy: choices.of(devices),
  certifiedOn: choices.date(),
});
export const targetOf = (choices: Choices): InvitationTarget =>
  choices.of<InvitationTarget>([
    { type: "USER", claimerEmail: choices.of(emails) },
    { type: "DEVICE", claimer: choices.of(users) },
    { type: "SHAMIR_RECOVERY", claimer: choices.of(users), setupCreatedOn: choices.date() },
  ]);
export const labelOf = (choices: Choices) => {
  const text = choices.text().replaceAll(/[<>@,:;\\"[\]]/g, "");
  return HumanHandle.parse(choices.of(emails), text === "" ? "\u0000" : text.slice(0, 20));
};
export const signatureOf = (choices: Choices) =>
  choices.bool()
    ? ({ type: "OPEN_BAO", signature: choices.text(), entityId: choices.text() } as const)
    : ({
        type: "PKI",
        signature: choices.bytes(),
        algorithm: "RSASSA-PSS-SHA256",
        leaf: choices.bytes(),
        intermediates: [choices.bytes(), choices.bytes()],
      } as const);
