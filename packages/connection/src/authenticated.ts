import { requireFunction, requireMethods, requireObject, requireText } from "@parsec/base";
import type { SigningKey } from "@parsec/crypto";
import { type Command, createDeviceToken, type FieldsOf, type ReplyOf, tosAccept } from "@parsec/protocol";
import { authenticatedEndpoint, type DeviceId, type OrganizationAddress } from "@parsec/types";
import { EventLoop, type ServerEventListener } from "./event-loop.ts";
import { readEvents } from "./event-source.ts";
import { type ConnectionOptions, type ConnectionPorts, connectionPorts } from "./options.ts";
import { checkSend, type RpcTarget, type SendOptions, sendCommand } from "./rpc.ts";
import { type ConnectionState, StateHolder } from "./state.ts";
import { TokenCache } from "./token-cache.ts";

export interface AuthenticatedConnectionOptions extends ConnectionOptions {
  readonly address: OrganizationAddress;
  readonly deviceId: DeviceId;
  readonly signingKey: SigningKey;
}

type Endpoint = "rpc" | "tos" | "events";

/** A device at its organization: commands of the families authenticated and tos, and the events of the server. */
export class AuthenticatedConnection {
  readonly #endpoints: Readonly<Record<Endpoint, string>>;
  readonly #ports: ConnectionPorts;
  readonly #tokens: TokenCache;
  readonly #state = new StateHolder();
  #events: EventLoop | undefined;

  /** @throws InvalidArgumentError */
  constructor(options: AuthenticatedConnectionOptions) {
    this.#ports = connectionPorts(options);
    const { deviceId, signingKey } = options;
    requireText("deviceId", deviceId, { filled: true });
    requireMethods("signingKey", signingKey, "a SigningKey", "signDetached");
    this.#endpoints = {
      rpc: authenticatedEndpoint(options.address),
      tos: authenticatedEndpoint(options.address, "tos"),
      events: authenticatedEndpoint(options.address, "events"),
    };
    this.#tokens = new TokenCache(this.#ports.clock, (now) => createDeviceToken(deviceId, signingKey, now));
  }

  /**
   * Sends a command once, and never again by itself: a lost reply is an {@link OfflineError}, and the caller knows
   * whether repeating is harmless.
   * @throws ConnectionError, CryptoNotReadyError, InvalidArgumentError; the caller's abort as it is
   */
  async send<C extends Command<"authenticated" | "tos", string, unknown, unknown>>(
    command: C,
    fields: FieldsOf<C>,
    options: SendOptions = {},
  ): Promise<ReplyOf<C>> {
    checkSend(command, fields, options);
    const target = this.#target(command.family === "tos" ? "tos" : "rpc");
    const reply = await sendCommand(this.#ports, target, command, fields, options);
    if (command.name === tosAccept.name) this.retryNow();
    // The terms of service are open to those whom all else is closed to.
    if (command.family === "authenticated") this.#events?.commandAnswered();
    return reply;
  }

  /** How it stands with the server, as the stream of events and the commands see it: offline until the stream has started. */
  get state(): ConnectionState {
    return this.#state.state;
  }

  /** Calls `listener` on each change of state, until the returned function is called. */
  onStateChange(listener: (state: ConnectionState) => void): () => void {
    requireFunction("listener", listener);
    return this.#state.onChange(listener);
  }

  /**
   * Starts to listen to the server. One listener at a time: stop before starting anew.
   * @throws CryptoNotReadyError, InvalidArgumentError
   */
  startEvents(listener: ServerEventListener): void {
    requireObject("listener", listener);
    requireFunction("listener.onEvent", listener.onEvent);
    requireFunction("listener.onMissedEvents", listener.onMissedEvents);
    // What keeps this device from making tokens is the caller's to know now, and not a failure of the loop later.
    this.#tokens.get();
    this.#events ??= new EventLoop(
      (handlers, { timeoutMs, ...options }) =>
        readEvents({ ...this.#ports, timeoutMs }, this.#target("events"), handlers, options),
      { ...this.#ports, state: this.#state },
      listener,
    );
    this.#events.start();
  }

  /** Connects the stream of events at once, instead of after its delay: the cause of the last failure may be gone. */
  retryNow(): void {
    this.#events?.retryNow();
  }

  /** Stops to listen; resolves when the socket is free. */
  async stopEvents(): Promise<void> {
    const events = this.#events;
    this.#events = undefined;
    await events?.stop();
  }

  #target(endpoint: Endpoint): RpcTarget {
    const { userAgent } = this.#ports;
    return { url: this.#endpoints[endpoint], token: this.#tokens.get(), userAgent };
  }
}
