import { utf8 } from "@parsec/base";
import { createTransport } from "@parsec/connection";
import { SecretKey } from "@parsec/crypto";
import { afterAll, describe, expect, test } from "vitest";
import {
  finishOpenBaoLogin,
  loadDevice,
  memoryDeviceStore,
  OpenBaoClient,
  openBao,
  openBaoKeys,
  saveDevice,
  startOpenBaoLogin,
} from "../../src/index.ts";
import { openBaoUrl } from "../../src/openbao/http.ts";
import { newDevice } from "../support/devices.ts";
import { type FakeOpenBao, startFakeOpenBao } from "../support/fake-openbao.ts";
import { vectors } from "../support/vectors.ts";

const transport = createTransport();
afterAll(() => transport.close());

function clientOf(bao: FakeOpenBao, token = "token", entityId = "entity-1"): OpenBaoClient {
  return new OpenBaoClient({ transport, serverUrl: bao.url, token, entityId, secretMountPath: "secret" });
}

async function start(prefix?: string) {
  const bao = await startFakeOpenBao(prefix);
  bao.tokens.set("token", "entity-1");
  bao.tokens.set("other", "entity-2");
  const protect = (client: OpenBaoClient) =>
    openBao({ keys: openBaoKeys(client), entityId: client.entityId, preferredAuthId: "HEXAGONE" });
  const client = clientOf(bao);
  return { bao, client, protection: protect(client), protect };
}

describe("the key of a device", () => {
  test("is stored under the entity, a new one at each save, and opens the device", async () => {
    const { bao, protection } = await start("/some/base/");
    const store = memoryDeviceStore();
    const device = newDevice();
    const { path, protection: shown } = await saveDevice(store, device, protection);
    expect(shown).toEqual({ type: "openbao", preferredAuthId: "HEXAGONE", entityId: "entity-1" });
    expect(await loadDevice(store, path, protection)).toMatchObject({ deviceId: device.deviceId });
    await saveDevice(store, device, protection);
    expect([...bao.secrets.keys()]).toEqual([
      expect.stringMatching(/^entity-1\/[0-9a-f]{32}$/),
      expect.stringMatching(/^entity-1\/[0-9a-f]{32}$/),
    ]);
    expect(bao.requests[0]).toMatch(/^POST \/some\/base\/v1\/secret\/data\/entity-1%2F[0-9a-f]{32}$/);
  });

  test("the request of the vectors", () => {
    const vector = vectors.derived_device_files.find(({ id }) => id === "openbao");
    const [, , , path = ""] = /^(\/v1\/)([^/]+)\/data\/(.*)$/.exec(vector?.primary.fetch?.path ?? "") ?? [];
    const url = openBaoUrl("https://bao.example.com", ["secret", "data", decodeURIComponent(path)]);
    expect(url.pathname).toBe(vector?.primary.fetch?.path);
  });

  test.each([
    ["an expired token", (bao: FakeOpenBao) => bao.tokens.clear(), "FAILED"],
    ["a sealed service", (bao: FakeOpenBao) => (bao.answer = { status: 503, body: '{"sealed":true}' }), "OFFLINE"],
    ["garbage", (bao: FakeOpenBao) => (bao.answer = { status: 200, body: "<html>" }), "FAILED"],
    [
      "a secret that is no key",
      (bao: FakeOpenBao) => (bao.answer = { status: 200, body: '{"data":{"data":{"opaque_key":"AAAA"}}}' }),
      "FAILED",
    ],
    ["a redirection", (bao: FakeOpenBao) => (bao.answer = { status: 302, body: "" }), "FAILED"],
  ] as const)("%s", async (_, spoil, outcome) => {
    const { bao, protection } = await start();
    const store = memoryDeviceStore();
    const { path } = await saveDevice(store, newDevice(), protection);
    spoil(bao);
    const error = { server: "OPENBAO", code: `REMOTE_OPAQUE_KEY_FETCH_${outcome}` };
    await expect(loadDevice(store, path, protection)).rejects.toMatchObject(error);
  });

  test("a sealed service at a save: nothing is written", async () => {
    const { bao, protection } = await start();
    bao.answer = { status: 503, body: "" };
    const store = memoryDeviceStore();
    await expect(saveDevice(store, newDevice(), protection)).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_UPLOAD_OFFLINE",
    });
    expect(await store.list("devices", "keys")).toEqual([]);
  });

  test("a service that answers with another secret than it was given: nothing is written", async () => {
    const { bao, protection } = await start();
    const other = Buffer.alloc(SecretKey.size, 7).toString("base64");
    bao.answer = { status: 200, body: JSON.stringify({ data: { data: { opaque_key: other } } }) };
    const store = memoryDeviceStore();
    await expect(saveDevice(store, newDevice(), protection)).rejects.toMatchObject({
      code: "REMOTE_OPAQUE_KEY_UPLOAD_FAILED",
    });
    expect(await store.list("devices", "keys")).toEqual([]);
  });

  test("another entity cannot read it", async () => {
    const { bao, protection, protect } = await start();
    const store = memoryDeviceStore();
    const { path } = await saveDevice(store, newDevice(), protection);
    const stranger = protect(clientOf(bao, "other", "entity-2"));
    await expect(loadDevice(store, path, stranger)).rejects.toMatchObject({ code: "REMOTE_OPAQUE_KEY_FETCH_FAILED" });
  });

  test("nobody listens there, or it is no address", async () => {
    const options = { transport, token: "token", entityId: "e", secretMountPath: "secret" };
    const nobody = new OpenBaoClient({ ...options, serverUrl: "http://127.0.0.1:9" });
    await expect(nobody.fetchKey("x")).rejects.toMatchObject({ code: "OPENBAO_NO_RESPONSE" });
    for (const serverUrl of ["", "bao.example.com", "mailto:a@b.c"]) {
      const client = new OpenBaoClient({ ...options, serverUrl });
      await expect(client.uploadKey(SecretKey.generate())).rejects.toMatchObject({ code: "OPENBAO_BAD_URL" });
    }
  });

  test("an abort rejects with its reason; no error holds the token", async () => {
    const { bao, client } = await start();
    const signal = AbortSignal.abort(new Error("never mind"));
    await expect(client.fetchKey("x", { signal })).rejects.toThrow("never mind");
    bao.answer = { status: 400, body: "{}" };
    const error: unknown = await client.fetchKey("x").catch((caught: unknown) => caught);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('token"');
  });
});

