import type { ServerResponse } from "node:http";
import { type ApiEvent, eventFrame, eventStreamContentType } from "@parsec/protocol";
import type { AuthenticatedConnection, ConnectionState } from "../../src/index.ts";
import { Recorder } from "./recorder.ts";

type Config = Extract<ApiEvent, { event: "ORGANIZATION_CONFIG" }>;

/** The first frame of every connection. */
export function configFrame(changes: Partial<Config> = {}): string {
  const config: Config = {
    event: "ORGANIZATION_CONFIG",
    activeUsersLimit: null,
    userProfileOutsiderAllowed: true,
    sseKeepaliveSeconds: 30,
    ...changes,
  };
  return eventFrame({ status: "ok", ...config });
}

/** The frame of a `PINGED` event with an id. */
export function pingFrame(text: string, id: string): string {
  return eventFrame({ status: "ok", event: "PINGED", ping: text }, { id });
}

export function startStream(response: ServerResponse): ServerResponse {
  response.writeHead(200, { "Content-Type": eventStreamContentType, "Cache-Control": "no-cache" });
  response.flushHeaders();
  return response;
}

/** Everything that a connection tells, in order: texts of pings, kinds of other events, and states. */
export function listen(connection: AuthenticatedConnection) {
  const told = new Recorder<string>();
  const states = new Recorder<ConnectionState>();
  connection.onStateChange(states.push);
  connection.startEvents({
    onEvent: (event) => told.push(event.event === "PINGED" ? event.ping : event.event),
    onMissedEvents: () => told.push("missed"),
  });
  return { told, states };
}
