import type { Session, Workspace } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDriver, type StorageDriver, StorageError } from "@parsec/storage";
import { DateTime, type VlobId } from "@parsec/types";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { silence } from "../support/scripted-network.ts";
import { has, isClean, online, type SimulatedDevice, type Simulation, simulation } from "../support/simulation.ts";
import { names, pattern, readText } from "../support/two-devices.ts";

// The end of a session and of a workspace: at once, whole, and without noise.

beforeAll(() => ready());

/** Collects what nobody handled. */
function unhandled(): unknown[] {
  const found: unknown[] = [];
  const collect = (reason: unknown) => found.push(reason);
  process.on("unhandledRejection", collect);
  onTestFinished(() => {
    process.off("unhandledRejection", collect);
  });
  return found;
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

test("shortly after login, at any moment: no monitor crashes, nothing is left over", async () => {
  const sim = await simulation();
  const [device, workspace] = await online(sim);
  const { id } = workspace;
  await workspace.writeFile("/f", pattern(3000));
  await device.session.close();
  const lost = unhandled();
  for (let moment = 0; moment < 60; moment += 1) {
    const session = await device.login();
    const opening = session.workspaces.get(id).then(async (opened) => {
      await opened.writeFile("/f", pattern(3000, moment));
      await opened.sync();
    });
    opening.catch(() => undefined);
    await turns(moment);
    await session.close();
    await expect(opening.then(() => session.refresh())).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  }
  await turns(10);
  expect(device.events.filter(({ type }) => type === "monitor_crashed")).toEqual([]);
  expect(lost).toEqual([]);
});

/** A request that is never answered, and that nothing stops. */
const deaf = () => new Promise<never>(() => undefined);

/** Begins everything that waits for somebody else, who never answers. */
async function begin(sim: Simulation, { session, network }: SimulatedDevice, workspace: Workspace, isDeaf: boolean) {
  await workspace.writeFile("/local", pattern(2000));
  await sim.until(() => isClean(workspace));
  await workspace.writeFile("/new", pattern(2000, 2));
  network.rule = (exchange) => (isDeaf ? deaf() : silence(exchange));
  const source = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
  const entries = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
  const begun: Readonly<Record<string, Promise<unknown>>> = {
    sync: workspace.sync(),
    writeFile: workspace.writeFile("/slow", source),
    import: workspace.import(entries, "/"),
    refresh: session.refresh(),
    maintain: session.maintain(),
    share: workspace.share(session.userId, "READER").catch(() => workspace.rotateKey()),
    rename: workspace.rename("Other"),
    usage: session.organization.usage(),
    list: session.invitations.list(),
    invite: session.invitations.inviteUser("new@example.com"),
    usersRevoke: session.users.revoke(
      session.users.list().find(({ id }) => id !== session.userId)?.id ?? session.userId,
    ),
  };
  for (const promise of Object.values(begun)) promise.catch(() => undefined);
  await turns(5);
  return begun;
}

describe.each([false, true])("everybody else is silent (and deaf: %s)", (isDeaf) => {
  test("close() settles within 100 ms, with all that was under way; the device is free", async () => {
    const sim = await simulation();
    const [device, workspace] = await online(sim);
    const lost = unhandled();
    const begun = await begin(sim, device, workspace, isDeaf);
    const closing = device.session.close();
    let isClosed = false;
    void closing.then(() => {
      isClosed = true;
    });
    await turns(5);
    // Whoever does not hear is left alone after a moment.
    sim.clock.advance(isDeaf ? 99 : 0);
    for (const [name, promise] of Object.entries(begun)) {
      await expect(promise, name).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    }
    await turns(20);
    expect(isClosed).toBe(true);
    device.network.rule = ({ pass }) => pass();
    const again = await device.login();
    const same = await again.workspaces.get(workspace.id);
    await sim.until(async () => (await isClean(same)) && again.connectionState.status === "online");
    expect(await names(same)).toContain("new");
    expect(lost).toEqual([]);
  });

  test("close() of a workspace settles at once, and the session goes on", async () => {
    const sim = await simulation();
    const [device, workspace] = await online(sim);
    const { sync, writeFile, refresh, import: importing } = await begin(sim, device, workspace, isDeaf);
    await workspace.close();
    for (const promise of [sync, writeFile, importing]) {
      await expect(promise).rejects.toMatchObject({ code: "WORKSPACE_CLOSED" });
    }
    const answers: unknown[] = [];
    refresh?.catch((error: unknown) => answers.push(error));
    await turns(5);
    expect(answers).toEqual([]);
  });
});

/** A driver of which the databases of workspaces cannot be closed. */
function stubborn(inner: StorageDriver): StorageDriver & { isStubborn: boolean } {
  const driver = {
    isStubborn: false,
    check: () => inner.check(),
    removeDevice: inner.removeDevice.bind(inner),
    openDevice: async (...args: Parameters<StorageDriver["openDevice"]>) => {
      const databases = await inner.openDevice(...args);
      const openWorkspace = async (realmId: VlobId) => {
        const database = await databases.openWorkspace(realmId);
        const close = async () => {
          if (driver.isStubborn) throw new StorageError("STORAGE_UNAVAILABLE", "The disk is out");
          await database.close();
        };
        return new Proxy(database, {
          get: (target, name) => {
            const value: unknown = Reflect.get(target, name);
            if (name === "close") return close;
            return typeof value === "function" ? value.bind(target) : value;
          },
        });
      };
      return {
        certificates: databases.certificates,
        openUser: databases.openUser.bind(databases),
        openWorkspace,
        removeWorkspace: databases.removeWorkspace.bind(databases),
        close: databases.close.bind(databases),
      };
    },
  };
  return driver;
}

test("a step that fails is told in the end, and the others are taken: the device is free", async () => {
  const sim = await simulation();
  const driver = stubborn(memoryDriver());
  const [device, workspace] = await online(sim, "Alicey", 0, { storage: driver });
  const other = await device.session.workspaces.create("Other");
  driver.isStubborn = true;
  await expect(device.session.close()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  await expect(device.session.close()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  driver.isStubborn = false;
  for (const closed of [workspace, other])
    await expect(closed.stat("/")).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  const again = await device.login();
  expect(again.workspaces.list().map(({ name }) => name)).toEqual(["Other", "wksp1"]);
});

/** Every call of a session and of a workspace. */
function calls(session: Session, workspace: Workspace): Readonly<Record<string, () => unknown>> {
  const { users, workspaces, organization, shamirRecovery, invitations, userId, deviceId } = session;
  const token = "0".repeat(32);
  return {
    refresh: () => session.refresh(),
    maintain: () => session.maintain(),
    exportRecoveryDevice: () => session.exportRecoveryDevice("recovery"),
    refetchCertificates: () => session.refetchCertificates(),
    self: () => users.self,
    users: () => users.list(),
    user: () => users.get(userId),
    devicesOf: () => users.devicesOf(userId),
    device: () => users.device(deviceId),
    revoke: () => users.revoke(userId),
    updateProfile: () => users.updateProfile(userId, "ADMIN"),
    create: () => workspaces.create("New"),
    list: () => workspaces.list(),
    info: () => workspaces.info(workspace.id),
    get: () => workspaces.get(workspace.id),
    find: () => workspaces.find("wksp1"),
    refreshList: () => workspaces.refresh(),
    opened: () => workspaces.opened(),
    usage: () => organization.usage(),
    bootstrappedOn: () => organization.bootstrappedOn(),
    frozenUsers: () => organization.frozenUsers(),
    termsOfService: () => organization.termsOfService(),
    recoveryStatus: () => shamirRecovery.status,
    recoveriesForOthers: () => shamirRecovery.forOthers(),
    deleteRecovery: () => shamirRecovery.delete(),
    inviteUser: () => invitations.inviteUser("a@example.com"),
    inviteDevice: () => invitations.inviteDevice(),
    inviteRecovery: () => invitations.inviteRecovery(userId),
    invitations: () => invitations.list(),
    enrollmentLinks: () => session.enrollments.links,
    enrollmentRequests: () => session.enrollments.list(),
    cancel: () => Reflect.apply(invitations.cancel, invitations, [token]),
    greetUser: () => Reflect.apply(invitations.greetUser, invitations, [token]),
    greetDevice: () => Reflect.apply(invitations.greetDevice, invitations, [token]),
    workspaceInfo: () => workspace.info,
    name: () => workspace.name,
    role: () => workspace.role,
    canWrite: () => workspace.canWrite,
    ...workspaceCalls(workspace, session),
  };
}

function workspaceCalls(workspace: Workspace, session: Session): Readonly<Record<string, () => unknown>> {
  return {
    listFiles: () => workspace.list("/").next(),
    stat: () => workspace.stat("/"),
    createFolder: () => workspace.createFolder("/x"),
    createFile: () => workspace.createFile("/y"),
    statById: () => workspace.statById(workspace.id),
    listById: () => workspace.listById(workspace.id).next(),
    find: () => workspace.find("x").next(),
    renameById: () => workspace.renameById(workspace.id, "f", "g"),
    copy: () => workspace.copy("/f", "/g"),
    history: () => workspace.history(),
    isLocal: () => workspace.isLocal("/f"),
    makeLocal: () => workspace.makeLocal("/f"),
    release: () => workspace.release("/f"),
    joinEditingSession: () => workspace.joinEditingSession(workspace.id, { viewKey: "v", editKey: "e" }),
    saveEdited: () => workspace.saveEdited(workspace.id, "x", { channelId: "c", timestamp: DateTime.fromSeconds(1) }),
    verify: () => workspace.verify().next(),
    watch: () => workspace.watch("/f"),
    linkTo: () => workspace.linkTo("/f"),
    openLink: () => workspace.openLink("x"),
    versions: () => workspace.versions("/f").next(),
    removed: () => workspace.removed("/").next(),
    restore: () => workspace.restore("/f", new Date()),
    remove: () => workspace.remove("/f"),
    move: () => workspace.move("/f", "/g"),
    writeFile: () => workspace.writeFile("/f", "x"),
    readFile: () => workspace.readFile("/f"),
    open: () => workspace.open("/f"),
    openById: () => workspace.openById(workspace.id),
    import: () => workspace.import([], "/"),
    purge: () => workspace.purge(),
    sync: () => workspace.sync(),
    pendingUploads: () => workspace.pendingUploads(),
    members: () => workspace.members(),
    share: () => workspace.share(session.userId, "READER"),
    unshare: () => workspace.unshare(session.userId),
    rename: () => workspace.rename("x"),
    rotateKey: () => workspace.rotateKey(),
    archive: () => workspace.archive({ type: "ARCHIVED" }),
    selfPromoteToOwner: () => workspace.selfPromoteToOwner(),
  };
}

async function codeOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return "no error";
  } catch (error) {
    return Reflect.get(Object(error), "code") ?? error;
  }
}

test.each(["auto", "manual"] as const)("after close every call says SESSION_CLOSED (%s)", async (sync) => {
  const sim = await simulation();
  const [device, workspace] = await online(sim, "Alicey", 0);
  const { id } = workspace;
  await workspace.writeFile("/f", "x");
  let session = device.session;
  let same = workspace;
  if (sync === "manual") {
    const manual = await sim.device("Boby", { sync });
    session = manual.session;
    await session.refresh();
    same = await session.workspaces.get(id);
  }
  const sent = device.network.sent.length;
  await session.close();
  const all = calls(session, same);
  const codes: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(all)) codes[name] = await codeOf(call);
  expect(codes).toEqual(Object.fromEntries(Object.keys(all).map((name) => [name, "SESSION_CLOSED"])));
  if (sync === "auto") expect(device.network.sent.length).toBe(sent);
  await session.close();
});

