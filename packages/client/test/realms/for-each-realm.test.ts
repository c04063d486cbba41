import { OfflineError } from "@parsec/connection";
import { VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { ClientError } from "../../src/errors.ts";
import { forEachRealm } from "../../src/realms/for-each-realm.ts";

const realms = [VlobId.generate(), VlobId.generate(), VlobId.generate()];

/** Runs a task that fails for the first two. */
async function failing(errors: readonly Error[]): Promise<{ readonly done: VlobId[]; readonly failure: unknown }> {
  const done: VlobId[] = [];
  const failure = await forEachRealm(realms, async (realmId) => {
    done.push(realmId);
    const error = errors[done.length - 1];
    if (error !== undefined) throw error;
  }).catch((error: unknown) => error);
  return { done, failure };
}

test("what fails for one realm keeps no other, and the first failure is thrown in the end", async () => {
  const errors = [new ClientError("NO_REALM_KEY"), new TypeError("a bug")];
  expect(await failing(errors)).toEqual({ done: realms, failure: errors[0] });
});

test("what concerns everything ends it", async () => {
  const errors = [new ClientError("NO_REALM_KEY"), new OfflineError("away")];
  expect(await failing(errors)).toEqual({ done: realms.slice(0, 2), failure: errors[1] });
});

test("without a failure nothing is thrown", async () => {
  expect(await failing([])).toEqual({ done: realms, failure: undefined });
});
