import type { Session, Workspace } from "@parsec/client";
import {
  BadReplyError,
  CommandNotSupportedError,
  type ConnectionError,
  type ConnectionErrorCode,
  IncompatibleServerError,
  OfflineError,
  type RefusalReason,
  RefusedError,
} from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { memoryDriver, StorageError, type StorageErrorCode } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultyDriver, faultyDriver } from "../support/faulty-driver.ts";
import { answer, type Exchange } from "../support/scripted-network.ts";
import { isClean, isIdle, online, type SimulatedDevice, Simulation } from "../support/simulation.ts";
import { names, pattern, readText } from "../support/two-devices.ts";

// Each code of the connection and of the storage, once, in every command and every call of an automatic session, then
// honesty: all converges, without a new login.

interface World {
  readonly sim: Simulation;
  readonly alice: SimulatedDevice;
  readonly hers: Workspace;
  readonly bob: SimulatedDevice;
  readonly his: Workspace;
  readonly driver: FaultyDriver;
  round: number;
}

let world: World;

beforeAll(async () => {
  await ready();
  const sim = await Simulation.start();
  const driver = faultyDriver(memoryDriver());
  const [alice, hers] = await online(sim, "Alicey", 0, { storage: driver });
  const [bob, his] = await online(sim, "Alicey", 1);
  world = { sim, alice, hers, bob, his, driver, round: 0 };
  await hers.writeFile("/kept", "0");
  await his.createFolder("/shared");
  await converged();
});
afterAll(() => world.sim[Symbol.asyncDispose]());

/** Does what a person does, again when it is refused for want of storage. */
async function insist(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}

/** Everything that an automatic session does: each command of it is sent. */
async function everything(): Promise<void> {
  const { sim, alice, hers, his } = world;
  world.round += 1;
  const { round } = world;
  alice.network.cut();
  await insist(() => hers.writeFile("/kept", pattern(2000, round)));
  await insist(() => hers.writeFile(`/new-${round % 3}`, `alice ${round}`));
  await his.writeFile("/shared/f", `bob ${round}`);
  await his.rotateKey();
  await insist(() => alice.session.workspaces.create(`Workspace ${round}`));
  await sim.until(async () => (await readText(hers, "/shared/f").catch(() => "")) === `bob ${round}`);
}

async function converged(): Promise<void> {
  const { sim, alice, bob, hers, his, round } = world;
  await sim.until(async () => {
    const opened = [...(await alice.session.workspaces.opened()), ...(await bob.session.workspaces.opened())];
    if (!opened.every(isIdle)) return false;
    if ((await Promise.all(opened.map((workspace) => isClean(workspace).catch(() => false)))).includes(false))
      return false;
    const { session } = alice;
    if (session.syncState.status !== "idle" || isDelayed(session)) return false;
    if (session.workspaces.list().some(({ isBootstrapped }) => !isBootstrapped)) return false;
    return (await tree(hers).catch(String)) === (await tree(his));
  });
  expect(alice.events.filter(({ type }) => type === "monitor_crashed")).toEqual([]);
  expect(hers.syncState.setAside).toEqual([]);
  expect(bob.session.workspaces.list().some(({ name }) => name === `Workspace ${round}`) || round === 0).toBe(true);
  // They would be more and more.
  for (const opened of await alice.session.workspaces.opened()) if (opened !== hers) await opened.close();
}

function isDelayed({ connectionState }: Session): boolean {
  return connectionState.status !== "online" || connectionState.events === "delayed";
}

/** Names and content. */
async function tree(workspace: Workspace): Promise<string> {
  const parts = [];
  for (const name of await names(workspace)) {
    const path = `/${name}`;
    if ((await workspace.stat(path)).kind === "folder") parts.push(path, ...(await names(workspace, path)));
    else parts.push(path, await readText(workspace, path));
  }
  return JSON.stringify(parts);
}

const refusal = (reason: Exclude<RefusalReason, "BAD_REPLY">) => () => new RefusedError(reason);

const connectionErrors: Readonly<Record<ConnectionErrorCode, () => ConnectionError>> = {
  OFFLINE: () => new OfflineError("No network"),
  INCOMPATIBLE_SERVER: () => new IncompatibleServerError([]),
  COMMAND_NOT_SUPPORTED: () => new CommandNotSupportedError("x", { major: 5, revision: 6 }, { major: 5, revision: 0 }),
  MISSING_AUTHENTICATION: refusal("MISSING_AUTHENTICATION"),
  BAD_AUTHENTICATION: refusal("BAD_AUTHENTICATION"),
  ORGANIZATION_NOT_FOUND: refusal("ORGANIZATION_NOT_FOUND"),
  INVITATION_ALREADY_USED_OR_DELETED: refusal("INVITATION_ALREADY_USED_OR_DELETED"),
  ORGANIZATION_EXPIRED: refusal("ORGANIZATION_EXPIRED"),
  USER_REVOKED: refusal("USER_REVOKED"),
  USER_FROZEN: refusal("USER_FROZEN"),
  USER_MUST_ACCEPT_TOS: refusal("USER_MUST_ACCEPT_TOS"),
  WEB_CLIENT_NOT_ALLOWED: refusal("WEB_CLIENT_NOT_ALLOWED"),
  TOKEN_EXPIRED: refusal("TOKEN_EXPIRED"),
  BAD_CONTENT: refusal("BAD_CONTENT"),
  BODY_TOO_LARGE: refusal("BODY_TOO_LARGE"),
  UNEXPECTED_STATUS: refusal("UNEXPECTED_STATUS"),
  BAD_REPLY: () => new BadReplyError("garbage"),
};

