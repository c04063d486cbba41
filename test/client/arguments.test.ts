import * as client from "@parsec/client";
import { createParsec, type Parsec, type Session } from "@parsec/client";
import { KeyDerivation, ready, SecretKey } from "@parsec/crypto";
import { keyring, memoryDeviceStore, memoryKeyring } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  expectArgumentsChecked,
  expectFieldChecked,
  options,
  type Parameter,
  parameter,
} from "../support/bad-arguments.ts";
import { newLocalDevice } from "../support/local-device.ts";

let server: RunningServer;
let link: string;
let parsec: Parsec;
let alice: Session;

const protection = keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
const newDevice = { deviceLabel: "laptop", protection };
const person = { ...newDevice, human: { email: "alice@example.com", label: "Alice" } };

beforeAll(async () => {
  await ready();
  server = await startServer({ dev: true });
  link = await server.createOrganization("Arguments");
  parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
  alice = await parsec.bootstrap(link, person);
});
afterAll(async () => {
  await alice.close();
  await parsec.close();
  await server.close();
});

function methodOf(object: object, name: string): (...parameters: readonly unknown[]) => unknown {
  const found: unknown = Reflect.get(object, name);
  if (typeof found !== "function") throw new Error(`${name} is no method`);
  return (...parameters) => Reflect.apply(found, object, parameters);
}

/** The public methods of an object, and whether each gives a promise. */
function methodsOf(object: object): readonly string[] {
  const members = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object));
  return Object.entries(members)
    .flatMap(([name, { value }]) => (typeof value === "function" && name !== "constructor" ? [name] : []))
    .sort();
}

test("createParsec", async () => {
  await expectArgumentsChecked("async", methodOf(client, "createParsec"), [parameter("optional", "options", {})]);
  const given = { deviceStore: memoryDeviceStore(), storage: memoryDriver() };
  for (const name of ["deviceStore", "storage", "transport", "clock", "random"]) {
    for (const bad of [null, 5, "x", [], {}]) {
      const attempt = methodOf(client, "createParsec")({ ...given, [name]: bad });
      await expect(attempt, name).rejects.toMatchObject({ code: "INVALID_ARGUMENT", argument: name });
    }
  }
  for (const [name, bad] of Object.entries({
    dir: "",
    diagnostics: "x",
    blockCacheBytes: Number.NaN,
    sync: "sometimes",
    preventSyncPatterns: [5],
    lostAndFoundName: "a/b",
  })) {
    await expect(methodOf(client, "createParsec")({ ...given, [name]: bad })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      argument: expect.stringContaining(name),
    });
  }
});

