import { type Clock, IncreasingClock, systemClock, toHex } from "@parsec/base";
import { AuthenticatedConnection, InvitedConnection, type Transport, type TransportResponse } from "@parsec/connection";
import type { InvitationAddress, LocalDevice } from "@parsec/types";
import type { ClaimContext } from "../../../src/invitations/greeting/claimer.ts";
import type { GreetContext } from "../../../src/invitations/greeting/greeter.ts";
import { EventHub } from "../../../src/session/events.ts";

/** One request that must come next, `replies.length` times with the same bytes. */
export interface Scene {
  readonly name: string;
  /** The exact bytes; left out where they cannot be known, since a fresh key or nonce is in them. */
  readonly request?: Uint8Array | undefined;
  readonly replies: readonly Uint8Array[];
}

/** A server that knows one conversation by heart, and notices every deviation from it. */
export class Replay implements Transport {
  /** The bodies sent, one a scene. */
  readonly sent = new Map<string, Uint8Array>();
  readonly #scenes: Scene[];
  #played = 0;

  constructor(scenes: readonly Scene[]) {
    this.#scenes = [...scenes];
  }

  /** The name of the scene that would come next. */
  get next(): string | undefined {
    return this.#scenes[0]?.name;
  }

  request({ body = new Uint8Array() }: { readonly body?: Uint8Array | undefined }): Promise<TransportResponse> {
    const [scene] = this.#scenes;
    const reply = scene?.replies[this.#played];
    if (scene === undefined || reply === undefined) throw new Error("a request after the end of the conversation");
    const expected = scene.request ?? (this.#played > 0 ? this.sent.get(scene.name) : undefined) ?? body;
    if (toHex(body) !== toHex(expected)) throw new Error(`another request than the one of ${scene.name}`);
    this.sent.set(scene.name, body);
    this.#played += 1;
    if (this.#played === scene.replies.length) {
      this.#scenes.shift();
      this.#played = 0;
    }
    return Promise.resolve(response(reply));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function response(body: Uint8Array): TransportResponse {
  return {
    status: 200,
    header: () => undefined,
    body: (async function* () {
      yield body;
    })(),
    discard: () => undefined,
  };
}

/** A clock whose timers are due at once. It keeps how long each would have taken. */
export class EagerClock implements Clock {
  readonly waits: number[] = [];

  now(): number {
    return 1_700_000_000_000_000;
  }

  timer(delayMs: number, run: () => void): { cancel(): void } {
    this.waits.push(delayMs);
    let isCancelled = false;
    queueMicrotask(() => {
      if (!isCancelled) run();
    });
    return {
      cancel: () => {
        isCancelled = true;
      },
    };
  }
}

/** A greeter without session. The connection has a clock of its own: its patience is not under test. */
export function greeterContext(device: LocalDevice, transport: Transport, clock: Clock): GreetContext {
  const { serverUrl, organizationId, rootVerifyKey, deviceId, signingKey } = device;
  const address = { ...serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  return {
    device,
    connection: new AuthenticatedConnection({ transport, clock: systemClock, address, deviceId, signingKey }),
    clock,
    signingClock: new IncreasingClock(clock),
    events: new EventHub(),
  };
}

export function claimerContext(address: InvitationAddress, transport: Transport, clock: Clock): ClaimContext {
  return { connection: new InvitedConnection({ transport, clock: systemClock, address }), clock };
}
