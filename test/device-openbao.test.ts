import { inspect } from "node:util";
import { toBase64, utf8 } from "@parsec/base";
import { AnonymousServerConnection, createTransport } from "@parsec/connection";
import { ready, SecretKey } from "@parsec/crypto";
import {
  changeProtection,
  finishOpenBaoLogin,
  keyring,
  listDevices,
  loadDevice,
  memoryDeviceStore,
  memoryKeyring,
  OpenBaoClient,
  type OpenBaoLogin,
  openBao,
  openBaoKeys,
  saveDevice,
  startOpenBaoLogin,
} from "@parsec/device";
import { serverConfig } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { parseAddress } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newDevice } from "../packages/device/test/support/devices.ts";

// Single sign-on from the server's configuration to an unlocked device, against the OpenBao of the testbed.

const redirectUri = "https://app.example.com/oidc/callback";
const transport = createTransport();
let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
beforeEach(() => control("/testbed/reset", {}));
afterAll(async () => {
  await transport.close();
  await server.close();
});

async function control(path: string, body: object): Promise<void> {
  const response = await fetch(`${server.url}${path}`, { method: "POST", body: JSON.stringify(body) });
  expect(response.status).toBe(200);
}

const refuse = (outcome: "SEALED" | "TOKEN_EXPIRED", count: number) =>
  control("/testbed/faults", { kind: "openbao", outcome, count });

/** What the server tells its clients about OpenBao. */
async function settings() {
  const connection = new AnonymousServerConnection({ transport, address: parseAddress("server", server.address) });
  const reply = await connection.send(serverConfig, {});
  if (reply.status !== "ok" || reply.openbao.type !== "ENABLED") throw new Error("no OpenBao");
  const { serverUrl, secret, transitMountPath, auths } = reply.openbao;
  const [auth] = auths;
  if (auth === undefined) throw new Error("no way to log in");
  return { serverUrl, secretMountPath: secret.mountPath, transitMountPath, auth };
}

/** What a person does on the page of the identity provider: gives the address that it redirects to. */
async function signIn(page: string, email: string): Promise<URL> {
  const response = await fetch(`${page}&discriminant=${encodeURIComponent(email)}`, { redirect: "manual" });
  return new URL(response.headers.get("location") ?? "");
}

async function logIn(email = "alice@example.com") {
  const { auth, ...service } = await settings();
  const options = { transport, serverUrl: service.serverUrl, authMountPath: auth.mountPath };
  const landed = await signIn(await startOpenBaoLogin(options, redirectUri), email);
  const [code, state] = [landed.searchParams.get("code"), landed.searchParams.get("state")];
  if (code === null || state === null) throw new Error("the page gave no code");
  return withLogin(await finishOpenBaoLogin(options, { code, state }));
}

async function withLogin({ token, entityId }: OpenBaoLogin) {
  const { auth, ...service } = await settings();
  const client = new OpenBaoClient({ transport, ...service, token, entityId });
  const protection = openBao({ keys: openBaoKeys(client), entityId, preferredAuthId: auth.id });
  return { client, protection, preferredAuthId: auth.id, login: { token, entityId } };
}

describe("login", () => {
  test("the page comes back to the application, and the same person is the same entity", async () => {
    const { serverUrl, auth } = await settings();
    expect(auth).toEqual({ id: "HEXAGONE", mountPath: "auth/hexagone" });
    const options = { transport, serverUrl, authMountPath: auth.mountPath };
    const landed = await signIn(await startOpenBaoLogin(options, redirectUri), "alice@example.com");
    expect(landed.href.startsWith(`${redirectUri}?`)).toBe(true);
    const [first, again, other] = [await logIn(), await logIn(), await logIn("bob@example.com")];
    expect(first.login.entityId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(again.login).toEqual(first.login);
    expect(other.login.entityId).not.toBe(first.login.entityId);
  });

  test("who is refused on the page gets no code", async () => {
    const { serverUrl, auth } = await settings();
    const page = await startOpenBaoLogin({ transport, serverUrl, authMountPath: auth.mountPath }, redirectUri);
    const response = await fetch(`${page}&expect=ko`, { redirect: "manual" });
    expect(response.status).toBe(403);
    expect(response.headers.get("location")).toBeNull();
  });

  test("a way to log in that OpenBao does not have, a sealed OpenBao, and nobody there", async () => {
    const { serverUrl, auth } = await settings();
    const known = { transport, serverUrl, authMountPath: auth.mountPath };
    const answer = { code: "code", state: "state" };
    const elsewhere = { ...known, serverUrl: `${server.url}/nowhere` };
    await expect(startOpenBaoLogin(elsewhere, redirectUri)).rejects.toMatchObject({ code: "OPENBAO_BAD_RESPONSE" });
    await refuse("SEALED", 2);
    await expect(startOpenBaoLogin(known, redirectUri)).rejects.toMatchObject({ code: "OPENBAO_NO_RESPONSE" });
    await expect(finishOpenBaoLogin(known, answer)).rejects.toMatchObject({ code: "OPENBAO_NO_RESPONSE" });
    const silent = { ...known, serverUrl: "http://127.0.0.1:9" };
    await expect(startOpenBaoLogin(silent, redirectUri)).rejects.toMatchObject({ code: "OPENBAO_NO_RESPONSE" });
  });
});

describe("a device that OpenBao protects", () => {
  test("is saved and loaded, also by another login of the same person", async () => {
    const { protection, preferredAuthId, login } = await logIn();
    const store = memoryDeviceStore();
    const device = newDevice();
    const { path } = await saveDevice(store, device, protection);
    const shown = { type: "openbao", preferredAuthId, entityId: login.entityId };
    expect(await listDevices(store)).toMatchObject([{ path, protection: shown }]);
    expect(await loadDevice(store, path, protection)).toEqual(device);
    expect(await loadDevice(store, path, (await logIn()).protection)).toEqual(device);
  });

  test("changes to the keyring and back, with a new secret", async () => {
    const { protection } = await logIn();
    const local = keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });
    const store = memoryDeviceStore();
    const device = newDevice();
    const { path } = await saveDevice(store, device, protection);
    const before = await store.read(path);
    await changeProtection(store, path, protection, local);
    await expect(loadDevice(store, path, protection)).rejects.toMatchObject({ code: "BAD_ACCESS_STRATEGY" });
    await changeProtection(store, path, local, protection);
    expect(await loadDevice(store, path, protection)).toEqual(device);
    expect(await store.read(path)).not.toEqual(before);
  });

  test("opens for no other person", async () => {
    const store = memoryDeviceStore();
    const { path } = await saveDevice(store, newDevice(), (await logIn()).protection);
    const bob = await logIn("bob@example.com");
    await expect(loadDevice(store, path, bob.protection)).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_FETCH_FAILED",
      server: "OPENBAO",
    });
  });
});

