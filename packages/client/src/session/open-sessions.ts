import { callListener, orAbort } from "@parsec/base";
import type { DeviceId, LocalDevice } from "@parsec/types";
import type { ParsecPorts } from "../ports.ts";
import type { ClientEvent } from "./events.ts";
import type { OpenSessionOptions } from "./open-context.ts";
import { Session } from "./session.ts";

type EventOf<T extends ClientEvent["type"]> = Extract<ClientEvent, { readonly type: T }>;

/** Listening to all sessions, those that are still to come included: nothing of a login is missed. */
export interface ParsecEvents {
  /** Calls `listener` for each event of that type, synchronously, until the returned function is called. */
  on<T extends ClientEvent["type"]>(type: T, listener: (event: EventOf<T>, session: Session) => void): () => void;
  /** Calls `listener` for each event. */
  onAny(listener: (event: ClientEvent, session: Session) => void): () => void;
}

/** The sessions of one `Parsec`: one for each device, however often it logs in. */
export class OpenSessions implements ParsecEvents {
  readonly #ports: ParsecPorts;
  readonly #opening = new Map<DeviceId, Promise<Session>>();
  readonly #open = new Set<Session>();
  readonly #listeners = new Set<(event: ClientEvent, session: Session) => void>();

  constructor(ports: ParsecPorts) {
    this.#ports = ports;
  }

  /** In the order of their login. */
  list(): readonly Session[] {
    return [...this.#open].filter(({ isOpen }) => isOpen);
  }

  /**
   * The session of a device: the one that is open or being opened, or else a new one. One that is being closed is
   * waited for.
   * @throws StorageError
   */
  async open(device: LocalDevice, options: OpenSessionOptions = {}): Promise<Session> {
    const { deviceId } = device;
    for (;;) {
      const known = this.#opening.get(deviceId);
      if (known === undefined) return this.#start(device, options);
      // What made another login fail, its abort say, is not this one's.
      const session = await orAbort(
        known.catch(() => undefined),
        options.signal,
      );
      if (session?.isOpen === true) return session;
      if (session !== undefined)
        await orAbort(
          session.close().catch(() => undefined),
          options.signal,
        );
      if (this.#opening.get(deviceId) === known) this.#opening.delete(deviceId);
    }
  }

  /** Closes all, those that are being opened included; rejects with the first failure, after all others are closed. */
  async closeAll(): Promise<void> {
    const opening = [...this.#opening.values()].map((known) => known.catch(() => undefined));
    const sessions = new Set([...this.#open, ...(await Promise.all(opening))]);
    const ends = await Promise.allSettled([...sessions].flatMap((session) => session?.close() ?? []));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  on<T extends ClientEvent["type"]>(type: T, listener: (event: EventOf<T>, session: Session) => void): () => void {
    return this.onAny((event, session) => {
      if (isOfType(event, type)) listener(event, session);
    });
  }

  onAny(listener: (event: ClientEvent, session: Session) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #start(device: LocalDevice, options: OpenSessionOptions): Promise<Session> {
    const { deviceId } = device;
    const opening = Session.open(this.#ports, device, options, (session) => this.#adopt(session));
    this.#opening.set(deviceId, opening);
    opening.catch(() => {
      if (this.#opening.get(deviceId) === opening) this.#opening.delete(deviceId);
    });
    return opening;
  }

  #adopt(session: Session): void {
    this.#open.add(session);
    session.events.onAny((event) => {
      if (event.type === "session_closed") this.#forget(session);
      for (const listener of [...this.#listeners]) callListener(() => listener(event, session));
    });
  }

  #forget(session: Session): void {
    this.#open.delete(session);
    this.#opening.delete(session.deviceId);
  }
}

function isOfType<T extends ClientEvent["type"]>(event: ClientEvent, type: T): event is EventOf<T> {
  return event.type === type;
}
