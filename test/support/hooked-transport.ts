import { orAbort } from "@parsec/base";
import { createTransport, type Transport, type TransportRequest, type TransportResponse } from "@parsec/connection";
import { decode, Str, struct } from "@parsec/types";

/** What a test does around the commands that a client sends. */
export interface TransportHooks {
  /** Awaited before the command leaves. */
  readonly before?: (command: string) => Promise<void> | void;
  /** Awaited once its answer has come, before the client sees it. */
  readonly after?: (command: string) => Promise<void> | void;
}

export interface HookedTransport extends Transport {
  /** How often each command was sent. */
  readonly sent: ReadonlyMap<string, number>;
  hooks: TransportHooks;
  forget(): void;
}

const CommandName = struct({ cmd: Str });

/** The real transport, that counts the commands, and lets a test come in between. */
export function hookedTransport(): HookedTransport {
  const transport = createTransport();
  const sent = new Map<string, number>();
  return {
    sent,
    hooks: {},
    forget: () => sent.clear(),
    async request(request, cancellation): Promise<TransportResponse> {
      const command = commandOf(request);
      if (command === undefined) return transport.request(request, cancellation);
      sent.set(command, (sent.get(command) ?? 0) + 1);
      await orAbort(Promise.resolve(this.hooks.before?.(command)), cancellation.signal);
      const response = await transport.request(request, cancellation);
      await orAbort(Promise.resolve(this.hooks.after?.(command)), cancellation.signal);
      return response;
    },
    close: () => transport.close(),
  };
}

function commandOf({ method, body }: TransportRequest): string | undefined {
  return method === "POST" && body !== undefined ? decode(CommandName, body).cmd : undefined;
}
