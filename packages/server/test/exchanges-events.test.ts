import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { eventsListen } from "@parsec/protocol";
import { decode } from "@parsec/types";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningServer } from "../src/index.ts";
import { bytesOf, type Exchange } from "./support/recorded.ts";
import { organizationOf, Stage } from "./support/stage.ts";
import { startTestServer } from "./support/start.ts";
import { type EventStream, eventStreams, framesOf, listenerOf, operationsOf } from "./support/streams.ts";

let server: RunningServer;
let stage: Stage;
beforeAll(async () => {
  server = await startTestServer({ testbed: true });
  stage = new Stage(server.url);
});
afterAll(() => server.close());

/** The stream's request, as an exchange whose clock is that of its bearer token. */
function exchangeOf({ request: { path, headers } }: EventStream): Exchange {
  const sent = { method: "GET", path, headers, body: "" };
  return {
    family: "authenticated",
    command: "events_listen",
    outcome: "http_200",
    request: sent,
    response: { status: 0, body: "" },
  };
}

/** Reads the stream until it has that many frames. */
async function read(response: IncomingMessage, frames: number): Promise<string> {
  let text = "";
  for await (const part of response) {
    text += String(part);
    if (framesOf(text).length >= frames && text.endsWith("\n\n")) return text;
  }
  return text;
}

/** The first event. `allowedClientAgent` came after the version that was recorded. */
function configuration(data: string): object {
  const { allowedClientAgent: _later, ...fields } = {
    ...(decode(eventsListen.reply, bytesOf(data)) as { readonly allowedClientAgent?: unknown }),
  };
  return fields;
}

test("the six recorded streams are here", () => {
  expect(eventStreams).toHaveLength(6);
});

test.each(eventStreams.map((stream) => [`${stream.request.path} of ${listenerOf(stream)}`, stream] as const))(
  "%s",
  async (_name, stream) => {
    const exchange = exchangeOf(stream);
    await stage.control("POST", "/reset");
    const dump = await stage.loadTemplate(exchange, "coolorg");
    await stage.setClock(Number(stream.request.headers["authorization"]?.split(".")[2]) * 1e6);
    // Accept is left out of the recording.
    const headers = { ...stream.request.headers, accept: "text/event-stream" };
    const listening = request(server.url + stream.request.path, { headers });
    listening.end();
    const [response] = (await once(listening, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    await stage.control("POST", `/organizations/${organizationOf(exchange)}/operations`, {
      operations: operationsOf(stream, dump),
    });
    const recordedFrames = framesOf(stream.response.body_text);
    const text = await read(response, recordedFrames.length);
    listening.destroy();
    const [ours = "", ...others] = framesOf(text);
    const [theirs = "", ...recordedOthers] = recordedFrames;
    expect(others, "the same bytes, ids aside").toEqual(recordedOthers);
    expect(configuration(ours)).toEqual(configuration(theirs));
    const idsOf = (frames: string) => [...frames.matchAll(/^id:/gm)].length;
    expect(idsOf(text)).toBe(recordedFrames.length - 1);
  },
);
