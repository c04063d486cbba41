import { decode } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../src/index.ts";
import { bytesOf, commandOf, type Exchange, exchanges, nameOf, recorded } from "./support/recorded.ts";
import { signedAnew } from "./support/replays-anew.ts";
import { asRecorded, type Prepare } from "./support/replays-recorded.ts";
import { Stage } from "./support/stage.ts";
import { startTestServer } from "./support/start.ts";

/** What the server draws at random in a reply, by command. Everything else is equal. */
const randomFields: Readonly<Record<string, readonly string[]>> = {
  invite_new_user: ["token"],
  invite_new_device: ["token"],
  invite_new_shamir_recovery: ["token"],
  invite_greeter_start_greeting_attempt: ["greetingAttempt"],
  invite_claimer_start_greeting_attempt: ["greetingAttempt"],
};

/** The secret of a link, random too. */
const secretOfLink = /(?<=[?&]p=)[A-Za-z0-9_-]+/g;

let server: RunningServer;
let stage: Stage;
beforeAll(async () => {
  server = await startTestServer({ testbed: true, administrationToken: "s3cr3t" });
  stage = new Stage(server.url);
});
afterAll(() => server.close());

async function replay(name: string, prepare: Prepare): Promise<void> {
  const exchange = recorded(name);
  await stage.control("POST", "/reset");
  await stage.control("PUT", "/config", { email_rate_limit_cooldown_delay: 0 });
  const { status, body } = await stage.send(exchange, await prepare(stage, exchange));
  expect(status, new TextDecoder().decode(body)).toBe(exchange.response.status);
  compare(exchange, body, bytesOf(exchange.response.body));
}

function compare(exchange: Exchange, body: Uint8Array, recordedBody: Uint8Array): void {
  const command = commandOf(exchange);
  if (exchange.response.status !== 200 || command === undefined) {
    expect(textOf(body)).toEqual(textOf(recordedBody));
    return;
  }
  const random = randomFields[exchange.command] ?? [];
  const fieldsOf = (bytes: Uint8Array) =>
    Object.entries(decode(command.reply, bytes) ?? {}).map(([field, value]) =>
      random.includes(field) ? [field, typeof value] : [field, value],
    );
  expect(fieldsOf(body)).toEqual(fieldsOf(recordedBody));
  if (random.length === 0) expect(Buffer.compare(body, recordedBody), "the same bytes").toBe(0);
}

/** JSON where it is JSON, else the text (CSV). */
function textOf(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes).replaceAll(secretOfLink, "secret");
  return text.startsWith("{") ? JSON.parse(text) : text;
}

test("each of the 98 exchanges is replayed: 64 as they were sent, 34 signed anew", () => {
  const names = [asRecorded, signedAnew].map((table) => Object.keys(table));
  expect(names.flat().sort()).toEqual(exchanges.map(nameOf).sort());
  expect(names.map(({ length }) => length)).toEqual([64, 34]);
});

describe("sent as recorded", () => {
  test.each(Object.entries(asRecorded))("%s", replay);
});

describe("signed anew by test keys, otherwise as recorded", () => {
  test.each(Object.entries(signedAnew))("%s", replay);
});
