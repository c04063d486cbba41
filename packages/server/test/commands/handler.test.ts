import { ready } from "@parsec/crypto";
import { anonymousServerPing } from "@parsec/protocol";
import { EmailAddress, HumanHandle } from "@parsec/types";
import { beforeAll, expect, test } from "vitest";
import { anonymousServer, Persisted } from "../../src/commands/handler.ts";
import type { Scope } from "../../src/commands/scope.ts";
import type { ServerContext } from "../../src/context.ts";
import { StrictStore } from "../../src/store/memory/strict-store.ts";

beforeAll(() => ready());

const email = EmailAddress.parse("somebody@example.com");

/** Whether what a command has written is kept, when it ends like that. */
async function isKept(end: (scope: Scope) => unknown): Promise<boolean> {
  const store = new StrictStore();
  const handler = anonymousServer(anonymousServerPing).inTransaction(async (scope) => {
    await scope.tx.accounts.put({ humanHandle: HumanHandle.parse(email, "Somebody"), deletedOn: null });
    // Replies that this command does not have: what counts is what the transaction does with them.
    return end(scope) as { readonly status: "ok"; readonly pong: string };
  });
  const context = { store, now: () => 0 } as unknown as ServerContext;
  const client = { apiVersion: { major: 5, revision: 6 }, userAgent: "", ip: "" };
  await handler.run(context, client, null, { cmd: "ping", ping: "x" }).catch(() => undefined);
  return (
    (await store.transaction(async (tx) => ({ end: "commit", value: await tx.accounts.find(email) }))) !== undefined
  );
}

test("a transaction commits on ok and not_ready, rolls back on every other reply and on errors", async () => {
  expect(await isKept(() => ({ status: "ok" }))).toBe(true);
  expect(await isKept(() => ({ status: "not_ready" }))).toBe(true);
  expect(await isKept(() => ({ status: "invalid_validation_code" }))).toBe(false);
  expect(
    await isKept(() => {
      throw new Error("on purpose");
    }),
  ).toBe(false);
});

test("what a step of a command gives to the next commits, and so does what must be kept of a failure", async () => {
  for (const between of [{ email }, "text", null, undefined, 5]) expect(await isKept(() => between)).toBe(true);
  expect(await isKept(() => new Persisted({ status: "invalid_validation_code" }))).toBe(true);
});
