import type { DispatchedEvent } from "./event.ts";

type Listener = (event: DispatchedEvent) => void;

interface Subscription {
  readonly listener: Listener;
  readonly onGap: () => void;
}

/** Hands each committed event to everybody who listens in this process. */
export class EventBus {
  readonly #subscriptions = new Set<Subscription>();

  publish(event: DispatchedEvent): void {
    for (const { listener } of [...this.#subscriptions]) listener(event);
  }

  /** Events were lost: whoever goes by them must begin anew. */
  gap(): void {
    for (const { onGap } of [...this.#subscriptions]) onGap();
  }

  subscribe(listener: Listener, onGap: () => void = () => undefined): () => void {
    const subscription = { listener, onGap };
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }

  close(): void {
    this.#subscriptions.clear();
  }
}