test("the methods of Parsec", async () => {
  const vault = ["listRegistrationDevices", "fetchRegistrationDevice", "uploadRegistrationDevice"];
  const account = { vault: Object.fromEntries(vault.map((name) => [name, () => undefined])) };
  const user = { organizationId: "Acme", userId: "0".repeat(32) };
  const stored = parameter("object", "device", { deviceId: "0".repeat(32), path: "x", totpOpaqueKeyId: null });
  const given = (name: string) => parameter("object", name, protection);
  const totpKey = { opaqueKeyId: "0".repeat(32), key: SecretKey.generate() };
  const table: Readonly<Record<string, readonly Parameter[]>> = {
    accounts: [],
    addTotp: [stored, given("protection"), parameter("object", "totp", totpKey), options],
    archiveDevice: [stored],
    bootstrap: [parameter("link", "address", link), parameter("object", "(options|deviceLabel)", person)],
    changeProtection: [stored, given("current"), given("next"), options],
    close: [],
    deviceFromAccount: [
      parameter("object", "account", account),
      parameter("object", "user", user),
      parameter("object", "(options|deviceLabel)", newDevice),
    ],
    devices: [],
    fetchTotpKey: [stored, options].slice(0, 1),
    logInToAccount: [
      parameter("link", "address", server.url),
      parameter("object", "credentials(.password)?", { masterSecret: KeyDerivation.generate() }),
      options,
    ],
    login: [parameter("deviceOrId", "device", "0".repeat(32)), parameter("object", "protection", protection), options],
    openInvitation: [parameter("link", "address", link), options],
    openRealmExport: [],
    openTotpReset: [],
    overwriteServerAddress: [
      stored,
      given("protection"),
      parameter("link", "address", "parsec3://x.example.com"),
      options,
    ],
    recover: [
      parameter("bytes", "file", new Uint8Array(3)),
      parameter("text", "passphrase", "p"),
      parameter("object", "(options|deviceLabel)", newDevice),
    ],
    protectDevice: [
      parameter("object", "device", { path: "x" }),
      parameter("object", "protection", protection),
      options,
    ],
    refusedDevices: [],
    removeDevice: [
      parameter("object", "device", { deviceId: "0".repeat(32), path: "x" }),
      parameter("optional", "options", {}),
    ],
    removeDeviceData: [stored],
    removeTotp: [stored, given("protection"), options],
    sessions: [],
    serverConfig: [parameter("link", "address", server.url), options],
    unconfirmedDevices: [],
    waitAvailable: [parameter("filledText", "deviceId", "0".repeat(32)), options],
  };
  expect(methodsOf(parsec)).toEqual(Object.keys(table).sort());
  for (const [name, parameters] of Object.entries(table)) {
    const how = ["accounts", "sessions"].includes(name) ? "sync" : "async";
    await expectArgumentsChecked(how, methodOf(parsec, name), parameters);
  }
  await expectArgumentsChecked("sync", methodOf(parsec, "openTotpReset"), [parameter("link", "address", "x")]);
  for (const [name, kind] of [
    ["human", "object"],
    ["human.email", "text"],
    ["human.label", "text"],
    ["deviceLabel", "text"],
    ["protection", "object"],
  ] as const) {
    await expectFieldChecked(methodOf(parsec, "bootstrap"), [link, person], 1, { name, kind });
  }
  const loggedIn = (given: unknown) => methodOf(parsec, "login")(newLocalDevice(), given);
  await expectArgumentsChecked("async", loggedIn, [options]);
});

const never = () => undefined;