describe("close() of a workspace", () => {
  test("every call says so, and get(id) opens it again", async () => {
    const sim = await simulation();
    const [{ session }, workspace] = await online(sim);
    await workspace.writeFile("/f", "content");
    await workspace.close();
    const all = workspaceCalls(workspace, session);
    const codes: Record<string, unknown> = {};
    for (const [name, call] of Object.entries(all)) codes[name] = await codeOf(call);
    expect(codes).toEqual(Object.fromEntries(Object.keys(all).map((name) => [name, "WORKSPACE_CLOSED"])));
    expect(await session.workspaces.opened()).toEqual([]);

    const again = await session.workspaces.get(workspace.id);
    expect(again).not.toBe(workspace);
    expect(await readText(again, "/f")).toBe("content");
    await sim.until(() => isClean(again));
    const [, there] = await online(sim, "Alicey", 1);
    await there.writeFile("/g", "there");
    await sim.until(() => has(again, "/g"));
    expect(await session.workspaces.get(workspace.id)).toBe(again);
  });

  test("get(id) while it is being closed waits for its storage", async () => {
    const sim = await simulation();
    const [{ session }, workspace] = await online(sim);
    await workspace.writeFile("/f", "content");
    const [, again, too] = await Promise.all([
      workspace.close(),
      session.workspaces.get(workspace.id),
      session.workspaces.get(workspace.id),
    ]);
    expect(too).toBe(again);
    expect(await readText(again, "/f")).toBe("content");
    await again.sync();
  });

  test("no work of a closed workspace is left when the session goes on", async () => {
    const sim = await simulation();
    const [{ session, network }, workspace] = await online(sim);
    await workspace.writeFile("/f", "content");
    await workspace.close();
    const before = network.sent.length;
    await sim.pass(120_000);
    expect(network.sent.length).toBe(before);
    expect(session.connectionState.status).toBe("online");
  });
});

