import { ready } from "@parsec/crypto";
import { commands } from "@parsec/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scenarios, Target } from "../conformance/index.ts";
import { type RunningServer, startServer } from "../src/index.ts";
import { StrictStore } from "../src/store/memory/strict-store.ts";

let server: RunningServer;
let target: Target;

beforeAll(async () => {
  await ready();
  const config = { cryptpadServerUrl: "https://cryptpad.example" };
  server = await startServer({ testbed: true, store: new StrictStore(), config });
  target = await Target.connect(server.url, server.administrationToken);
});
afterAll(() => server.close());

test.each(scenarios)("$name", async (scenario) => await scenario.run(target), 60_000);

/** Statuses that no server of this version gives, with the reason. */
const unproducible: Readonly<Record<string, string>> = {
  "authenticated/async_enrollment_accept/invalid_accept_payload_signature": "payload signatures are not verified by the server (spec 08b §5.10)",
  "anonymous/async_enrollment_submit/invalid_submit_payload_signature": "payload signatures are not verified by the server (spec 08b §1.2)",
};

test("every reply status of the schema is produced", () => {
  const all = Object.values(commands)
    .flatMap((family) => Object.values(family))
    .flatMap((command) => [...command.reply.statuses].map((status) => ({ command, status })));
  const missing = all
    .filter(({ command, status }) => !target.coverage.has(command, status))
    .map(({ command, status }) => `${command.family}/${command.name}/${status}`);
  console.log(`reply statuses produced: ${all.length - missing.length} of ${all.length}`);
  for (const name of missing) console.log(`not produced: ${name} (${unproducible[name] ?? "no reason"})`);
  expect(missing.filter((name) => unproducible[name] === undefined)).toEqual([]);
});
