import type { Diagnostics } from "@parsec/base";
import type { DateTime } from "@parsec/types";
import type { BlockStore } from "./block-store/port.ts";
import type { ServerConfig } from "./config.ts";
import type { ByteBudget } from "./http/byte-budget.ts";
import type { Interference } from "./interference.ts";
import type { SourceUsage } from "./limits.ts";
import type { Mailer } from "./mail/port.ts";
import type { EmailRateLimiter } from "./mail/rate-limit.ts";
import type { Store } from "./store/port/store.ts";
import type { Webhooks } from "./webhooks/port.ts";

/** What commands and routes work with: the ports of one running server. */
export interface ServerContext {
  /** Settings now; the testbed may change some while the server runs. */
  readonly config: ServerConfig;
  readonly store: Store;
  readonly blockStore: BlockStore;
  readonly mailer: Mailer;
  readonly webhooks: Webhooks;
  readonly emailRateLimiter: EmailRateLimiter;
  readonly sourceUsage: SourceUsage;
  readonly bodyBudget: ByteBudget;
  /** The server's clock. */
  now(): DateTime;
  /** Resolves after that many milliseconds. */
  pause(ms: number): Promise<void>;
  readonly diagnostics: Diagnostics;
  /** False in tests that replay old dates: every client timestamp is then taken as being in the window. */
  readonly checkBallpark: boolean;
  /** Null in an honest server. */
  readonly interference: Interference | null;
}

/** What the HTTP layer knows about who calls. */
export interface ClientInfo {
  /** As announced by the client. */
  readonly apiVersion: { readonly major: number; readonly revision: number };
  readonly userAgent: string;
  /** Empty when it is not known. */
  readonly ip: string;
}
