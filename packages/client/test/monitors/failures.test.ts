import { BugError, ParsecError } from "@parsec/base";
import {
  BadReplyError,
  connectionRemedies,
  IncompatibleServerError,
  OfflineError,
  type RefusalReason,
  RefusedError,
} from "@parsec/connection";
import { StorageError } from "@parsec/storage";
import { describe, expect, test } from "vitest";
import { ClientError, type ClientErrorCode, MissingCertificatesError, UnexpectedReplyError } from "../../src/errors.ts";
import { failureOf, longestPauseMs, pauseMs } from "../../src/monitors/failures.ts";
import { isLater, Pause } from "../../src/monitors/pause.ts";
import { WorkspaceError } from "../../src/workspace/errors.ts";

const reasons = Object.keys(connectionRemedies).filter(isReason);

function isReason(code: string): code is RefusalReason {
  return !["OFFLINE", "INCOMPATIBLE_SERVER", "COMMAND_NOT_SUPPORTED", "BAD_REPLY"].includes(code);
}

describe("whom a failure concerns", () => {
  test.each(reasons)("a refusal concerns the session, unless it is about one request: %s", (reason) => {
    const aboutOne = ["BODY_TOO_LARGE", "INVITATION_ALREADY_USED_OR_DELETED"].includes(reason);
    const failure = failureOf(new RefusedError(reason as Exclude<RefusalReason, "BAD_REPLY">));
    expect(failure).toMatchObject({
      scope: aboutOne ? "entry" : "session",
      code: reason,
      isFinal: false,
      isBug: false,
    });
    expect(failure.isAnswer).toBe(true);
  });

  test("no answer is the session's, and says nothing of an entry", () => {
    expect(failureOf(new OfflineError("away"))).toMatchObject({ scope: "session", isAnswer: false });
    expect(failureOf(new OfflineError("503", { status: 503 }))).toMatchObject({ scope: "session", isAnswer: true });
    expect(failureOf(new BadReplyError("garbage"))).toMatchObject({ scope: "session", isAnswer: true });
    expect(failureOf(new IncompatibleServerError([]))).toMatchObject({ scope: "session", isAnswer: true });
  });

  const realm: readonly ClientErrorCode[] = [
    "AUTHOR_NOT_ALLOWED",
    "NO_REALM_KEY",
    "REALM_ACCESS_DENIED",
    "REALM_KEY_CORRUPTED",
    "REALM_KEY_NOT_FOUND",
    "REALM_NOT_FOUND",
  ];
  test.each(realm)("%s concerns the workspace, for a while", (code) => {
    expect(failureOf(new ClientError(code))).toMatchObject({ scope: "realm", isFinal: false, isAnswer: false });
  });

  test.each(["REALM_DELETED", "WORKSPACE_NOT_FOUND"] as const)(
    "%s concerns the workspace until there are news",
    (code) => {
      expect(failureOf(new ClientError(code))).toMatchObject({ scope: "realm", isFinal: true });
      expect(pauseMs(failureOf(new ClientError(code)), 1)).toBe(Number.POSITIVE_INFINITY);
    },
  );

  test.each(["BLOCKSTORE_UNAVAILABLE", "REALM_ARCHIVED", "READ_ONLY"] as const)("%s concerns the workspace", (code) => {
    expect(failureOf(new WorkspaceError(code, "no"))).toMatchObject({ scope: "realm", isFinal: false });
  });

  test.each(["CHUNK_NOT_FOUND", "ENTRY_BUSY", "ENTRY_CONTESTED", "FILE_TOO_LARGE"] as const)(
    "%s concerns the entry",
    (code) => {
      expect(failureOf(new WorkspaceError(code, "no"))).toMatchObject({ scope: "entry", isFinal: false, code });
    },
  );

  test.each(["STORAGE_FULL", "STORAGE_UNAVAILABLE", "STORAGE_CLOSED"] as const)("%s concerns everything", (code) => {
    expect(failureOf(new StorageError(code, "no"))).toMatchObject({ scope: "session" });
  });

  test("one damaged row concerns its entry", () => {
    expect(failureOf(new StorageError("STORAGE_CORRUPTED", "no"))).toMatchObject({ scope: "entry" });
  });

  test.each([
    ["INVALID_CERTIFICATE", "session"],
    ["TIMESTAMP_OUT_OF_BALLPARK", "session"],
    ["GREATER_TIMESTAMP_UNREACHABLE", "realm"],
    ["INVALID_KEYS_BUNDLE", "realm"],
    ["MISSING_KEY_ROTATIONS", "realm"],
    ["INVALID_REALM_NAME", "realm"],
    ["INVALID_MANIFEST", "entry"],
    ["INVALID_BLOCK", "entry"],
    ["SOMETHING_NEW", "entry"],
  ] as const)("%s concerns the %s", (code, scope) => {
    expect(failureOf(new ParsecError(code, "no")).scope).toBe(scope);
  });

  test("certificates that the server does not give concern everything", () => {
    expect(failureOf(new MissingCertificatesError()).scope).toBe("session");
  });

  test("a reply without meaning concerns the entry", () => {
    expect(failureOf(new UnexpectedReplyError("vlob_create", "whatever")).scope).toBe("entry");
  });

  test("a programming error is a bug, of the entry at hand", () => {
    const error = new TypeError("undefined is not a function");
    const failure = failureOf(error);
    expect(failure).toMatchObject({ scope: "entry", code: "BUG", isBug: true, isFinal: false, isAnswer: false });
    expect(failure.error).toBeInstanceOf(BugError);
    expect(failure.error.cause).toBe(error);
    expect(failureOf(new BugError("impossible"))).toMatchObject({ code: "BUG", isBug: true });
  });
});