describe("login", () => {
  test("start, finish, and the token works", async () => {
    const bao = await startFakeOpenBao();
    const options = { transport, serverUrl: bao.url, authMountPath: "auth/my_sso" };
    const page = await startOpenBaoLogin(options, "https://app.example.com/oidc/callback");
    expect(page).toBe("https://sso.example.com/?redirect=https%3A%2F%2Fapp.example.com%2Foidc%2Fcallback");
    const login = await finishOpenBaoLogin(options, { code: "right code", state: "state" });
    expect(login).toEqual({ token: "fresh token", entityId: "entity-1" });
    const client = clientOf(bao, login.token, login.entityId);
    const key = SecretKey.generate();
    const path = await client.uploadKey(key);
    expect((await client.fetchKey(path)).toBytes()).toEqual(key.toBytes());
    const wrong = finishOpenBaoLogin(options, { code: "wrong", state: "state" });
    await expect(wrong).rejects.toMatchObject({ code: "OPENBAO_BAD_RESPONSE" });
  });
});

describe("signatures", () => {
  test("the signing key is made once; a signature is verified with its author", async () => {
    const { bao, client } = await start();
    bao.emails.set("entity-1", ["alice@example.com", "alice@work.example.com"]);
    const payload = utf8("payload");
    const signature = await client.sign(payload);
    await client.sign(payload);
    expect(bao.requests.filter((line) => line.includes("/keys/"))).toHaveLength(1);
    await client.verify(payload, signature, "entity-1");
    await client.verify(payload, signature, "entity-1", { expectedEmail: "alice@work.example.com" });
    expect(await client.listEmails()).toEqual(["alice@example.com", "alice@work.example.com"]);

    const bad = { code: "OPENBAO_BAD_SIGNATURE" };
    await expect(client.verify(utf8("other"), signature, "entity-1")).rejects.toMatchObject(bad);
    await expect(client.verify(payload, signature, "entity-without-key")).rejects.toMatchObject(bad);
    const expectedEmail = "bob@example.com";
    await expect(client.verify(payload, signature, "entity-1", { expectedEmail })).rejects.toMatchObject({
      code: "OPENBAO_UNEXPECTED_AUTHOR",
    });
  });
});
