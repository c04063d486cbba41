import {
  type Clock,
  type Diagnostics,
  noDiagnostics,
  type RandomSource,
  requireArgument,
  requireMethods,
  requireObject,
  requireText,
  systemClock,
  systemRandom,
} from "@parsec/base";
import type { ExchangePorts } from "./exchange.ts";
import type { Transport } from "./transport.ts";
import { userAgent } from "./user-agent.ts";

/** What every connection takes. */
export interface ConnectionOptions {
  /** Shared by many connections; its owner closes it. */
  readonly transport: Transport;
  readonly clock?: Clock | undefined;
  readonly random?: RandomSource | undefined;
  readonly diagnostics?: Diagnostics | undefined;
  /** Milliseconds in which nothing happens, before a request fails as offline; 120,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** By default `Parsec-Client/<version> <OS>` (spec 05 §2). */
  readonly userAgent?: string | undefined;
}

const defaultTimeoutMs = 120_000;

/** The same, with every default filled in. */
export interface ConnectionPorts extends ExchangePorts {
  readonly random: RandomSource;
  readonly diagnostics: Diagnostics;
  readonly userAgent: string;
}

/** @throws InvalidArgumentError */
export function connectionPorts(options: ConnectionOptions & { readonly address: object }): ConnectionPorts {
  checkOptions(options);
  return {
    transport: options.transport,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    diagnostics: options.diagnostics ?? noDiagnostics,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    userAgent: options.userAgent ?? userAgent(),
  };
}

function checkOptions(options: ConnectionOptions & { readonly address: object }): void {
  requireObject("options", options);
  const { address, transport, timeoutMs, userAgent: agent } = options;
  requireObject("address", address);
  requireMethods("transport", transport, "a transport", "request");
  const isDuration = timeoutMs === undefined || (Number.isFinite(timeoutMs) && timeoutMs > 0);
  requireArgument("timeoutMs", timeoutMs, "a number of milliseconds above 0", isDuration);
  if (agent === undefined) return;
  requireText("userAgent", agent);
  requireArgument("userAgent", agent, "a text of printable ASCII", /^[\x20-\x7e]+$/.test(agent));
}