describe("pauses", () => {
  const pauses = (error: ParsecError) =>
    [1, 2, 3, 5, 6, 8, 20].map((attempt) => pauseMs(failureOf(error), attempt) / 1000);

  test("grow, up to a minute where all is kept, up to ten where one entry is", () => {
    expect(pauses(new OfflineError("away"))).toEqual([3, 6, 12, 48, 60, 60, 60]);
    expect(pauses(new ClientError("REALM_ACCESS_DENIED"))).toEqual([3, 6, 12, 48, 60, 60, 60]);
    expect(pauses(new WorkspaceError("CHUNK_NOT_FOUND", "no"))).toEqual([3, 6, 12, 48, 96, 384, 600]);
    expect(pauses(new WorkspaceError("ENTRY_BUSY", "no"))).toEqual([1, 2, 4, 16, 32, 60, 60]);
    expect(pauses(new WorkspaceError("BLOCKSTORE_UNAVAILABLE", "no"))).toEqual([60, 60, 60, 60, 60, 60, 60]);
    expect(pauses(new MissingCertificatesError())).toEqual([3, 6, 12, 48, 96, 384, 600]);
    expect(longestPauseMs).toBe(600_000);
  });

  test("grow for the same failure, and begin anew for another one and after a success", () => {
    const [away, full] = [failureOf(new OfflineError("away")), failureOf(new StorageError("STORAGE_FULL", "no"))];
    const pause = new Pause();
    expect([pause.failure(0), pause.end()]).toEqual([undefined, false]);
    pause.begin(away, 0);
    pause.begin(away, 0);
    expect(pause.until).toBe(6000);
    expect(pause.failure(5999)).toBe(away);
    expect(pause.failure(6000)).toBeUndefined();
    pause.interrupt();
    expect(pause.failure(0)).toBeUndefined();
    pause.begin(away, 100);
    expect(pause.until).toBe(12_100);
    pause.begin(full, 100);
    expect([pause.until, pause.failure(100)]).toEqual([3100, full]);
    expect([pause.end(), pause.failure(100), pause.end()]).toEqual([true, undefined, false]);
    pause.begin(full, 0);
    expect(pause.until).toBe(3000);
  });

  test("end when the clock is set back; what waits for news does not", () => {
    const pause = new Pause();
    pause.begin(failureOf(new OfflineError("away")), 1e9);
    expect(pause.failure(0)).toBeUndefined();
    pause.begin(failureOf(new ClientError("REALM_DELETED")), 1e9);
    expect(pause.failure(0)).toMatchObject({ code: "REALM_DELETED" });
    expect([isLater(5, 5, 10), isLater(6, 5, 1), isLater(7, 5, 1), isLater(4, 5, 10)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(isLater(Number.POSITIVE_INFINITY, 5, 10)).toBe(true);
  });
});
