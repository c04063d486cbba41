import { ready } from "@parsec/crypto";
import { UserId } from "@parsec/types";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isRevokedAt, lastAt, membersAt, profileAt, roleAt, shamirSetupAt } from "../../src/certificates/at.ts";
import { isUpToDate } from "../../src/certificates/topic.ts";
import { brief, deletion, revocation, role, Stage, update } from "../support/certificates.ts";
import type { TestUser } from "../support/organization.ts";

// What was true at an instant (spec 09a §2).

let stage: Stage;
let alice: TestUser;
let bob: TestUser;

beforeAll(() => ready());
beforeEach(() => {
  stage = new Stage();
  ({ alice, bob } = stage);
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
