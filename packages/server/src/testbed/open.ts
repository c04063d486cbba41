import type { ServerContext } from "../context.ts";
import type { EventHub } from "../events/hub.ts";
import type { Route } from "../http/app.ts";
import { MemoryMailbox } from "../mail/memory-mailbox.ts";
import type { TestbedControls } from "./controls.ts";
import { FaultyBlockStore, FaultyMailer, FaultyStore } from "./faults.ts";
import { Hostile } from "./hostile/hostile.ts";
import { openBaoRoutes } from "./openbao/routes.ts";
import { FakeVault } from "./openbao/vault.ts";
import { controlRoutes } from "./routes.ts";
import { FakeCardMachine } from "./scws/machine.ts";
import { Testbed } from "./testbed.ts";

/** A server in testbed mode: its context under control, and the routes that control it. */
export interface OpenTestbed {
  readonly context: ServerContext;
  readonly hostile: Hostile;
  extraRoutes(hub: EventHub): readonly Route[];
}

/** Puts the controls between the commands and a server's ports (spec 13 §7). */
export function openTestbed(plain: ServerContext, controls: TestbedControls): OpenTestbed {
  const hostile = new Hostile(plain.store, plain.blockStore);
  const context: ServerContext = {
    get config() {
      return { ...plain.config, ...controls.config };
    },
    store: new FaultyStore(plain.store, controls.faults),
    blockStore: new FaultyBlockStore(plain.blockStore, controls.faults),
    mailer: new FaultyMailer(plain.mailer, controls.faults),
    webhooks: plain.webhooks,
    emailRateLimiter: plain.emailRateLimiter,
    sourceUsage: plain.sourceUsage,
    bodyBudget: plain.bodyBudget,
    now: () => plain.now(),
    pause: (ms) => plain.pause(ms),
    diagnostics: plain.diagnostics,
    get checkBallpark() {
      return controls.checkBallpark;
    },
    interference: hostile,
  };
  return {
    context,
    hostile,
    extraRoutes: (hub) => {
      const { store, blockStore, mailer } = plain;
      const mailbox = mailer instanceof MemoryMailbox ? mailer : undefined;
      const vault = new FakeVault();
      const fakes = { vault, cardMachine: new FakeCardMachine() };
      const testbed = new Testbed({ server: context, store, blockStore, mailbox, controls, hub, hostile, ...fakes });
      return [...controlRoutes(testbed), ...openBaoRoutes(vault, controls.faults)];
    },
  };
}
