import type { Clock, Diagnostics } from "@parsec/base";
import type { BlockStore } from "./block-store/port.ts";
import type { ServerConfig } from "./config.ts";
import type { TlsOptions } from "./http/listen.ts";
import type { RequestSummary } from "./http/request-summary.ts";
import type { Mailer } from "./mail/port.ts";
import type { DatabaseOptions } from "./store/database-options.ts";
import type { Store } from "./store/port/store.ts";

/** How to start a server. Everything is in memory unless a port says otherwise. */
export interface StartServerOptions {
  /**
   * For development: administration token `s3cr3t`, `ping` commands, and every web origin allowed. Needed, or
   * `administrationToken`, so that no server is open by accident.
   */
  readonly dev?: boolean;
  /** A server for tests: as `dev`, with the control routes of spec 13 §7 and `hostile`. */
  readonly testbed?: boolean;
  /** Listening address; `127.0.0.1` by default. */
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly administrationToken?: string;
  /** Settings other than the defaults. */
  readonly config?: Partial<Omit<ServerConfig, "administrationToken">>;
  /** The server then speaks HTTPS. */
  readonly tls?: TlsOptions;
  /**
   * Where Prometheus reads `/metrics`, beside `/health` and `/ready`: a port of its own, since nobody has to log in there.
   * `host` is `127.0.0.1` by default; port 0 takes a free one.
   */
  readonly metrics?: { readonly host?: string; readonly port: number };
  /** Told of each request that has ended: for logs. What it is told names nobody. */
  readonly onRequest?: (summary: RequestSummary) => void;
  readonly clock?: Clock;
  /**
   * Where metadata is kept: `MOCKED` (the default: in memory), `sqlite:FILE`, or `postgresql://…`, which several servers may
   * share. What lasts needs `blocks` that last.
   */
  readonly db?: string;
  readonly database?: DatabaseOptions;
  /** In place of `db`. */
  readonly store?: Store;
  /**
   * Where the bytes of blocks are kept: `MOCKED` (the default: in memory), `file:DIR`, `POSTGRESQL` or `SQLITE` (in the
   * database of `db`), `s3:…`, `swift:…`, or a RAID of such, one text for each node: as `--blockstore` has it.
   */
  readonly blocks?: string | readonly string[];
  /** Creates a block although one node of a RAID did not take it, as long as it can be read. */
  readonly partialCreate?: boolean;
  /** In place of `blocks`. */
  readonly blockStore?: BlockStore;
  readonly mailer?: Mailer;
  readonly diagnostics?: Diagnostics;
}
