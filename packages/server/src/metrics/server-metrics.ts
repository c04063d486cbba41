import type { EventHub } from "../events/hub.ts";
import type { RequestSummary } from "../http/request-summary.ts";
import { type Counter, Exposition, type Histogram } from "./exposition.ts";

/** Seconds: from what memory answers to what a full block on a slow line takes. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What a server tells of itself: requests, streams, the process. Names of commands and statuses, never of people. */
export class ServerMetrics {
  readonly #exposition = new Exposition();
  readonly #requests: Counter;
  readonly #durations: Histogram;

  constructor(hub: Pick<EventHub, "connectionCount">) {
    const exposition = this.#exposition;
    this.#requests = exposition.counter(
      "parsec_requests_total",
      "Requests that have ended, by what they asked and what came of it.",
      ["method", "family", "command", "status", "reply"],
    );
    this.#durations = exposition.histogram(
      "parsec_request_duration_seconds",
      "From the headers of a request to the last byte of its response, event streams aside.",
      ["family", "command"],
      durations,
    );
    exposition.reading(
      "gauge",
      "parsec_event_streams",
      "Clients that are told of events now.",
      () => hub.connectionCount,
    );
    exposition.reading("counter", "process_cpu_seconds_total", "Processor time of the process.", () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    exposition.reading("gauge", "process_resident_memory_bytes", "Memory of the process.", () =>
      process.memoryUsage.rss(),
    );
    exposition.reading(
      "gauge",
      "nodejs_heap_used_bytes",
      "Memory of its JavaScript objects.",
      () => process.memoryUsage().heapUsed,
    );
    const started = Date.now() / 1000 - process.uptime();
    exposition.reading("gauge", "process_start_time_seconds", "When it was started, since the epoch.", () => started);
  }

  count({ method, family, command, status, reply, duration }: RequestSummary): void {
    const named = command ?? "";
    this.#requests.add([method, family, named, status === null ? "" : String(status), reply ?? ""]);
    // A stream lasts as long as its client listens, which tells nothing about the server.
    if (family !== "events") this.#durations.observe([family, named], duration / 1000);
  }

  text(): string {
    return this.#exposition.text();
  }
}
