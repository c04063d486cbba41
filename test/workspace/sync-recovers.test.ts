import type { Clock } from "@parsec/base";
import type { MonitorState, ParsecOptions, Workspace } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDriver, StorageError } from "@parsec/storage";
import { beforeAll, describe, expect, test } from "vitest";
import { faultyDriver, writing } from "../support/faulty-driver.ts";
import { answer, Gate, silence } from "../support/scripted-network.ts";
import {
  has,
  isClean,
  isIdle,
  online,
  type SimulatedDevice,
  type Simulation,
  simulation,
} from "../support/simulation.ts";

// What keeps an automatic session from its server, and passes: it says why it waits, and then all arrives in both
// directions without a new login.

beforeAll(() => ready());

interface Pair {
  readonly sim: Simulation;
  readonly alice: SimulatedDevice;
  readonly hers: Workspace;
  readonly bob: SimulatedDevice;
  readonly his: Workspace;
}

/** Alice and Bob, who may both write. */
async function pair(ports: (sim: Simulation) => ParsecOptions = () => ({})): Promise<Pair> {
  const sim = await simulation();
  const [alice, hers] = await online(sim);
  const [bob, his] = await online(sim, "Boby", 0, ports(sim));
  await hers.share(bob.session.userId, "MANAGER");
  await sim.until(() => his.role === "MANAGER" && isIdle(his));
  return { sim, alice, hers, bob, his };
}

function honest({ network }: SimulatedDevice): void {
  network.rule = ({ pass }) => pass();
}

/** Both sides have what the other wrote, and nothing is left to do. */
async function converged({ sim, alice, hers, bob, his }: Pair, paths: readonly string[]): Promise<void> {
  await sim.until(async () => {
    if (!isIdle(hers) || !isIdle(his) || !(await isClean(hers)) || !(await isClean(his))) return false;
    const there = await Promise.all(paths.flatMap((path) => [has(hers, path), has(his, path)]));
    return there.every((is) => is);
  });
  await sim.until(() => [alice, bob].every(({ session }) => session.syncState.status === "idle"));
  for (const { events } of [alice, bob]) expect(events.filter(({ type }) => type === "monitor_crashed")).toEqual([]);
}

async function waits(sim: Simulation, part: { readonly syncState: MonitorState }, reason: string): Promise<void> {
  await sim.until(() => part.syncState.status === "waiting" && part.syncState.reason === reason);
}

interface Cause {
  readonly begin: (pair: Pair) => Promise<void> | void;
  readonly end: (pair: Pair) => Promise<void> | void;
  /** Why the workspace of Bob says that it waits. */
  readonly reason: string;
}

const page = { body: new TextEncoder().encode("<html>please pay</html>"), headers: { "content-type": "text/html" } };

function onTheWay(give: () => ReturnType<typeof answer>, reason: string): Cause {
  return {
    begin: ({ bob }) => {
      bob.network.cut();
      bob.network.rule = async () => give();
    },
    end: ({ bob }) => honest(bob),
    reason,
  };
}

async function acceptTerms({ session }: SimulatedDevice): Promise<void> {
  const terms = await session.organization.termsOfService();
  if (terms === undefined) throw new Error("there are terms");
  await session.organization.acceptTermsOfService(terms);
}

