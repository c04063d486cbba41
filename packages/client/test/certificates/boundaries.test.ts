import { ready } from "@parsec/crypto";
import { DeviceId, isRoleAtLeast, type RealmRole, SequesterServiceId, UserId } from "@parsec/types";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isRevokedAt, lastAt, membersAt, profileAt, roleAt, shamirSetupAt } from "../../src/certificates/at.ts";
import { isUpToDate } from "../../src/certificates/topic.ts";
import {
  archiving,
  brief,
  deletion,
  type Fields,
  name,
  revocation,
  role,
  rotation,
  Stage,
  service,
  serviceRevocation,
  share,
  update,
} from "../support/certificates.ts";
import type { TestUser } from "../support/organization.ts";

// The rules of spec 09a §4 where they turn: to the microsecond, and for every pair of roles.

let stage: Stage;
let alice: TestUser;
let bob: TestUser;
let carl: TestUser;

beforeAll(() => ready());
beforeEach(() => {
  stage = new Stage();
  ({ alice, bob, carl } = stage);
});

describe("the date against the last one of the topic", () => {
  const cases: readonly {
    readonly what: string;
    readonly prepare: () => void;
    readonly author?: () => TestUser;
    readonly fields: () => Fields;
    readonly equal: string | undefined;
  }[] = [
    {
      what: "a profile",
      prepare: () => stage.add(alice, 10, update(carl, "ADMIN")),
      fields: () => update(bob, "ADMIN"),
      equal: "INVALID_TIMESTAMP",
    },
    {
      what: "a revocation",
      prepare: () => stage.add(alice, 10, update(carl, "ADMIN")),
      fields: () => revocation(bob),
      equal: "INVALID_TIMESTAMP",
    },
    {
      what: "a role",
      prepare: () => stage.add(alice, 10, role(stage.realmId, alice, "OWNER")),
      fields: () => role(stage.realmId, bob, "READER"),
      equal: "INVALID_TIMESTAMP",
    },
    {
      what: "a name",
      prepare: () => stage.add(alice, 10, role(stage.realmId, alice, "OWNER")),
      fields: () => name(stage.realmId),
      equal: "INVALID_TIMESTAMP",
    },
    {
      what: "a key",
      prepare: () => stage.add(alice, 10, role(stage.realmId, alice, "OWNER")),
      fields: () => rotation(stage.realmId),
      equal: "INVALID_TIMESTAMP",
    },
    {
      what: "an archiving",
      prepare: () => stage.add(alice, 10, role(stage.realmId, alice, "OWNER")),
      fields: () => archiving(stage.realmId),
      equal: "INVALID_TIMESTAMP",
    },
    {
      what: "a recovery setup",
      prepare: () => stage.add(bob, 10, brief(bob, [[alice, 1]])),
      fields: () => brief(alice, [[bob, 1]]),
      equal: "INVALID_TIMESTAMP",
    },
    {
      what: "a share",
      prepare: () => stage.add(bob, 10, brief(bob, [[alice, 1]])),
      author: () => bob,
      fields: () => share(bob, alice),
      equal: undefined,
    },
    {
      what: "a deletion",
      prepare: () => stage.add(bob, 10, brief(bob, [[alice, 1]])),
      author: () => bob,
      fields: () => deletion(bob, stage.at(10), [alice]),
      equal: "INVALID_TIMESTAMP",
    },
    {
      what: "a service",
      prepare: () => stage.add(alice, 10, service()),
      fields: () => service(SequesterServiceId.generate()),
      equal: "INVALID_TIMESTAMP",
    },
    {
      what: "the end of a service",
      prepare: () => stage.add(alice, 10, service()),
      fields: () => serviceRevocation(),
      equal: "INVALID_TIMESTAMP",
    },
  ];

  test.each(cases)("of $what", ({ prepare, author, fields, equal }) => {
    prepare();
    const ruleAt = (micros: number) => stage.rule(author?.() ?? alice, micros, fields());
    expect(ruleAt(9)).toBe("INVALID_TIMESTAMP");
    expect(ruleAt(10)).toBe(equal);
    // A share belongs to the brief of its own date.
    expect(ruleAt(11)).toBe(
      fields().type === "shamir_recovery_share_certificate" ? "SHAMIR_RECOVERY_MISSING_BRIEF_CERTIFICATE" : undefined,
    );
  });

  test("of a user and of a device", () => {
    stage.add(alice, 10, update(carl, "ADMIN"));
    const { user, device } = stage.organization.newUser("dora", "STANDARD", alice);
    const { author: _a, timestamp: _t, ...userFields } = user;
    const { author: _b, timestamp: _u, ...deviceFields } = device;
    expect(stage.rule(alice, 9, userFields)).toBe("INVALID_TIMESTAMP");
    expect(stage.rule(alice, 10, userFields)).toBe("INVALID_TIMESTAMP");
    expect(stage.rule(alice, 11, userFields)).toBeUndefined();
    stage.add(alice, 11, userFields);
    // The first device has the date of its user, and the same author; another one is later.
    expect(stage.rule(alice, 11, deviceFields)).toBeUndefined();
    expect(stage.rule(alice, 10, deviceFields)).toBe("INVALID_TIMESTAMP");
    expect(stage.rule(alice, 12, deviceFields)).toBe("USER_FIRST_DEVICE_TIMESTAMP_MISMATCH");
    stage.add(carl, 12, update(bob, "ADMIN"));
    stage.add(alice, 13, { ...userFields, userId: UserId.generate() } as Fields);
    const another = { ...deviceFields, userId: alice.userId, deviceId: DeviceId.generate() } as Fields;
    expect(stage.rule(alice, 13, another)).toBe("INVALID_TIMESTAMP");
    expect(stage.rule(alice, 14, another)).toBeUndefined();
    expect(stage.rule(alice, 14, { ...another, deviceId: bob.deviceId } as Fields)).toBe("CONTENT_ALREADY_EXISTS");
  });

  test("a first device by another administrator than the user's", () => {
    stage.add(alice, 1, update(carl, "ADMIN"));
    const { user, device } = stage.organization.newUser("dora", "STANDARD", alice);
    const { author: _a, timestamp: _t, ...userFields } = user;
    const { author: _b, timestamp: _u, ...deviceFields } = device;
    stage.add(alice, 11, userFields);
    expect(stage.rule(carl, 11, deviceFields)).toBe("USER_FIRST_DEVICE_AUTHOR_MISMATCH");
    expect(stage.rule(alice, 11, { ...deviceFields, userId: UserId.generate() } as Fields)).toBe(
      "NON_EXISTING_RELATED_USER",
    );
  });
});