describe.each([
  { name: "sealed", outcome: "SEALED", kind: "OFFLINE", cause: "OPENBAO_NO_RESPONSE" },
  { name: "an expired token", outcome: "TOKEN_EXPIRED", kind: "FAILED", cause: "OPENBAO_PERMISSION_DENIED" },
] as const)("$name", ({ outcome, kind, cause }) => {
  test("a load and a save say so; afterwards both work", async () => {
    const { protection, login } = await logIn();
    const store = memoryDeviceStore();
    const device = newDevice();
    const { path } = await saveDevice(store, device, protection);
    const before = await store.read(path);
    await refuse(outcome, 3);
    const fetched = { code: `REMOTE_OPAQUE_KEY_FETCH_${kind}`, server: "OPENBAO", cause: { code: cause } };
    const uploaded = { code: `REMOTE_OPAQUE_KEY_UPLOAD_${kind}`, server: "OPENBAO", cause: { code: cause } };
    const error: unknown = await loadDevice(store, path, protection).catch((caught: unknown) => caught);
    expect(error).toMatchObject(fetched);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(login.token);
    await expect(changeProtection(store, path, protection, protection)).rejects.toMatchObject(fetched);
    await expect(saveDevice(store, device, protection)).rejects.toMatchObject(uploaded);
    expect(await store.read(path)).toEqual(before);
    expect(await store.list("devices", "keys")).toEqual([path]);
    expect(await loadDevice(store, path, (await logIn()).protection)).toEqual(device);
    await saveDevice(store, device, protection);
  });
});

describe("permission denied", () => {
  test("a token that OpenBao did not give", async () => {
    const { login } = await logIn();
    const { client, protection } = await withLogin({ ...login, token: "forged" });
    await expect(client.fetchKey("x")).rejects.toMatchObject({ code: "OPENBAO_PERMISSION_DENIED" });
    await expect(saveDevice(memoryDeviceStore(), newDevice(), protection)).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_UPLOAD_FAILED",
      cause: { code: "OPENBAO_PERMISSION_DENIED" },
    });
  });

  test("to sign as somebody else", async () => {
    const [alice, bob] = [await logIn(), await logIn("bob@example.com")];
    const { client } = await withLogin({ token: bob.login.token, entityId: alice.login.entityId });
    await expect(client.sign(utf8("payload"))).rejects.toMatchObject({ code: "OPENBAO_PERMISSION_DENIED" });
  });
});

describe("keys and signatures", () => {
  test("a key comes back as it went; a path without one is a bad answer", async () => {
    const { client, login } = await logIn();
    const key = SecretKey.generate();
    const path = await client.uploadKey(key);
    expect(path).toMatch(new RegExp(`^${login.entityId}/[0-9a-f]{32}$`));
    expect(toBase64((await client.fetchKey(path)).toBytes())).toBe(toBase64(key.toBytes()));
    await expect(client.fetchKey(`${path}0`)).rejects.toMatchObject({ code: "OPENBAO_BAD_RESPONSE" });
  });

  test("what one entity signs another verifies, with the author's e-mail address", async () => {
    const [alice, bob] = [await logIn(), await logIn("bob@example.com")];
    const author = alice.login.entityId;
    const payload = utf8("payload");
    const bad = { code: "OPENBAO_BAD_SIGNATURE" };
    await expect(bob.client.verify(payload, "vault:v1:AAAA", author)).rejects.toMatchObject(bad);
    const signature = await alice.client.sign(payload);
    expect(signature).toMatch(/^vault:v1:/);
    const expectedEmail = `${author}@example.invalid`;
    expect(await bob.client.listEmails(author)).toEqual([expectedEmail]);
    await bob.client.verify(payload, signature, author, { expectedEmail });
    await expect(bob.client.verify(utf8("other"), signature, author)).rejects.toMatchObject(bad);
    const unexpected = bob.client.verify(payload, signature, author, { expectedEmail: "mallory@example.com" });
    await expect(unexpected).rejects.toMatchObject({ code: "OPENBAO_UNEXPECTED_AUTHOR" });
  });
});