const causes: Readonly<Record<string, Cause>> = {
  "no network": {
    begin: ({ bob }) => bob.network.goDown(),
    end: ({ bob }) => bob.network.comeBack(),
    reason: "OFFLINE",
  },
  "a server that is not there": onTheWay(() => answer(503), "OFFLINE"),
  "a captive portal that shows its page": onTheWay(() => answer(200, page), "BAD_REPLY"),
  "a captive portal that forbids": onTheWay(() => answer(403, page), "BAD_AUTHENTICATION"),
  "a captive portal that sends elsewhere": onTheWay(() => answer(302, page), "OFFLINE"),
  "a proxy that has nothing there": onTheWay(() => answer(404, page), "ORGANIZATION_NOT_FOUND"),
  "a server of another version": onTheWay(
    () => answer(422, { headers: { "supported-api-versions": "9.0" } }),
    "INCOMPATIBLE_SERVER",
  ),
  "a user who is frozen": {
    begin: ({ sim, bob }) => sim.administrate("/users/freeze", "POST", { user_id: bob.session.userId, frozen: true }),
    end: ({ sim, bob }) => sim.administrate("/users/freeze", "POST", { user_id: bob.session.userId, frozen: false }),
    reason: "USER_FROZEN",
  },
  "an organization that has expired": {
    begin: ({ sim }) => sim.administrate("", "PATCH", { is_expired: true }),
    end: ({ sim }) => sim.administrate("", "PATCH", { is_expired: false }),
    reason: "ORGANIZATION_EXPIRED",
  },
  "terms of service to accept": {
    begin: ({ sim }) => sim.administrate("", "PATCH", { tos: { en: "https://acme.test/terms" } }),
    end: async ({ alice, bob }) => {
      await acceptTerms(alice);
      await acceptTerms(bob);
    },
    reason: "USER_MUST_ACCEPT_TOS",
  },
};

describe("automatic sync goes on by itself after", () => {
  test.each(Object.entries(causes))("%s", async (_, { begin, end, reason }) => {
    const both = await pair();
    const { sim, hers, bob, his } = both;
    await begin(both);
    await his.writeFile("/his", "his");
    await hers.writeFile("/hers", "hers");
    await waits(sim, his, reason);
    expect(his.syncState.error?.message).toMatch(/\w/);
    expect(his.syncState.nextTry).toBeGreaterThan(sim.clock.now());
    // Long enough for every pause to be at its longest.
    await sim.pass(300_000);
    expect(await has(his, "/hers")).toBe(false);
    expect(bob.session.connectionState.status).not.toBe("online");
    await end(both);
    await converged(both, ["/his", "/hers"]);
    // And what comes then comes as before.
    await hers.writeFile("/later", "later");
    await converged(both, ["/later"]);
  });

  test.each([86_400, -86_400])("a clock that was wrong by %i s", async (seconds) => {
    let skew = 0;
    const both = await pair(({ clock }) => {
      const skewed: Clock = { now: () => clock.now() + skew, timer: (delayMs, run) => clock.timer(delayMs, run) };
      return { clock: skewed };
    });
    const { sim, bob, hers, his } = both;
    skew = seconds * 1_000_000;
    // Its stream was opened before: it notices at the next command.
    await his.writeFile("/his", "his");
    await hers.writeFile("/hers", "hers");
    await waits(sim, his, "TOKEN_EXPIRED");
    await sim.pass(120_000);
    bob.network.cut();
    await sim.until(() => bob.session.connectionState.status === "refused");
    skew = 0;
    const before = sim.clock.now();
    await converged(both, ["/his", "/hers"]);
    expect(sim.clock.now() - before).toBeLessThan(200 * 1_000_000);
  });

  test("a disk that was full", async () => {
    const driver = faultyDriver(memoryDriver());
    const both = await pair(() => ({ storage: driver }));
    const { sim, bob, hers, his } = both;
    const gate = new Gate();
    bob.network.rule = gate.before("vlob_create");
    await his.writeFile("/his", "his");
    await sim.until(() => gate.waiting > 0);
    driver.fault = (method) => (writing.has(method) ? new StorageError("STORAGE_FULL", "No space left") : undefined);
    gate.open();
    await hers.writeFile("/hers", "hers");
    await waits(sim, his, "STORAGE_FULL");
    await hers.rename("Other");
    await waits(sim, bob.session, "STORAGE_FULL");
    await sim.pass(300_000);
    driver.fault = () => undefined;
    await converged(both, ["/his", "/hers"]);
    expect(his.name).toBe("Other");
  });

  test("a workspace that was archived", async () => {
    const both = await pair();
    const { sim, bob, hers, his } = both;
    const gate = new Gate();
    bob.network.rule = gate.before("vlob_create");
    await his.writeFile("/his", "his");
    await sim.until(() => gate.waiting > 0);
    await hers.archive({ type: "ARCHIVED" });
    gate.open();
    await waits(sim, his, "READ_ONLY");
    await sim.pass(300_000);
    expect(await has(hers, "/his")).toBe(false);
    await hers.archive({ type: "AVAILABLE" });
    await converged(both, ["/his"]);
  });

  test("a role that was taken away: what was written is still here, and goes up", async () => {
    const both = await pair();
    const { sim, bob, hers, his } = both;
    const gate = new Gate();
    bob.network.rule = gate.before("vlob_create");
    await his.writeFile("/his", "his");
    await sim.until(() => gate.waiting > 0);
    await hers.unshare(bob.session.userId);
    await sim.until(() => bob.session.workspaces.list().length === 0);
    gate.open();
    await waits(sim, his, "WORKSPACE_NOT_FOUND");
    await hers.writeFile("/hers", "hers");
    const before = bob.network.sent.length;
    await sim.pass(300_000);
    expect(bob.network.sent.length - before).toBeLessThan(5);
    await hers.share(bob.session.userId, "CONTRIBUTOR");
    await converged(both, ["/his", "/hers"]);
    expect(await bob.session.workspaces.get(his.id)).toBe(his);
  });

  test("a role that was taken away and came back while the device was off", async () => {
    const both = await pair();
    const { sim, bob, hers, his } = both;
    bob.network.goDown();
    await his.writeFile("/his", "his");
    await bob.session.close();
    await hers.unshare(bob.session.userId);
    bob.network.comeBack();
    const second = await bob.login();
    await sim.until(() => second.connectionState.status === "online" && second.workspaces.list().length === 0);
    await second.close();
    await hers.share(bob.session.userId, "CONTRIBUTOR");
    const third = await bob.login();
    await sim.until(() => third.workspaces.list().length === 1);
    await third.workspaces.get(his.id);
    await sim.until(() => has(hers, "/his"));
  });
});