test("retryNow ends every pause", async () => {
  const sim = await simulation();
  const [{ session, network }, workspace] = await online(sim);
  network.goDown();
  await workspace.writeFile("/f", "content");
  await sim.until(() => workspace.syncState.status === "waiting" && session.connectionState.status === "offline");
  await sim.pass(300_000);
  network.comeBack();
  const before = sim.clock.now();
  session.retryNow();
  await sim.until(() => isClean(workspace), { stepMs: 1 });
  expect(sim.clock.now() - before).toBeLessThan(2_000_000);
  await session.close();
  expect(() => session.retryNow()).toThrow(expect.objectContaining({ code: "SESSION_CLOSED" }));
});

test("the first opening of a workspace can be aborted, and is not lost for others", async () => {
  const sim = await simulation();
  const device = await sim.device("Alicey", { sync: "manual" });
  await device.session.refresh();
  const [info] = device.session.workspaces.list();
  if (info === undefined) throw new Error("no workspace");
  device.network.rule = silence;
  const controller = new AbortController();
  const aborted = device.session.workspaces.get(info.id, { signal: controller.signal });
  await turns(5);
  controller.abort(new Error("enough"));
  await expect(aborted).rejects.toThrow("enough");
  const other = device.session.workspaces.get(info.id);
  await device.session.close();
  await expect(other.then((workspace) => workspace.stat("/"))).rejects.toMatchObject({ code: "SESSION_CLOSED" });
});
