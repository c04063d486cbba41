import { toBase64, utf8 } from "@parsec/base";
import { scwsServiceMutualChallenges } from "@parsec/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ testbed: true });
});
afterAll(() => server.close());

async function call(method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/testbed${path}`, init);
  const { error } = (await response.json()) as { readonly error?: string };
  return { status: response.status, error };
}

test("the server knows the service from the first cards until the reset", async () => {
  const target = await Target.connect(server.url, server.administrationToken);
  const ask = () =>
    target.send(scwsServiceMutualChallenges, {
      scwsServiceChallengePayload: utf8("challenge"),
      scwsServiceChallengeSignature: utf8("no signature"),
      scwsServiceChallengeKeyId: 1,
      webApplicationChallengePayload: utf8("challenge"),
    });
  expect(await ask()).toEqual({ status: "not_available" });
  expect((await call("PUT", "/mock/scws", { certificates: [] })).status).toBe(200);
  expect(await ask()).toEqual({ status: "invalid_scws_service_challenge_signature" });
  await call("POST", "/reset");
  expect(await ask()).toEqual({ status: "not_available" });
});

const challenge = toBase64(utf8("challenge"));
const known = "the testbed's web application";

test.each([
  ["PUT", "", { certificates: [{}] }, "bad_request"],
  ["PUT", "", { certificates: [7] }, "bad_request"],
  ["PUT", "", { certificates: [], service: "HONEST" }, "bad_request"],
  ["PUT", "", { certificates: [], trust_anchors: ["?"] }, "bad_request"],
  [
    "POST",
    "/find_service",
    { web_application_certificate: known, challenge: toBase64(new Uint8Array(300)) },
    "bad_request",
  ],
  ["POST", "/find_service", { web_application_certificate: "other", challenge }, "unknown_web_application"],
  ["POST", "/environments", { web_application_signature: challenge }, "not_signed"],
  ["GET", "/environments/7", undefined, "unknown_environment"],
  ["POST", "/environments/7/sign", { id: challenge, payload: challenge }, "unknown_environment"],
  ["POST", "/environments/7/decrypt", { id: challenge, ciphertext: challenge }, "unknown_environment"],
])("%s %s with %j is refused", async (method, path, body, error) => {
  await call("PUT", "/mock/scws", { certificates: [] });
  expect(await call(method, `/mock/scws${path}`, body)).toEqual({ status: 400, error });
});

test.each([
  ["/find_service", { web_application_certificate: known, challenge }],
  ["/environments", { web_application_signature: challenge }],
])("without cards there is no service at %s", async (path, body) => {
  await call("POST", "/reset");
  expect(await call("POST", `/mock/scws${path}`, body)).toEqual({ status: 400, error: "no_service" });
});