describe("events", () => {
  test("held back by a proxy while commands pass: changes arrive all the same, and the state says so", async () => {
    const both = await pair();
    const { sim, bob, hers, his } = both;
    bob.network.cut();
    bob.network.rule = (exchange) => (exchange.command === "events_listen" ? silence(exchange) : exchange.pass());
    await sim.until(() => {
      const state = bob.session.connectionState;
      return state.status === "online" && state.events === "delayed";
    });
    await hers.writeFile("/hers", "hers");
    await his.writeFile("/his", "his");
    await converged(both, ["/his", "/hers"]);
    await hers.rename("Other");
    await sim.until(() => his.name === "Other");
    expect(bob.session.connectionState).toMatchObject({ status: "online", events: "delayed" });
  });

  test("logged in offline, the network returns, somebody writes before our event stream is open: it arrives", async () => {
    const both = await pair();
    const { sim, bob, hers } = both;
    await bob.session.close();
    bob.network.goDown();
    const session = await bob.login();
    const workspace = await session.workspaces.get(hers.id);
    await sim.until(() => workspace.syncState.reason === "OFFLINE");
    const gate = new Gate();
    bob.network.rule = gate.before("events_listen");
    bob.network.comeBack();
    await sim.until(() => gate.waiting > 0 && isIdle(workspace));
    await hers.writeFile("/hers", "hers");
    await hers.sync();
    expect(await has(workspace, "/hers")).toBe(false);
    gate.open();
    const before = sim.clock.now();
    await sim.until(() => has(workspace, "/hers"));
    expect(sim.clock.now() - before).toBeLessThan(2_000_000);
  });
});
