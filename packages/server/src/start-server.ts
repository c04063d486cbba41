import { getRequestListener } from "@hono/node-server";
import { delay, noDiagnostics, ParsecError, systemClock } from "@parsec/base";
import { ready } from "@parsec/crypto";
import { DateTime, formatAddress, OrganizationId, parseServerHttpUrl } from "@parsec/types";
import { createOrganization, type OrganizationChanges } from "./administration/organizations.ts";
import type { ServerContext } from "./context.ts";
import { EventHub } from "./events/hub.ts";
import { createApp } from "./http/app.ts";
import { ByteBudget } from "./http/byte-budget.ts";
import { type Listening, listen, type TlsOptions } from "./http/listen.ts";
import { healthRoutes, Readiness } from "./http/readiness.ts";
import { SourceUsage } from "./limits.ts";
import { MemoryMailbox } from "./mail/memory-mailbox.ts";
import { EmailRateLimiter } from "./mail/rate-limit.ts";
import { metricsListener } from "./metrics/listener.ts";
import { ServerMetrics } from "./metrics/server-metrics.ts";
import { openStores } from "./open-stores.ts";
import type { StartServerOptions } from "./options.ts";
import { listeningConfig, startConfig } from "./start-config.ts";
import { TestbedControls } from "./testbed/controls.ts";
import type { Hostile } from "./testbed/hostile/hostile.ts";
import { openTestbed } from "./testbed/open.ts";
import { HttpWebhooks } from "./webhooks/http-webhooks.ts";

/** A server that accepts connections. */
export interface RunningServer extends AsyncDisposable {
  /** `parsec3://…`, where clients find it: the address configured, else the one that it listens on. */
  readonly address: string;
  /** `http://…` or `https://…`, without trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Not enumerable: no log and no copy of this object shows it. */
  readonly administrationToken: string;
  /** Where Prometheus reads its metrics; `undefined` without `metrics`. */
  readonly metricsUrl: string | undefined;
  /**
   * New connections get that certificate: it was renewed.
   * @throws StartServerError `BAD_OPTION` when it is of no use: the one before stays
   */
  renewTls(tls: TlsOptions): void;
  /** The mails sent, unless another mailer was given. */
  readonly mailbox: MemoryMailbox | undefined;
  /** Makes a testbed server lie; `undefined` for any other. */
  readonly hostile: Hostile | undefined;
  /**
   * Creates an organization as the administration interface does: the address of its bootstrap.
   * @throws OrganizationIdError
   * @throws AdministrationError when it exists already
   */
  createOrganization(name: string, options?: OrganizationChanges): Promise<string>;
  /** Resolves when the server cannot go on, with the reason: its database was away for too long. */
  readonly failure: Promise<ParsecError>;
  /** Ends streams, lets requests under way finish, and frees everything. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a Parsec server in this process (spec 08).
 * @throws StartServerError
 * @throws DatabaseError
 * @throws BlockStoreError
 */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  let config = startConfig(options);
  await ready();
  const controls = options.testbed === true ? new TestbedControls(options.clock ?? systemClock) : undefined;
  const clock = controls?.clock ?? options.clock ?? systemClock;
  const mailbox = new MemoryMailbox(() => clock.now());
  const mailer = options.mailer ?? mailbox;
  const stores = await openStores(options, systemClock);
  const { store, blockStore } = stores;
  const webhooks = new HttpWebhooks();
  const plain: ServerContext = {
    get config() {
      return config;
    },
    store,
    blockStore,
    mailer,
    webhooks,
    emailRateLimiter: new EmailRateLimiter(),
    sourceUsage: new SourceUsage(),
    bodyBudget: new ByteBudget(config.limits.bodyBytes),
    now: () => DateTime.now(clock),
    pause: (ms) => delay(clock, ms),
    diagnostics: options.diagnostics ?? noDiagnostics,
    checkBallpark: true,
    interference: null,
  };
  const testbed = controls && openTestbed(plain, controls);
  const context = testbed?.context ?? plain;
  const hub = new EventHub(store, () => context.config.sseEventsCacheSize);
  const readiness = new Readiness(context, hub, options.clock ?? systemClock);
  const metrics = options.metrics === undefined ? undefined : new ServerMetrics(hub);
  const app = createApp(context, hub, {
    extraRoutes: [...healthRoutes(readiness), ...(testbed?.extraRoutes(hub) ?? [])],
    onRequest: (summary) => {
      metrics?.count(summary);
      options.onRequest?.(summary);
    },
    onBug: (error) => {
      const code = ParsecError.is(error) ? error.code : "UNKNOWN";
      options.diagnostics?.({ area: "server", event: "request_failed", fields: { code } });
    },
  });
  const host = options.host ?? "127.0.0.1";
  const { requestTimeout, responseTimeout, maxConnections } = config;
  const timeouts = { requestTimeout, responseTimeout, maxConnections };
  const metricsHost = options.metrics?.host ?? "127.0.0.1";
  const opened: Listening[] = [];
  const [listening, metricsListening] = await (async () => {
    const handler = getRequestListener(app.fetch);
    const main = await listen(handler, { host, port: options.port ?? 0, tls: options.tls, ...timeouts });
    opened.push(main);
    if (options.metrics === undefined || metrics === undefined) return [main, undefined] as const;
    const { port } = options.metrics;
    const readers = { ...timeouts, host: metricsHost, port, tls: undefined };
    return [main, await listen(metricsListener(metrics, readiness), readers)] as const;
  })().catch(async (error: unknown) => {
    hub.close();
    for (const each of opened) await each.close(0);
    await stores.close();
    throw error;
  });
  const scheme = options.tls === undefined ? "http" : "https";
  const url = `${scheme}://${urlHost(host)}:${listening.port}`;
  const address = parseServerHttpUrl(url);
  // Null is told apart from nothing: a testbed can be started without its fake OpenBao.
  const fakesOpenBao = testbed !== undefined && options.config?.openbao === undefined;
  config = listeningConfig(config, { url, address, fakesOpenBao });

  const clientAddress = config.serverAddress ?? address;

  const close = once(async () => {
    hub.close();
    // Who watches sees it stop: the metrics go last.
    await listening.close(config.stopGrace);
    await metricsListening?.close(0);
    await Promise.all([webhooks.close(), mailer.close(), stores.close()]);
  });
  const running: RunningServer = {
    address: formatAddress({ ...clientAddress, kind: "server" }),
    url,
    port: listening.port,
    get administrationToken() {
      return config.administrationToken;
    },
    metricsUrl: metricsListening && `http://${urlHost(metricsHost)}:${metricsListening.port}/metrics`,
    renewTls: (tls) => listening.setTls(tls),
    hostile: testbed?.hostile,
    mailbox: mailer === mailbox ? mailbox : undefined,
    createOrganization: async (name, changes) => {
      const organizationId = OrganizationId.parse(name);
      const token = await createOrganization(context, organizationId, changes);
      return formatAddress({ ...clientAddress, kind: "organization_bootstrap", organizationId, token });
    },
    failure: store.failure,
    close,
    [Symbol.asyncDispose]: close,
  };
  // Who logs the server, or makes JSON of it, does not show the token.
  return Object.defineProperty(running, "administrationToken", { enumerable: false });
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The same promise for every call. */
function once(run: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => {
    result ??= run();
    return result;
  };
}
