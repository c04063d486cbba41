import { inspect } from "node:util";
import { expect, test } from "vitest";
import { startServer } from "../src/index.ts";

test("who logs a server, or makes JSON of it, does not show its token", async () => {
  const administrationToken = "not-to-be-shown";
  await using server = await startServer({ administrationToken });
  expect(server.administrationToken).toBe(administrationToken);
  const shown = [inspect(server, { depth: 12, showHidden: true }), JSON.stringify(server), inspect({ ...server })];
  for (const text of shown) expect(text).not.toContain(administrationToken);
});