test("the enrollments of Parsec, and the identities", async () => {
  const { enrollments } = parsec;
  const serverUrl = { kind: "server", hostname: "localhost", port: null, useSsl: true };
  const reference = { serverUrl, organizationId: "Acme", enrollmentId: "0".repeat(32) };
  const pending = parameter("object", "enrollment", { ...reference, path: "async_enrollments/x.pending" });
  const identity = { humanHandle: never, sign: never, verify: never };
  const address = "parsec3://x.example.com/Acme?a=async_enrollment";
  const table: Readonly<Record<string, readonly Parameter[]>> = {
    cancel: [pending, options],
    complete: [pending, parameter("object", "identity", identity), options],
    forget: [pending],
    list: [],
    status: [parameter("object", "enrollment", reference), options],
    submit: [
      parameter("link", "address", address),
      parameter("object", "(request|deviceLabel)", { deviceLabel: "tablet", identity }),
      options,
    ],
  };
  expect(methodsOf(enrollments)).toEqual(Object.keys(table).sort());
  for (const [name, parameters] of Object.entries(table)) {
    await expectArgumentsChecked("async", methodOf(enrollments, name), parameters);
  }
  const submit = (given: object) =>
    methodOf(enrollments, "submit")(address, { deviceLabel: "tablet", identity, ...given });
  await expect(submit({ replace: 1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT", argument: "replace" });
  await expect(submit({ identity: {} })).rejects.toMatchObject({ code: "INVALID_ARGUMENT", argument: "identity" });

  const key = { certificate: new Uint8Array(3), decrypt: never, sign: never, close: never };
  const certified = { signingKey: key, roots: [] };
  for (const [given, argument] of [
    [undefined, "options"],
    [{ ...certified, signingKey: {} }, "options.signingKey"],
    [{ ...certified, signingKey: { ...key, certificate: 5 } }, "options.signingKey.certificate"],
    [{ ...certified, encryptionKey: {} }, "options.encryptionKey"],
    [{ ...certified, roots: 5 }, "options.roots"],
    [{ ...certified, intermediates: ["x"] }, "options.intermediates[0]"],
    [{ ...certified, revocationLists: {} }, "options.revocationLists"],
  ] as const) {
    expect(() => methodOf(client, "x509Identity")(given)).toThrowError(
      expect.objectContaining({ code: "INVALID_ARGUMENT", argument }),
    );
  }
  const openBao = { sign: never, verify: never, uploadKey: never, fetchKey: never, entityId: "e" };
  for (const [given, argument] of [
    [undefined, "options"],
    [{ client: {} }, "options.client"],
    [{ client: openBao, preferredAuthId: 5 }, "options.preferredAuthId"],
    [{ client: openBao, human: { email: 5, label: "x" } }, "human.email"],
  ] as const) {
    expect(() => methodOf(client, "openBaoIdentity")(given)).toThrowError(
      expect.objectContaining({ code: "INVALID_ARGUMENT", argument }),
    );
  }
});

const id = (name: string) => parameter("id", name, "0".repeat(32));
const account = parameter("object", "account", {
  vault: { listRegistrationDevices: never, fetchRegistrationDevice: never, uploadRegistrationDevice: never },
});

/** The session and its areas, method by method. */
const areas: Readonly<
  Record<
    string,
    { readonly of: (session: Session) => object; readonly methods: Readonly<Record<string, readonly Parameter[]>> }
  >
> = {
  session: {
    of: (session) => session,
    methods: {
      close: [],
      confirmRecoveryDevice: [
        parameter("bytes", "bytes", new Uint8Array(3)),
        parameter("text", "passphrase", "p"),
        options,
      ],
      createRegistrationDevice: [account, options],
      exportRecoveryDevice: [parameter("text", "deviceLabel", "recovery"), options],
      maintain: [options],
      refetchCertificates: [options],
      refresh: [options],
      retryNow: [],
    },
  },
  users: {
    of: ({ users }) => users,
    methods: {
      device: [id("id")],
      devicesOf: [id("id")],
      get: [id("id")],
      list: [parameter("optional", "options", {})],
      revoke: [id("id"), options],
      updateProfile: [id("id"), parameter("object", "profile", "ADMIN"), options],
    },
  },
  organization: {
    of: ({ organization }) => organization,
    methods: {
      acceptTermsOfService: [parameter("object", "terms", { updatedOn: 1 }), options],
      bootstrappedOn: [options],
      frozenUsers: [options],
      termsOfService: [options],
      usage: [options],
    },
  },
  invitations: {
    of: ({ invitations }) => invitations,
    methods: {
      cancel: [id("token"), options],
      greetDevice: [id("token"), options],
      greetRecovery: [id("token"), options],
      greetUser: [id("token"), options],
      inviteDevice: [options],
      inviteRecovery: [id("claimerUserId"), options],
      inviteUser: [parameter("text", "email", "bob@example.com"), options],
      list: [options],
    },
  },
  enrollments: {
    of: ({ enrollments }) => enrollments,
    methods: { list: [options] },
  },
  shamirRecovery: {
    of: ({ shamirRecovery }) => shamirRecovery,
    methods: {
      delete: [options],
      forOthers: [],
      setUp: [
        parameter("object", "(request|sharesByRecipient)", { sharesByRecipient: new Map(), threshold: 1 }),
        options,
      ],
    },
  },
  totp: {
    of: ({ totp }) => totp,
    methods: { confirm: [parameter("filledText", "code", "123456"), options], createKey: [options], status: [options] },
  },
  workspaces: {
    of: ({ workspaces }) => workspaces,
    methods: {
      create: [parameter("text", "name", "Docs"), options],
      find: [parameter("text", "name", "Docs")],
      get: [id("id")],
      info: [id("id")],
      list: [],
      refresh: [options],
    },
  },
};

/** For the session itself. */
const internal = ["opened", "storeOpenFiles", "close"];
const synchronous = ["device", "devicesOf", "get", "list", "info", "forOthers", "retryNow"];
const isSynchronous = (area: string, method: string) =>
  synchronous.includes(method) &&
  !["invitations", "enrollments"].includes(area) &&
  !(area === "workspaces" && method === "get");

describe.each(Object.entries(areas))("%s", (area, { of, methods }) => {
  test("has every method in the table", () => {
    const known = methodsOf(of(alice)).filter((name) => area !== "workspaces" || !internal.includes(name));
    expect(known).toEqual(Object.keys(methods).sort());
  });

  test.each(Object.keys(methods))("%s checks its arguments", async (name) => {
    const how = isSynchronous(area, name) ? "sync" : "async";
    await expectArgumentsChecked(how, methodOf(of(alice), name), methods[name] ?? []);
  });
});

describe("a workspace", () => {
  const path = parameter("text", "path", "/a");
  const tables: Readonly<Record<string, readonly Parameter[]>> = {
    copy: [parameter("text", "from", "/a"), parameter("text", "to", "/b")],
    createFile: [path],
    createFolder: [path],
    isLocal: [path],
    linkTo: [path],
    makeLocal: [path],
    move: [parameter("text", "from", "/a"), parameter("text", "to", "/b")],
    open: [path],
    readFile: [path],
    release: [path],
    remove: [path],
    rename: [parameter("text", "name", "Docs")],
    stat: [path],
  };

  test.each(Object.keys(tables))("%s checks its arguments", async (name) => {
    const workspace = await alice.workspaces.create("Arguments");
    await expectArgumentsChecked("async", methodOf(workspace, name), tables[name] ?? []);
  });

  test.each([5, null, "x", {}])("a signal that is %j is refused by what waits", async (signal) => {
    const workspace = await alice.workspaces.create("Signals");
    const sync = methodOf(workspace, "sync");
    await expect(sync.call(workspace, { signal })).rejects.toMatchObject({ argument: "signal" });
  });
});

test("after close every call says SESSION_CLOSED", async () => {
  const address = await server.createOrganization("Closed");
  const session = await parsec.bootstrap(address, person);
  await session.close();
  for (const [area, { of, methods }] of Object.entries(areas)) {
    for (const [name, parameters] of Object.entries(methods)) {
      if (name === "close") continue;
      const given = parameters.map(({ value }) => value);
      const attempt = async () => methodOf(of(session), name)(...given);
      await expect(attempt(), `${area}.${name}`).rejects.toMatchObject({ code: "SESSION_CLOSED" });
    }
  }
  expect(() => session.users.self).toThrow(expect.objectContaining({ code: "SESSION_CLOSED" }));
  expect(() => session.shamirRecovery.status).toThrow(expect.objectContaining({ code: "SESSION_CLOSED" }));
  await session.close();
});

test.each([
  ["a share that is no number", { sharesByRecipient: new Map([["0".repeat(32), Number.NaN]]), threshold: 1 }],
  ["no share", { sharesByRecipient: new Map([["0".repeat(32), 0]]), threshold: 1 }],
  ["a recipient that is no id", { sharesByRecipient: new Map([["bob", 1]]), threshold: 1 }],
])("a recovery setup with %s", async (_what, request) => {
  await expect(methodOf(alice.shamirRecovery, "setUp")(request)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    argument: "sharesByRecipient",
  });
});

test.each([0, -1, 0.5, Number.NaN, "2", undefined])("a threshold of %s", async (threshold) => {
  const request = { sharesByRecipient: new Map([["0".repeat(32), 1]]), threshold };
  await expect(methodOf(alice.shamirRecovery, "setUp")(request)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    argument: "threshold",
  });
});
