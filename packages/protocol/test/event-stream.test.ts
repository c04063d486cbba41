import { fromBase64 } from "@parsec/base";
import { decode } from "@parsec/types";
import { describe, expect, it } from "vitest";
import {
  eventFrame,
  eventsListen,
  interpretEvent,
  keepaliveFrame,
  lastEventIdHeader,
  missedEventsFrame,
} from "../src/index.ts";
import { readVectors } from "./support/vectors.ts";

interface Streams {
  readonly event_streams: readonly { readonly response: { readonly body_text: string } }[];
}

const streams = readVectors<Streams>("exchanges.json").event_streams.map(({ response }) => response.body_text);
const frames = streams.flatMap((text) => text.split(/(?<=\n\n)/)).filter((frame) => frame !== "");

describe("frames of the event stream", () => {
  it.each(frames)("are written byte for byte as the reference server does: %s", (frame) => {
    if (!frame.startsWith("data:")) {
      expect([keepaliveFrame, missedEventsFrame]).toContain(frame);
      return;
    }
    const [, data = "", id] = /^data:(.*)\n(?:id:(.*)\n)?\n$/.exec(frame) ?? [];
    const reply = decode(eventsListen.reply, fromBase64(data) ?? expect.unreachable());
    expect(eventFrame(reply, { id })).toBe(frame);
    expect(interpretEvent({ data })).toEqual({ kind: "reply", reply });
  });
});

describe("the meaning of an event", () => {
  it.each([
    [{ data: "" }, { kind: "empty" }],
    [{ event: "message", data: "" }, { kind: "empty" }],
    [{ event: "keepalive", data: "x" }, { kind: "empty" }],
    [{ event: "missed_events", data: "" }, { kind: "missed_events" }],
    [{ event: "other", data: "" }, { kind: "unknown" }],
    [{ data: "not base64" }, { kind: "bad" }],
    [{ data: "YmFkX2Rlc2VyaWFsaXphdGlvbg==" }, { kind: "unknown" }],
    [{ data: btoa("\x82\xa6status\xa2ok\xa5event\xa3NEW") }, { kind: "unknown" }],
    [{ data: btoa("\x81\xa6status\xa3new") }, { kind: "reply", reply: { unknownStatus: "new" } }],
  ])("%j is %j", (event, expected) => {
    expect(interpretEvent(event)).toMatchObject(expected);
  });
});

describe("Last-Event-ID", () => {
  it("is empty when the id cannot be put in a header", () => {
    expect(lastEventIdHeader("4fe5b6ddf29f4c159e6002da2132d80f")).toBe("4fe5b6ddf29f4c159e6002da2132d80f");
    expect(lastEventIdHeader("你好")).toBe("");
    expect(lastEventIdHeader("a\nb")).toBe("");
  });
});
