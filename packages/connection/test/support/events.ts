import type { ServerResponse } from "node:http";
import { type ApiEvent, eventFrame, eventStreamContentType } from "@parsec/protocol";

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
