import {
  type ClientEvent,
  createParsec,
  type EnrollmentIdentity,
  openBaoIdentity,
  type Parsec,
  type ParsecOptions,
  type Session,
} from "@parsec/client";
import { AuthenticatedConnection, createTransport, type Transport, type TransportRequest } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { memoryDeviceStore } from "@parsec/device";
import { ping, userUpdate } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { DateTime, encode, type LocalDevice } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { events } from "../api-coverage/events.ts";
import { openBaoClientOf } from "../support/openbao-login.ts";
import {
  applyOperations,
  type LoadedOrganization,
  loadDump,
  localDevice,
  readDump,
} from "../support/organization-dump.ts";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";

// Each event that the official clients know, produced over HTTP and heard through the emitter.

const dump = readDump("coolorg.json");
let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true, dev: true });
});
afterAll(() => server.close());

/** An organization of its own for each test, and who listens in it. */
class World {
  readonly organization: LoadedOrganization;
  readonly heard: ClientEvent[] = [];
  #wake = () => {};

  private constructor(organization: LoadedOrganization) {
    this.organization = organization;
  }

  static async start(): Promise<World> {
    return new World(await loadDump(server.url, dump));
  }

  device(label: string): LocalDevice {
    return localDevice(dump, label, this.organization);
  }

  async newParsec(options: ParsecOptions = {}): Promise<Parsec> {
    const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), ...options });
    onTestFinished(async () => {
      for (const session of parsec.sessions()) await session.close();
      await parsec.close();
    });
    return parsec;
  }

  /** A session whose events are heard. */
  async listen(label = "Alicey", options: ParsecOptions = {}): Promise<Session> {
    const parsec = await this.newParsec(options);
    parsec.events.onAny((event) => {
      this.heard.push(event);
      this.#wake();
    });
    return await parsec.login(this.device(label));
  }

  /** Another session, that does what the listening one hears of. */
  async act(label: string): Promise<Session> {
    const parsec = await this.newParsec({ sync: "manual" });
    const session = await parsec.login(this.device(label));
    await session.refresh();
    return session;
  }

  /** Resolves with the first such event, those of before included. */
  async until<E extends ClientEvent>(matches: (event: ClientEvent) => event is E): Promise<E>;
  async until(matches: (event: ClientEvent) => boolean): Promise<ClientEvent>;
  async until(matches: (event: ClientEvent) => boolean): Promise<ClientEvent> {
    for (let seen = 0; ; seen += 1) {
      while (seen >= this.heard.length) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const event = this.heard[seen];
      if (event !== undefined && matches(event)) return event;
    }
  }

  async online(label?: string, options?: ParsecOptions): Promise<Session> {
    const session = await this.listen(label, options);
    await this.until(isConnection("online"));
    return session;
  }
}

const isConnection = (status: string) => (event: ClientEvent) =>
  event.type === "connection" && event.state.status === status;

const isRefused = (reason: string) => (event: ClientEvent) =>
  event.type === "connection" && event.state.status === "refused" && event.state.reason === reason;

const ofType = (type: ClientEvent["type"]) => (event: ClientEvent) => event.type === type;

/** The stream of events, answered by somebody between. */
function streamAnswered(status: number, headers: Readonly<Record<string, string>> = {}): Transport {
  const tamper: Tamper = { status, headers: { "content-type": "application/json", "api-version": "5.5", ...headers } };
  return closedAfter(tamperingTransport({ "": tamper }));
}

/** The real transport, with other headers. */
function withHeaders(headers: Readonly<Record<string, string>>): Transport {
  const transport = createTransport();
  return closedAfter({
    request: (request: TransportRequest, cancellation) => {
      const kept = Object.entries(request.headers).filter(([name]) => headers[name.toLowerCase()] === undefined);
      return transport.request({ ...request, headers: { ...Object.fromEntries(kept), ...headers } }, cancellation);
    },
    close: () => transport.close(),
  });
}

function closedAfter(transport: Transport): Transport {
  onTestFinished(() => transport.close());
  return transport;
}

