import { ready } from "@parsec/crypto";
import { DeviceId, SequesterServiceId, UserId } from "@parsec/types";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { brief, deletion, revocation, Stage, service, serviceRevocation, share } from "../support/certificates.ts";
import type { TestUser } from "../support/organization.ts";

// Recovery setups and sequester services (spec 09a §4.8–§4.11).

let stage: Stage;
let alice: TestUser;
let bob: TestUser;
let carl: TestUser;

beforeAll(() => ready());
beforeEach(() => {
  stage = new Stage();
  ({ alice, bob, carl } = stage);
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
    // Of a new setup, to the same recipient.
    stage.add(bob, 2, deletion(bob, stage.at(1), [alice, carl]));
    stage.add(bob, 2, brief(bob, [[alice, 1]]));
    expect(stage.rule(bob, 2, share(bob, alice))).toBeUndefined();
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
