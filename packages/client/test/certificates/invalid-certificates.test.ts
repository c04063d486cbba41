import { ready } from "@parsec/crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type DumpOperation, readDump, readVector, rootVerifyKey } from "../../../../test/support/organization-dump.ts";
import { CertificateIndex } from "../../src/certificates/certificate-index.ts";
import { ingest } from "../../src/certificates/ingest.ts";
import { InvalidCertificateError } from "../../src/certificates/violation.ts";
import { certificatesFor, userIdOf } from "../support/dump.ts";

interface Case {
  readonly name: string;
  readonly base: string;
  /** Names of spec 09a §4.13; null: accepted. */
  readonly alice: string | null;
  readonly bob: string | null;
  readonly operations: readonly DumpOperation[];
}

const { cases } = readVector<{ cases: readonly Case[] }>("invalid-certificates.json");

beforeAll(() => ready());

describe("a certificate that breaks one rule is refused with the name of the rule", () => {
  test.each(cases)("$name", async ({ base, operations, alice, bob }) => {
    expect(await firstPoll("Alicey", base, operations)).toBe(alice);
    expect(await firstPoll("Boby", base, operations)).toBe(bob);
  });
});

describe("every certificate of the genuine dumps is accepted by each user", () => {
  const dumps = ["minimal", "minimal_client_ready", "coolorg", "coolorg_customized", "coolorg_promoted", "shamir"];
  const names = [...dumps, "sequestered", "workspace_history", "workspace_archived"].map((name) => `${name}.json`);

  test.each(names)("%s", async (base) => {
    for (const { human_handle } of readDump(base).keys.users) {
      expect(await firstPoll(human_handle.label, base, [])).toBe(null);
    }
  });
});

/** The name of the rule that the first poll of a user reports, null when it accepts everything. */
async function firstPoll(label: string, base: string, operations: readonly DumpOperation[]): Promise<string | null> {
  const dump = readDump(base);
  const userId = userIdOf(dump, label);
  const batch = certificatesFor(dump.operations, userId, operations);
  try {
    await ingest(new CertificateIndex(), batch, { userId, rootVerifyKey: rootVerifyKey(dump) });
    return null;
  } catch (error) {
    if (error instanceof InvalidCertificateError) return specName(error.violation.rule);
    throw error;
  }
}

/** `SELF_SIGNED` is `SelfSigned` in the specification. */
function specName(rule: string): string {
  return rule
    .toLowerCase()
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
