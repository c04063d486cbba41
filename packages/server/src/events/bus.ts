import { randomBytes, toHex } from "@parsec/base";
import type { DispatchedEvent, ServerEvent } from "./event.ts";

type Listener = (event: DispatchedEvent) => void;

/** Hands each committed event, with a fresh id, to everybody who listens in this process. */
export class EventBus {
  readonly #listeners = new Set<Listener>();

  publish(event: ServerEvent): void {
    const dispatched: DispatchedEvent = { eventId: toHex(randomBytes(16)), event };
    for (const listener of [...this.#listeners]) listener(dispatched);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
  }
}