describe("what happened in that very microsecond counts", () => {
  beforeEach(() => {
    stage.add(alice, 1, role(stage.realmId, alice, "OWNER"));
    stage.add(alice, 2, role(stage.realmId, bob, "OWNER"));
  });

  const authored: readonly (readonly [string, () => Fields])[] = [
    ["a name", () => name(stage.realmId)],
    ["a key", () => rotation(stage.realmId)],
    ["an archiving", () => archiving(stage.realmId)],
    ["a recovery setup", () => brief(bob, [[alice, 1]])],
  ];
  test.each(authored)("%s by a user who is revoked", (_what, fields) => {
    stage.add(alice, 10, revocation(bob));
    expect(stage.rule(bob, 9, fields())).toBeUndefined();
    expect(stage.rule(bob, 10, fields())).toBe("REVOKED_AUTHOR");
    expect(stage.rule(bob, 11, fields())).toBe("REVOKED_AUTHOR");
  });

  test("a share, and the deletion, by a user who is revoked", () => {
    stage.add(bob, 10, brief(bob, [[alice, 1]]));
    expect(stage.rule(bob, 10, share(bob, alice))).toBeUndefined();
    stage.add(alice, 11, revocation(bob));
    expect(stage.rule(bob, 11, deletion(bob, stage.at(10), [alice]))).toBe("REVOKED_AUTHOR");
    const early = new Stage();
    early.add(early.alice, 10, revocation(early.bob));
    early.add(early.bob, 10, brief(early.bob, [[early.alice, 1]]));
    expect(early.rule(early.bob, 10, share(early.bob, early.alice))).toBe("REVOKED_AUTHOR");
  });

  test("a device of a user who is revoked, by themselves and by an administrator", () => {
    const { author: _, timestamp: _t, ...fields } = bob.device;
    const another = { ...fields, deviceId: DeviceId.generate() } as Fields;
    expect(stage.rule(bob, 10, another)).toBeUndefined();
    stage.add(alice, 10, revocation(bob));
    expect(stage.rule(bob, 11, another)).toBe("REVOKED_AUTHOR");
  });

  test.each(["user", "profile", "revocation"])("a %s by an administrator who is none, or revoked", (kind) => {
    const made = () => {
      const { user } = stage.organization.newUser("dora", "STANDARD", alice);
      const { author: _a, timestamp: _t, ...fields } = user;
      if (kind === "user") return fields as Fields;
      return kind === "profile" ? update(carl, "OUTSIDER") : revocation(carl);
    };
    expect(stage.rule(bob, 10, made())).toBe("AUTHOR_NOT_ADMIN");
    stage.add(alice, 10, update(bob, "ADMIN"));
    expect(stage.rule(bob, 11, made())).toBeUndefined();
    stage.add(alice, 12, update(bob, "OUTSIDER"));
    expect(stage.rule(bob, 13, made())).toBe("AUTHOR_NOT_ADMIN");
    stage.add(alice, 14, update(bob, "ADMIN"));
    stage.add(alice, 15, revocation(bob));
    expect(stage.rule(bob, 16, made())).toBe("REVOKED_AUTHOR");
  });

  test("nobody changes themselves, or what is so already, or who is not there or gone", () => {
    stage.add(alice, 9, update(bob, "ADMIN"));
    const unknown = { ...carl, userId: UserId.generate() };
    expect(stage.rule(alice, 10, update(alice, "STANDARD"))).toBe("SELF_SIGNED");
    expect(stage.rule(alice, 10, revocation(alice))).toBe("SELF_SIGNED");
    expect(stage.rule(alice, 10, update(unknown, "STANDARD"))).toBe("NON_EXISTING_RELATED_USER");
    expect(stage.rule(alice, 10, revocation(unknown))).toBe("NON_EXISTING_RELATED_USER");
    expect(stage.rule(alice, 10, update(bob, "ADMIN"))).toBe("CONTENT_ALREADY_EXISTS");
    expect(stage.rule(alice, 10, update(bob, "STANDARD"))).toBeUndefined();
    stage.add(alice, 10, revocation(carl));
    expect(stage.rule(alice, 11, update(carl, "ADMIN"))).toBe("RELATED_USER_ALREADY_REVOKED");
    expect(stage.rule(alice, 11, revocation(carl))).toBe("RELATED_USER_ALREADY_REVOKED");
  });

  test("a role for a user who is revoked, made later, or nobody; taking one away is fine", () => {
    stage.add(alice, 10, revocation(carl));
    const give = (micros: number, user: TestUser, given: RealmRole | null) =>
      stage.rule(alice, micros, role(stage.realmId, user, given));
    expect(give(9, carl, "READER")).toBeUndefined();
    expect(give(10, carl, "READER")).toBe("RELATED_USER_ALREADY_REVOKED");
    expect(give(9, { ...carl, userId: UserId.generate() }, "READER")).toBe("NON_EXISTING_RELATED_USER");
    stage.add(alice, 3, role(stage.realmId, carl, "READER"));
    expect(give(11, carl, null)).toBeUndefined();
    const { user } = stage.organization.newUser("dora", "STANDARD", alice);
    stage.index.add({ ...user, timestamp: stage.at(20) });
    const dora = { ...carl, userId: user.userId };
    expect(give(19, dora, "READER")).toBe("OLDER_THAN_RELATED_USER");
    expect(give(20, dora, "READER")).toBeUndefined();
  });

  test.each(["OWNER", "MANAGER"] as const)("an OUTSIDER is never %s", (given) => {
    stage.add(alice, 10, update(carl, "OUTSIDER"));
    const give = (micros: number, role_: RealmRole) => stage.rule(alice, micros, role(stage.realmId, carl, role_));
    expect(give(9, given)).toBeUndefined();
    expect(give(10, given)).toBe("REALM_OUTSIDER_CANNOT_BE_OWNER_OR_MANAGER");
    expect([give(10, "CONTRIBUTOR"), give(10, "READER")]).toEqual([undefined, undefined]);
  });
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

describe("recovery setups", () => {
  test("are about their author, who is no recipient; we are one of both", () => {
    expect(stage.rule(bob, 1, brief(carl, [[alice, 1]]))).toBe("SHAMIR_RECOVERY_NOT_ABOUT_SELF");
    expect(
      stage.rule(
        bob,
        1,
        brief(bob, [
          [alice, 1],
          [bob, 1],
        ]),
      ),
    ).toBe("SHAMIR_RECOVERY_SELF_AMONG_RECIPIENTS");
    expect(stage.rule(bob, 1, brief(bob, [[carl, 1]]))).toBe("SHAMIR_RECOVERY_UNRELATED_TO_US");
    expect(stage.rule(bob, 1, brief(bob, [[carl, 1]]), bob)).toBeUndefined();
    expect(stage.rule(bob, 1, brief(bob, [[carl, 1]]), carl)).toBeUndefined();
  });

  test("are one at a time; the last deletion must be of the last setup", () => {
    stage.add(bob, 1, brief(bob, [[alice, 1]]));
    expect(stage.rule(bob, 2, brief(bob, [[alice, 1]]))).toBe("SHAMIR_RECOVERY_ALREADY_SETUP");
    // Somebody else's setup is none of it.
    expect(stage.rule(carl, 2, brief(carl, [[alice, 1]]))).toBeUndefined();
    const end = (of: number, recipients: readonly TestUser[]) =>
      stage.rule(bob, 5, deletion(bob, stage.at(of), recipients));
    expect(end(2, [alice])).toBe("SHAMIR_RECOVERY_DELETION_MUST_REFERENCE_LAST_SETUP");
    expect(end(1, [carl])).toBe("SHAMIR_RECOVERY_DELETION_RECIPIENTS_MISMATCH");
    expect(end(1, [])).toBe("SHAMIR_RECOVERY_DELETION_RECIPIENTS_MISMATCH");
    expect(end(1, [alice, carl])).toBe("SHAMIR_RECOVERY_DELETION_RECIPIENTS_MISMATCH");
    expect(end(1, [alice])).toBeUndefined();
    expect(stage.rule(carl, 5, deletion(bob, stage.at(1), [alice]))).toBe("SHAMIR_RECOVERY_NOT_ABOUT_SELF");
    expect(stage.rule(carl, 5, deletion(carl, stage.at(1), [alice]))).toBe(
      "SHAMIR_RECOVERY_DELETION_MUST_REFERENCE_LAST_SETUP",
    );
    stage.add(bob, 6, deletion(bob, stage.at(1), [alice]));
    expect(stage.rule(bob, 7, deletion(bob, stage.at(1), [alice]))).toBe("SHAMIR_RECOVERY_ALREADY_DELETED");
    expect(stage.rule(bob, 7, brief(bob, [[alice, 1]]))).toBeUndefined();
    stage.add(bob, 7, brief(bob, [[alice, 1]]));
    expect(stage.rule(bob, 8, brief(bob, [[alice, 1]]))).toBe("SHAMIR_RECOVERY_ALREADY_SETUP");
    expect(stage.rule(bob, 8, deletion(bob, stage.at(1), [alice]))).toBe(
      "SHAMIR_RECOVERY_DELETION_MUST_REFERENCE_LAST_SETUP",
    );
  });

  test("have recipients who exist and are active, from the first to the last microsecond", () => {
    stage.add(alice, 10, revocation(carl));
    const setup = (micros: number, ...users: readonly TestUser[]) =>
      stage.rule(bob, micros, brief(bob, [[alice, 1], ...users.map((user) => [user, 1] as const)]));
    expect(setup(9, carl)).toBeUndefined();
    expect(setup(10, carl)).toBe("RELATED_USER_ALREADY_REVOKED");
    expect(setup(9, { ...carl, userId: UserId.generate() })).toBe("NON_EXISTING_RELATED_USER");
  });

  test("have shares of their own author, date and recipients, once each", () => {
    stage.add(
      bob,
      1,
      brief(bob, [
        [alice, 1],
        [carl, 1],
      ]),
    );
    expect(stage.rule(bob, 1, share(bob, alice))).toBeUndefined();
    expect(stage.rule(bob, 1, share(bob, carl))).toBe("SHAMIR_RECOVERY_UNRELATED_TO_US");
    expect(stage.rule(bob, 1, share(bob, bob))).toBe("SHAMIR_RECOVERY_MISSING_BRIEF_CERTIFICATE");
    expect(stage.rule(bob, 1, share(carl, alice))).toBe("SHAMIR_RECOVERY_NOT_ABOUT_SELF");
    // Another device of the same user has signed it.
    const otherDevice = { ...bob, deviceId: DeviceId.generate() };
    expect(stage.rule(otherDevice, 1, share(bob, alice))).toBe("SHAMIR_RECOVERY_MISSING_BRIEF_CERTIFICATE");
    stage.add(bob, 1, share(bob, alice));
    expect(stage.rule(bob, 1, share(bob, alice))).toBe("CONTENT_ALREADY_EXISTS");
    // Of an older setup: the last one is another.
    stage.add(carl, 3, brief(carl, [[alice, 1]]));
    expect(stage.rule(bob, 3, share(bob, alice))).toBe("SHAMIR_RECOVERY_MISSING_BRIEF_CERTIFICATE");
  });
});

describe("sequester services", () => {
  test("are made once, and end once", () => {
    stage.add(alice, 1, service());
    const other = SequesterServiceId.generate();
    expect(stage.rule(null, 2, service())).toBe("CONTENT_ALREADY_EXISTS");
    expect(stage.rule(null, 2, service(other))).toBeUndefined();
    expect(stage.rule(null, 2, serviceRevocation())).toBeUndefined();
    stage.add(alice, 2, serviceRevocation());
    expect(stage.rule(null, 3, serviceRevocation())).toBe("RELATED_SEQUESTER_SERVICE_ALREADY_REVOKED");
    expect(stage.rule(null, 3, serviceRevocation(other))).toBeUndefined();
  });
});

test("a root signature after the bootstrap, and a user who is there already", () => {
  const { author: _a, timestamp: _t, ...fields } = stage.organization.newUser("dora", "ADMIN").user;
  expect(stage.rule(null, 1, fields)).toBe("ROOT_SIGNATURE_OUT_OF_BOOTSTRAP");
  expect(stage.rule(alice, 1, { ...fields, userId: bob.userId } as Fields)).toBe("CONTENT_ALREADY_EXISTS");
});

describe("what was true at an instant, that instant included", () => {
  test("profile, revocation, role, members", () => {
    stage.add(alice, 10, update(bob, "ADMIN"));
    stage.add(alice, 20, revocation(bob));
    stage.add(alice, 1, role(stage.realmId, alice, "OWNER"));
    stage.add(alice, 10, role(stage.realmId, bob, "READER"));
    stage.add(alice, 20, role(stage.realmId, bob, null));
    const at = (micros: number) => ({
      profile: profileAt(stage.index, bob.userId, stage.at(micros)),
      isRevoked: isRevokedAt(stage.index, bob.userId, stage.at(micros)),
      role: roleAt(stage.index, stage.realmId, bob.userId, stage.at(micros)),
      isMember: membersAt(stage.index, stage.realmId, stage.at(micros)).has(bob.userId),
    });
    expect(at(9)).toEqual({ profile: "STANDARD", isRevoked: false, role: undefined, isMember: false });
    expect(at(10)).toEqual({ profile: "ADMIN", isRevoked: false, role: "READER", isMember: true });
    expect(at(19)).toEqual({ profile: "ADMIN", isRevoked: false, role: "READER", isMember: true });
    expect(at(20)).toEqual({ profile: "ADMIN", isRevoked: true, role: null, isMember: false });
    expect(profileAt(stage.index, UserId.generate(), stage.at(20))).toBeUndefined();
  });

  test("the recovery setup, and its deletion", () => {
    stage.add(bob, 10, brief(bob, [[alice, 1]]));
    stage.add(bob, 20, deletion(bob, stage.at(10), [alice]));
    const at = (micros: number) => {
      const setup = shamirSetupAt(stage.index, bob.userId, stage.at(micros));
      return setup && { isDeleted: setup.deletion !== undefined };
    };
    expect([at(9), at(10), at(19), at(20)]).toEqual([
      undefined,
      { isDeleted: false },
      { isDeleted: false },
      { isDeleted: true },
    ]);
    expect(shamirSetupAt(stage.index, alice.userId, stage.at(20))).toBeUndefined();
    expect(lastAt(stage.index.shamirBriefs(), stage.at(9))).toBeUndefined();
  });
});

test("what is needed is reached topic by topic, the same date included", () => {
  const [early, late] = [stage.at(1), stage.at(2)];
  const realm = (at: typeof early) => new Map([[stage.realmId, at]]);
  for (const topic of ["common", "sequester", "shamirRecovery"] as const) {
    expect(isUpToDate({ [topic]: late }, { [topic]: late })).toBe(true);
    expect(isUpToDate({ [topic]: early }, { [topic]: late })).toBe(false);
    expect(isUpToDate({}, { [topic]: early })).toBe(false);
    expect(isUpToDate({}, { [topic]: undefined })).toBe(true);
  }
  expect(isUpToDate({ realm: realm(late) }, { realm: realm(late) })).toBe(true);
  expect(isUpToDate({ realm: realm(early) }, { realm: realm(late) })).toBe(false);
  expect(isUpToDate({}, { realm: realm(early) })).toBe(false);
  expect(isUpToDate({ common: late }, {})).toBe(true);
});