const fault = (code: StorageErrorCode) => () => new StorageError(code, "As planned");

const storageErrors: Readonly<Record<StorageErrorCode, () => StorageError>> = {
  DEVICE_IN_USE: fault("DEVICE_IN_USE"),
  NATIVE_MODULE_MISSING: fault("NATIVE_MODULE_MISSING"),
  STORAGE_FULL: fault("STORAGE_FULL"),
  STORAGE_CORRUPTED: fault("STORAGE_CORRUPTED"),
  STORAGE_UNAVAILABLE: fault("STORAGE_UNAVAILABLE"),
  STORAGE_CLOSED: fault("STORAGE_CLOSED"),
};

/** What a session sends in one round, beside the stream of events. */
const commands = [
  "block_create",
  "block_read",
  "certificate_get",
  "realm_create",
  "realm_get_keys_bundle",
  "realm_rename",
  "realm_rotate_key",
  "vlob_create",
  "vlob_poll_changes",
  "vlob_read_batch",
  "vlob_update",
];

/** What a session asks of its storage in one round. */
const methods = [
  "apply",
  "applyToCache",
  "block",
  "checkpoint",
  "chunk",
  "chunkInfos",
  "inboundNeedSync",
  "manifest",
  "moveChunksToBlocks",
  "outboundNeedSync",
  "pattern",
  "remoteVersion",
  "vlob",
  "vlobs",
];

test("one round sends each of these commands, and makes each of these calls", async () => {
  const { alice, driver } = world;
  const called = new Set<string>();
  driver.fault = (method) => {
    called.add(method);
    return undefined;
  };
  alice.network.sent.length = 0;
  await everything();
  await converged();
  expect([...new Set(alice.network.sent)].toSorted()).toEqual(commands);
  expect([...called].toSorted()).toEqual(methods);
});

type Meddle = (exchange: Exchange) => ReturnType<Exchange["pass"]>;

/** Meddles with the first exchange of each of these commands. */
async function once(meddled: readonly string[], meddle: Meddle): Promise<void> {
  const left = new Set(meddled);
  world.alice.network.rule = (exchange) => (left.delete(exchange.command) ? meddle(exchange) : exchange.pass());
  await everything();
  await world.sim.until(() => left.size === 0);
  await converged();
}

const everyCommand = [...commands, "events_listen"];

describe("every command of a session fails once", () => {
  test.each(Object.entries(connectionErrors))("with %s", (_, make) => once(everyCommand, () => Promise.reject(make())));

  test("with a 503", () => once(everyCommand, async () => answer(503)));

  test("with garbage", () => once(everyCommand, async () => answer(200, { body: Uint8Array.of(0xc1) })));

  test("with an error of the socket", () => once(everyCommand, () => Promise.reject(new Error("hung up"))));

  test("with an error of the SDK itself, which is told", async () => {
    const { alice } = world;
    const told = alice.events.length;
    await once(commands, () => Promise.reject(new TypeError("a bug"))).catch(() => undefined);
    const crashes = alice.events.splice(told).filter(({ type }) => type === "monitor_crashed");
    expect(crashes.length).toBeGreaterThan(0);
    expect(crashes).toMatchObject(crashes.map(() => ({ error: { code: "BUG" } })));
    await converged();
  });
});

describe.each(everyCommand)("%s alone", (command) => {
  test("is lost, then its reply is lost, then it is unreadable", async () => {
    await once([command], () => Promise.reject(new OfflineError("The request is lost")));
    await once([command], async ({ pass }) => {
      (await pass()).discard();
      throw new OfflineError("The reply is lost");
    });
    await once([command], () => Promise.reject(new BadReplyError("garbage")));
  });
});

describe("every call of the storage fails once", () => {
  test.each(Object.entries(storageErrors))("with %s, the first, the second and the fifth of each", async (_, make) => {
    for (const nth of [1, 2, 5]) {
      const calls = new Map<string, number>();
      world.driver.fault = (method) => {
        const count = (calls.get(method) ?? 0) + 1;
        calls.set(method, count);
        return count === nth ? make() : undefined;
      };
      await everything();
      await converged();
    }
  });
});
