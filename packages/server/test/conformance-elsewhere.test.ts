import { ready } from "@parsec/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runScenario, scenarios, Target } from "../conformance/index.ts";
import type { RunningServer } from "../src/index.ts";
import { startTestServer } from "./support/start.ts";

// The suite against any server: PARSEC_CONFORMANCE_URL and PARSEC_CONFORMANCE_TOKEN name one. Without them, against ours
// as an outsider finds it: no control routes, everything by default.
const { PARSEC_CONFORMANCE_URL: url, PARSEC_CONFORMANCE_TOKEN: token } = process.env;

let server: RunningServer | undefined;
let target: Target;
beforeAll(async () => {
  await ready();
  if (url === undefined) server = await startTestServer({ dev: true });
  target = await Target.connect(url ?? server?.url ?? "", token ?? server?.administrationToken ?? "");
});
afterAll(async () => await server?.close());

test.each(scenarios)("$name", (scenario) => runScenario(scenario, target), 60_000);

test("most of the suite needs no control routes", () => {
  expect(scenarios.filter(({ needsControls }) => !needsControls).length).toBeGreaterThan(scenarios.length / 2);
});
