import { ready } from "@parsec/crypto";
import { DeviceId, type RealmRole, SequesterServiceId, UserId } from "@parsec/types";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
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

// The rules of spec 09a §4 where they turn: to the microsecond.

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

test("a root signature after the bootstrap, and a user who is there already", () => {
  const { author: _a, timestamp: _t, ...fields } = stage.organization.newUser("dora", "ADMIN").user;
  expect(stage.rule(null, 1, fields)).toBe("ROOT_SIGNATURE_OUT_OF_BOOTSTRAP");
  expect(stage.rule(alice, 1, { ...fields, userId: bob.userId } as Fields)).toBe("CONTENT_ALREADY_EXISTS");
});
