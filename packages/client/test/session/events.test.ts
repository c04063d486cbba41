import { VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { EventHub } from "../../src/session/events.ts";

test("listeners get what they listen to, in order, until they stop", () => {
  const hub = new EventHub();
  const seen: string[] = [];
  const stop = hub.on("new_certificates", ({ count }) => seen.push(`certificates ${count}`));
  hub.onAny(({ type }) => seen.push(type));
  hub.send({ type: "new_certificates", count: 2 });
  hub.send({ type: "workspaces_changed" });
  stop();
  hub.send({ type: "new_certificates", count: 3 });
  expect(seen).toEqual(["certificates 2", "new_certificates", "workspaces_changed", "new_certificates"]);
});

test("the iterator loses nothing, and ends with the session", async () => {
  const hub = new EventHub();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { type } of hub) seen.push(type);
  })();
  hub.send({ type: "missed_server_events" });
  hub.send({ type: "workspace_created_locally", realmId: VlobId.generate() });
  await Promise.resolve();
  hub.send({ type: "workspaces_changed" });
  hub.end();
  await reading;
  expect(seen).toEqual(["missed_server_events", "workspace_created_locally", "workspaces_changed"]);
});