async function administer(organization: LoadedOrganization, changes: object): Promise<void> {
  const response = await fetch(`${server.url}/administration/organizations/${organization.organizationId}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${server.administrationToken}` },
    body: JSON.stringify(changes),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

async function submitter(world: World): Promise<void> {
  const { deviceStore, ...ports } = { deviceStore: memoryDeviceStore(), storage: memoryDriver() };
  const parsec = await world.newParsec({ deviceStore, ...ports, sync: "manual" });
  const transport = closedAfter(createTransport());
  const client = await openBaoClientOf(server, transport, "zoe@example.com");
  const identity: EnrollmentIdentity = openBaoIdentity({ client, human: { email: "zoe@example.com", label: "Zoe" } });
  const alice = await world.act("Alicey");
  await parsec.enrollments.submit(alice.enrollments.links.link, { deviceLabel: "tablet", identity });
}

/** Both sides of a greeting meet, and the listening greeter gives up. */
async function greet(world: World): Promise<void> {
  const alice = await world.online("Alicey");
  const { token, link } = await alice.invitations.inviteUser("zoe@example.com");
  const parsec = await world.newParsec({ sync: "manual" });
  const invitation = await parsec.openInvitation(link);
  if (invitation.type !== "USER") throw new Error("another type");
  const [claimer, greeter] = await Promise.all([
    invitation.meet({ greeter: alice.userId }),
    alice.invitations.greetUser(token),
  ]);
  await greeter.cancel();
  await claimer.cancel().catch(() => undefined);
}

/** A claimer waits, and nobody greets yet. */
async function knock(world: World): Promise<void> {
  const alice = await world.online("Alicey");
  const { link } = await alice.invitations.inviteUser("zoe@example.com");
  const invitation = await (await world.newParsec({ sync: "manual" })).openInvitation(link);
  if (invitation.type !== "USER") throw new Error("another type");
  const abort = new AbortController();
  const waiting = invitation.meet({ greeter: alice.userId, signal: abort.signal });
  waiting.catch(() => undefined);
  onTestFinished(() => abort.abort());
}

async function workspaceWithFile(world: World): Promise<void> {
  const alice = await world.online("Alicey");
  const workspace = await alice.workspaces.create("Docs");
  await workspace.writeFile("/a.txt", new Uint8Array(600_000));
  await workspace.sync();
}

/** Somebody waits for the next change of a file, and there is one. */
async function watchFile(world: World): Promise<void> {
  const alice = await world.online("Alicey");
  const workspace = await alice.workspaces.create("Docs");
  await workspace.writeFile("/a.txt", "first");
  const next = workspace.watch("/a.txt").next();
  await workspace.writeFile("/a.txt", "second");
  await next;
}

async function freeze(world: World): Promise<void> {
  const bob = await world.online("Boby");
  await applyOperations(world.organization, [{ op: "user_freeze", user_id: bob.userId, frozen: true }]);
}

/** Where the server would say it, the token of the request mostly says it before. */
const drift = {
  status: "timestamp_out_of_ballpark",
  ballparkClientEarlyOffset: 300,
  ballparkClientLateOffset: 320,
  serverTimestamp: DateTime.fromMicros(4_102_444_800_000_000),
  clientTimestamp: DateTime.fromMicros(946_684_800_000_000),
} as const;

interface Production {
  readonly produce: (world: World) => Promise<unknown>;
  readonly matches: (event: ClientEvent) => boolean;
}

const entries = (type: ClientEvent["type"]): Production => ({ produce: workspaceWithFile, matches: ofType(type) });

const productions: Readonly<Record<string, Production>> = {
  AsyncEnrollmentUpdated: {
    produce: async (world) => {
      await world.online();
      await submitter(world);
    },
    matches: ofType("async_enrollment_updated"),
  },
  ClientErrorResponse: {
    produce: (world) => world.listen("Alicey", { transport: streamAnswered(415) }),
    matches: isRefused("BAD_CONTENT"),
  },
  ClientStarted: { produce: (world) => world.listen(), matches: ofType("session_started") },
  ClientStopped: {
    produce: async (world) => (await world.listen()).close(),
    matches: ofType("session_closed"),
  },
  ExpiredOrganization: {
    produce: async (world) => {
      await world.online();
      await administer(world.organization, { is_expired: true });
    },
    matches: isRefused("ORGANIZATION_EXPIRED"),
  },
  FrozenSelfUser: { produce: freeze, matches: isRefused("USER_FROZEN") },
  GreetingAttemptCancelled: { produce: greet, matches: ofType("greeting_attempt_cancelled") },
  GreetingAttemptJoined: { produce: greet, matches: ofType("greeting_attempt_joined") },
  GreetingAttemptReady: { produce: knock, matches: ofType("greeting_attempt_ready") },
  IncompatibleServer: {
    produce: (world) => world.listen("Alicey", { transport: withHeaders({ "api-version": "99.0" }) }),
    matches: (event) =>
      event.type === "connection" && event.state.status === "incompatible" && "supportedVersions" in event.state.error,
  },
  InvalidCertificate: {
    produce: async (world) => {
      const { organizationId: organization_id } = world.organization;
      server.hostile?.add({ kind: "tamper_certificates", organization_id });
      await world.listen();
    },
    matches: ofType("invalid_certificate"),
  },
  InvitationAlreadyUsedOrDeleted: {
    produce: (world) => world.listen("Alicey", { transport: streamAnswered(410) }),
    matches: (event) => event.type === "connection" && hasStatus(event, 410),
  },
  InvitationChanged: {
    produce: async (world) => {
      const alice = await world.online();
      await alice.invitations.inviteUser("zoe@example.com");
    },
    matches: ofType("invitation_changed"),
  },
  MustAcceptTos: {
    produce: async (world) => {
      await applyOperations(world.organization, [
        { op: "organization_update", timestamp: 1, tos: { en: "https://parsec.test/tos" } },
      ]);
      await world.listen();
    },
    matches: isRefused("USER_MUST_ACCEPT_TOS"),
  },
  Offline: {
    produce: (world) => world.listen("Alicey", { transport: streamAnswered(503) }),
    matches: (event) =>
      event.type === "connection" && event.state.status === "offline" && event.state.error?.code === "OFFLINE",
  },
  Online: { produce: (world) => world.listen(), matches: isConnection("online") },
  OrganizationNotFound: {
    produce: async (world) => {
      await fetch(`${server.url}/testbed/organizations/${world.organization.organizationId}`, { method: "DELETE" });
      await world.listen();
    },
    matches: isRefused("ORGANIZATION_NOT_FOUND"),
  },
  Ping: {
    produce: async (world) => {
      await world.online();
      const { organizationId, rootVerifyKey, deviceId, signingKey, serverUrl } = world.device("Boby");
      const address = { ...serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
      const transport = closedAfter(createTransport());
      const connection = new AuthenticatedConnection({ address, deviceId, signingKey, transport });
      await connection.send(ping, { ping: "hello" });
    },
    matches: (event) => event.type === "server_ping" && event.ping === "hello",
  },
  RevokedSelfUser: {
    produce: async (world) => {
      const bob = await world.online("Boby");
      await (await world.act("Alicey")).users.revoke(bob.userId);
    },
    matches: isRefused("USER_REVOKED"),
  },
  ServerConfigChanged: {
    produce: async (world) => {
      await administer(world.organization, { active_users_limit: 42 });
      await world.online();
    },
    matches: (event) => event.type === "organization_config" && event.config.activeUsersLimit === 42,
  },
  ServerInvalidResponseContent: {
    produce: (world) => world.listen("Alicey", { transport: streamAnswered(200, { "content-type": "text/html" }) }),
    matches: isRefused("BAD_REPLY"),
  },
  ServerInvalidResponseStatus: {
    produce: (world) => world.listen("Alicey", { transport: streamAnswered(418) }),
    matches: (event) => isRefused("UNEXPECTED_STATUS")(event) && hasStatus(event, 418),
  },
  TooMuchDriftWithServerClock: {
    produce: async (world) => {
      const transport = closedAfter(tamperingTransport({ user_update: () => encode(userUpdate.reply, drift) }));
      const alice = await world.online("Alicey", { transport });
      await alice.users.updateProfile(world.device("Boby").userId, "ADMIN").catch(() => undefined);
    },
    matches: (event) => event.type === "clock_drift" && event.error.serverTimestamp === drift.serverTimestamp,
  },
  WebClientNotAllowedByOrganization: {
    produce: async (world) => {
      await administer(world.organization, { allowed_client_agent: "NATIVE_ONLY" });
      await world.listen("Alicey", { transport: withHeaders({ "user-agent": "Mozilla/5.0" }) });
    },
    matches: isRefused("WEB_CLIENT_NOT_ALLOWED"),
  },
  WorkspaceLocallyCreated: entries("workspace_created_locally"),
  WorkspaceOpsInboundSyncDone: {
    produce: async (world) => {
      const bob = await world.online("Boby");
      await world.until(ofType("workspaces_changed"));
      await (await bob.workspaces.find("wksp1"))[0]?.sync();
      const [shared] = await (await world.act("Alicey")).workspaces.find("wksp1");
      await shared?.createFolder("/by alice");
      await shared?.sync();
    },
    matches: ofType("inbound_sync_done"),
  },
  WorkspaceOpsOutboundSyncAborted: {
    produce: async (world) => {
      server.hostile?.add({
        kind: "http_status",
        status: 503,
        count: 1,
        organization_id: world.organization.organizationId,
        match: { command: "vlob_create" },
      });
      await workspaceWithFile(world);
    },
    matches: ofType("outbound_sync_aborted"),
  },
  WorkspaceOpsOutboundSyncDone: entries("outbound_sync_done"),
  WorkspaceOpsOutboundSyncProgress: {
    produce: workspaceWithFile,
    matches: (event) => event.type === "sync_progress" && event.blocks === 2 && event.blocksize === 524_288,
  },
  WorkspaceOpsOutboundSyncStarted: entries("outbound_sync_started"),
  WorkspaceWatchedEntryChanged: { produce: watchFile, matches: ofType("watched_entry_changed") },
  WorkspacesSelfListChanged: { produce: (world) => world.online(), matches: ofType("workspaces_changed") },
};

function hasStatus(event: ClientEvent, status: number): boolean {
  return (
    event.type === "connection" && "error" in event.state && Reflect.get(event.state.error ?? {}, "status") === status
  );
}

describe("every event of the reference that we have", () => {
  test("is in the table", () => {
    const ours = Object.entries(events).flatMap(([name, event]) => ("missing" in event ? [] : [name]));
    expect(Object.keys(productions)).toEqual(ours);
  });

  test.each(Object.entries(productions))("%s", async (name, { produce, matches }) => {
    const world = await World.start();
    await produce(world);
    const event = await world.until(matches);
    const expected = events[name];
    expect(event.type).toBe(expected !== undefined && "type" in expected ? expected.type : undefined);
  });
});
