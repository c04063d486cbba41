import { SettableClock } from "@parsec/base";
import {
  type ClientEvent,
  createParsec,
  type Parsec,
  type ParsecOptions,
  type Session,
  type Workspace,
} from "@parsec/client";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { onTestFinished } from "vitest";
import { calm } from "./calm.ts";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "./organization-dump.ts";
import { ScriptedNetwork } from "./scripted-network.ts";
import { workspaceOf } from "./two-devices.ts";

export { has } from "./workspace-content.ts";

const dump = readDump("coolorg.json");

/** One device, in a simulation. */
export interface SimulatedDevice {
  readonly parsec: Parsec;
  readonly session: Session;
  readonly network: ScriptedNetwork;
  /** What the session told so far; the test may empty it. */
  readonly events: ClientEvent[];
  /** Logs in again, with the same storage. */
  login(): Promise<Session>;
}

/**
 * A server and devices of `coolorg` that share one clock, which moves only when the test waits: hours pass as fast as
 * the machine can do what happens in them.
 */
export class Simulation implements AsyncDisposable {
  readonly clock: SettableClock;
  readonly server: RunningServer;
  readonly organization: LoadedOrganization;
  readonly #devices: SimulatedDevice[] = [];
  readonly #closings: (() => Promise<void>)[] = [];

  private constructor(clock: SettableClock, server: RunningServer, organization: LoadedOrganization) {
    this.clock = clock;
    this.server = server;
    this.organization = organization;
  }

  static async start(): Promise<Simulation> {
    const clock = new SettableClock(Date.now() * 1000);
    // Keepalives follow the real clock.
    const server = await startServer({ testbed: true, clock, config: { sseKeepalive: null } });
    return new Simulation(clock, server, await loadDump(server.url, dump));
  }

  async device(label: string, options: ParsecOptions & { readonly index?: number } = {}): Promise<SimulatedDevice> {
    const { index = 0, ...ports } = options;
    const network = new ScriptedNetwork();
    const parsec = await createParsec({
      deviceStore: memoryDeviceStore(),
      storage: memoryDriver(),
      clock: this.clock,
      transport: network,
      ...ports,
    });
    const events: ClientEvent[] = [];
    const login = async () => {
      const session = await parsec.login(localDevice(dump, label, this.organization, index));
      session.events.onAny((event) => events.push(event));
      // Tests that close it look at what comes of it.
      this.#closings.push(() => session.close().catch(() => undefined));
      return session;
    };
    const device = { parsec, network, events, login, session: await login() };
    this.#closings.push(() => parsec.close());
    this.#devices.push(device);
    return device;
  }

  /** Lets things happen, and time pass when nothing does, until the condition holds. Milliseconds of the clock. */
  async until(
    condition: () => boolean | Promise<boolean>,
    options: { readonly limitMs?: number; readonly stepMs?: number } = {},
  ): Promise<void> {
    const { limitMs = 600_000, stepMs = 250 } = options;
    const end = this.clock.now() + limitMs * 1000;
    while (!(await condition())) {
      if (this.clock.now() >= end) throw new Error(`not after ${limitMs / 1000} s: ${condition.toString()}`);
      await this.#calm();
      this.clock.advance(stepMs);
    }
  }

  /** Lets that much time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms * 1000;
    await this.until(() => this.clock.now() >= end, { limitMs: ms + 1 });
  }

  async administrate(path: string, method: "POST" | "PATCH", body: unknown): Promise<void> {
    const { url, administrationToken } = this.server;
    const { organizationId } = this.organization;
    const response = await fetch(`${url}/administration/organizations/${organizationId}${path}`, {
      method,
      headers: { authorization: `Bearer ${administrationToken}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`administration: ${response.status} ${await response.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closings) await close();
    for (const { network } of this.#devices) await network.close();
    await this.server.close();
  }

  #calm(): Promise<void> {
    return calm(() => this.#devices.some(({ network }) => network.inFlight > 0));
  }
}

/** A simulation that ends with the test. */
export async function simulation(): Promise<Simulation> {
  const started = await Simulation.start();
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

/** A device that is online, with everything synchronized. */
export async function online(
  sim: Simulation,
  label = "Alicey",
  index = 0,
  ports: ParsecOptions = {},
): Promise<[SimulatedDevice, Workspace]> {
  const device = await sim.device(label, { ...ports, index });
  await sim.until(
    () => device.session.connectionState.status === "online" && device.session.workspaces.list().length > 0,
  );
  const workspace = await workspaceOf({ session: device.session, close: async () => undefined });
  await sim.until(() => isIdle(workspace) && device.session.syncState.status === "idle");
  return [device, workspace];
}

export function isIdle({ syncState }: Workspace): boolean {
  return syncState.status === "idle";
}

export async function isClean(workspace: Workspace): Promise<boolean> {
  return (await workspace.pendingUploads()).entries === 0;
}
