import { ready } from "@parsec/crypto";
import { isRoleAtLeast, type RealmRole } from "@parsec/types";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { archiving, type Fields, name, revocation, role, rotation, Stage, update } from "../support/certificates.ts";
import type { TestUser } from "../support/organization.ts";

// Who may give which role, for every pair of roles (spec 09a §4.5, §4.6).

let stage: Stage;
let alice: TestUser;
let bob: TestUser;
let carl: TestUser;

beforeAll(() => ready());
beforeEach(() => {
  stage = new Stage();
  ({ alice, bob, carl } = stage);
});

const roles = ["READER", "CONTRIBUTOR", "MANAGER", "OWNER"] as const;
const access = [null, ...roles] as const;
const manages = (of: RealmRole | null) => of === "OWNER" || of === "MANAGER";

/** Who may change which role into which, in the words of spec 09a §4.5. */
function expectedOfSharing(author: RealmRole | null, from: RealmRole | null, to: RealmRole | null): string | undefined {
  if (author === null) return "REALM_AUTHOR_HAS_NO_ROLE";
  if (from === to) return "CONTENT_ALREADY_EXISTS";
  if (manages(from) || manages(to)) return author === "OWNER" ? undefined : "REALM_AUTHOR_NOT_OWNER";
  return manages(author) ? undefined : "REALM_AUTHOR_NOT_OWNER_OR_MANAGER";
}

describe("roles", () => {
  const cases = access.flatMap((author) => access.flatMap((from) => access.map((to) => ({ author, from, to }))));

  test.each(cases)("by $author, from $from to $to", ({ author, from, to }) => {
    stage.add(alice, 1, role(stage.realmId, alice, "OWNER"));
    if (author !== null) stage.add(alice, 2, role(stage.realmId, bob, author));
    if (from !== null) stage.add(alice, 3, role(stage.realmId, carl, from));
    const expected = expectedOfSharing(author, from, to);
    expect(stage.rule(bob, 4, role(stage.realmId, carl, to))).toBe(expected);
    // Taken away, a role is as if it had never been given.
    stage.add(alice, 5, role(stage.realmId, bob, author === null ? "OWNER" : null));
    if (author === null) stage.add(alice, 6, role(stage.realmId, bob, null));
    expect(stage.rule(bob, 7, role(stage.realmId, carl, to))).toBe("REALM_AUTHOR_HAS_NO_ROLE");
  });

  test("of a realm begin with an OWNER who signs for themselves", () => {
    const create = (user: TestUser, given: RealmRole | null) => stage.rule(alice, 1, role(stage.realmId, user, given));
    for (const given of access) expect(create(bob, given)).toBe("REALM_FIRST_ROLE_MUST_BE_SELF_SIGNED");
    for (const given of access) {
      expect(create(alice, given)).toBe(given === "OWNER" ? undefined : "REALM_FIRST_ROLE_MUST_BE_OWNER");
    }
  });

  test.each(access)("what only an OWNER signs, by %s", (given) => {
    for (const fields of [name(stage.realmId), rotation(stage.realmId), archiving(stage.realmId)]) {
      const own = new Stage();
      const there = { ...fields, realmId: own.realmId } as Fields;
      expect(own.rule(own.bob, 5, there)).toBe("REALM_FIRST_CERTIFICATE_MUST_BE_ROLE");
      own.add(own.alice, 1, role(own.realmId, own.alice, "OWNER"));
      if (given !== null) own.add(own.alice, 2, role(own.realmId, own.bob, given));
      const expected = given === null ? "REALM_AUTHOR_HAS_NO_ROLE" : "REALM_AUTHOR_NOT_OWNER";
      expect(own.rule(own.bob, 5, there)).toBe(given === "OWNER" ? undefined : expected);
      own.add(own.alice, 3, role(own.realmId, own.bob, null));
      if (given !== null) expect(own.rule(own.bob, 5, there)).toBe("REALM_AUTHOR_HAS_NO_ROLE");
    }
  });
});

describe("self-promotion", () => {
  const pairs = roles.flatMap((own) => roles.map((other) => ({ own, other })));

  test.each(pairs)("of a $own beside a $other", ({ own, other }) => {
    stage.add(alice, 1, role(stage.realmId, alice, "OWNER"));
    stage.add(alice, 2, role(stage.realmId, bob, own));
    if (other !== "OWNER") stage.add(bob, 3, role(stage.realmId, alice, other));
    const isHigher = !isRoleAtLeast(own, other);
    const expected = isHigher ? "REALM_SELF_PROMOTION_HIGHER_ACTIVE_ROLE_ALREADY_EXISTS" : undefined;
    expect(stage.rule(bob, 10, role(stage.realmId, bob, "OWNER"))).toBe(
      own === "OWNER" ? "CONTENT_ALREADY_EXISTS" : expected,
    );
    for (const given of access.filter((given) => given !== "OWNER")) {
      expect(stage.rule(bob, 10, role(stage.realmId, bob, given))).toBe("REALM_SELF_PROMOTION_ROLE_MUST_BE_OWNER");
    }
  });

  test.each(["revoked", "OUTSIDER"])("below an OWNER who becomes %s: from that microsecond", (how) => {
    stage.add(alice, 1, role(stage.realmId, alice, "OWNER"));
    stage.add(alice, 2, role(stage.realmId, bob, "READER"));
    stage.add(carl, 10, how === "revoked" ? revocation(alice) : update(alice, "OUTSIDER"));
    const promote = (micros: number) => stage.rule(bob, micros, role(stage.realmId, bob, "OWNER"));
    expect(promote(9)).toBe("REALM_SELF_PROMOTION_HIGHER_ACTIVE_ROLE_ALREADY_EXISTS");
    expect(promote(10)).toBeUndefined();
  });

  test("by somebody who has no role, or none any more", () => {
    stage.add(alice, 1, role(stage.realmId, alice, "OWNER"));
    const promote = () => stage.rule(bob, 10, role(stage.realmId, bob, "OWNER"));
    expect(promote()).toBe("REALM_AUTHOR_HAS_NO_ROLE");
    stage.add(alice, 2, role(stage.realmId, bob, "MANAGER"));
    stage.add(alice, 3, role(stage.realmId, bob, null));
    expect(promote()).toBe("REALM_AUTHOR_HAS_NO_ROLE");
  });

  test("of an OUTSIDER is refused as such", () => {
    stage.add(alice, 1, role(stage.realmId, alice, "OWNER"));
    stage.add(alice, 2, role(stage.realmId, bob, "READER"));
    stage.add(carl, 3, revocation(alice));
    stage.add(carl, 4, update(bob, "OUTSIDER"));
    expect(stage.rule(bob, 10, role(stage.realmId, bob, "OWNER"))).toBe("REALM_OUTSIDER_CANNOT_BE_OWNER_OR_MANAGER");
  });
});
