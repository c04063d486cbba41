import type { Parsec, Session } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import {
  DeviceLabel,
  formatAddress,
  formatRedirection,
  HumanLabel,
  OrganizationId,
  parseAddress,
  parseAddressInAnyForm,
  parseAnyAddress,
  serverAddress,
} from "@parsec/types";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bootstrapped, claimWholly, greetWholly, newPerson, Telephone } from "./support/greeting-people.ts";

// People, devices and organizations are called what they are called: in every script, with every emoji.

/** Words in many scripts, right to left and combining ones among them, and emoji of several code points. */
const words = [
  "Zoé Łukasz",
  "Ελένη",
  "Дмитрий",
  "יעל",
  "فاطمة",
  "अनुष्का",
  "สมชาย",
  "ქეთევანი",
  "Հայկ",
  "王小明",
  "さくら",
  "ボブ",
  "김민준",
  "ᏣᎳᎩ",
  "አበበ",
  "ཚེ་རིང་",
  "𐐔𐐯𐑅𐐨𐑉𐐯𐐻",
  "👩‍👩‍👧‍👦",
  "🏳️‍🌈",
  "👍🏽",
  "🇫🇷",
  "1️⃣",
  "Ⅷ",
  "ﬁ",
  "e\u0301\u0323",
  "\u202eabc\u202c",
  "a\u200db",
  "İıſß",
] as const;

const anyText = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const anyName = fc.oneof(
  anyText,
  fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(" ")),
);

/** A text that the rule accepts, as it is when parsed. */
function valid<T extends string>(parse: (text: string) => T): fc.Arbitrary<T> {
  const attempt = (text: string): T | undefined => {
    try {
      return parse(text);
    } catch {
      return undefined;
    }
  };
  return anyName.map(attempt).filter((parsed): parsed is T => parsed !== undefined);
}

describe("links", () => {
  const organizationId = valid((text) => OrganizationId.parse(text.replaceAll(" ", "_")));

  test("of an organization of any name come back as they went, in each of their forms", () => {
    fc.assert(
      fc.property(organizationId, (id) => {
        const address = {
          ...serverAddress("parsec.test"),
          kind: "organization_bootstrap",
          organizationId: id,
          token: null,
        } as const;
        const link = formatAddress(address);
        expect(/^[\x21-\x7e]+$/.test(link), link).toBe(true);
        expect(parseAddress("organization_bootstrap", link)).toEqual(address);
        expect(parseAnyAddress(link)).toEqual(address);
        expect(parseAddressInAnyForm("organization_bootstrap", formatRedirection(address))).toEqual(address);
        // Browsers and mail programs show links decoded, and people copy what they see.
        expect(parseAddress("organization_bootstrap", decodeURI(link))).toEqual(address);
        expect(parseAddress("organization_bootstrap", decodeURI(link).normalize("NFD"))).toEqual(address);
      }),
    );
  });
});

describe("people", () => {
  let server: RunningServer;
  let alice: Session;
  let parsec: Parsec;

  beforeAll(async () => {
    server = await startServer({ dev: true });
    const person = await newPerson();
    parsec = person.parsec;
    alice = await bootstrapped(server, "組織_テスト", person);
  });
  afterAll(async () => {
    await alice.close();
    await parsec.close();
    await server.close();
  });

  test("of any name join by a link, with devices of any name, and everybody sees the names", async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(valid(HumanLabel.parse), valid(DeviceLabel.parse), async (label, deviceLabel) => {
        count += 1;
        const email = `person${count}@example.com`;
        const { token, link, redirection } = await alice.invitations.inviteUser(email);
        const bob = await newPerson();
        const telephone = new Telephone();
        const [device] = await Promise.all([
          claimWholly(bob, count % 2 === 0 ? link : redirection, { telephone }, { label, deviceLabel }),
          greetWholly(alice, token, { telephone }),
        ]);
        expect(device.organizationId).toBe("組織_テスト");
        const [listed] = await bob.parsec.devices();
        expect(listed).toMatchObject({ humanHandle: { email, label }, deviceLabel });
        await alice.refresh();
        expect(alice.users.get(device.userId)?.humanHandle).toEqual({ email, label });
        expect(alice.users.device(device.deviceId)?.label).toBe(deviceLabel);
        const session = await bob.parsec.login(device.deviceId, bob.protection);
        await session.refresh();
        expect(session.users.self.humanHandle).toEqual({ email, label });
        await session.close();
        await bob.parsec.close();
      }),
      { numRuns: 6 },
    );
    expect(count).toBeGreaterThanOrEqual(6);
  });
});
