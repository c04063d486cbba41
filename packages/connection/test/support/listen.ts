import type { AuthenticatedConnection, ConnectionState } from "../../src/index.ts";
import { Recorder } from "./recorder.ts";

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
