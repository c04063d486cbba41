import { createParsec, type Parsec } from "@parsec/client";
import { createTransport } from "@parsec/connection";
import { keyring, memoryDeviceStore, memoryKeyring } from "@parsec/device";
import { serverConfig } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { encode, parseServerHttpUrl } from "@parsec/types";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { comes } from "../support/patience.ts";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";

const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(...[options]: Parameters<typeof startServer>): Promise<RunningServer> {
  const server = await startServer({ dev: true, ...options });
  servers.push(server);
  return server;
}

async function newParsec(tampers: Record<string, Tamper> = {}): Promise<Parsec> {
  const transport = tamperingTransport(tampers);
  onTestFinished(() => transport.close());
  return createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), transport, sync: "manual" });
}

describe("the public configuration of a server", () => {
  test("that offers everything", async () => {
    const server = await start({
      config: {
        account: "ENABLED_WITH_VAULT",
        spontaneousBootstrap: true,
        cryptpadServerUrl: "https://cryptpad.example.com/",
        advisoryDeviceFileProtection: ["PASSWORD+TOTP", "KEYRING"],
        openbao: {
          serverUrl: "https://bao.example.com/",
          secretMountPath: "secret",
          transitMountPath: "transit",
          auths: [{ id: "HEXAGONE", mountPath: "auth/hexagone" }],
        },
      },
    });
    const parsec = await newParsec();
    const expected = {
      account: "ENABLED_WITH_VAULT",
      organizationBootstrap: "SPONTANEOUS",
      openBao: {
        serverUrl: "https://bao.example.com/",
        secretMountPath: "secret",
        transitMountPath: "transit",
        auths: [{ id: "HEXAGONE", mountPath: "auth/hexagone" }],
      },
      cryptPad: { serverUrl: "https://cryptpad.example.com/" },
      advisedProtections: [
        { type: "password", totp: true },
        { type: "keyring", totp: false },
      ],
      serverVersion: expect.stringMatching(/^\d/),
    };
    const { port } = new URL(server.url);
    for (const address of [server.url, `parsec3://127.0.0.1:${port}?no_ssl=true`, parseServerHttpUrl(server.url)]) {
      expect(await parsec.serverConfig(address)).toEqual(expected);
    }
  });

  test("that offers nothing, one that does not know the later fields, and one that knows more than we do", async () => {
    const server = await start();
    const nothing = {
      account: expect.any(String),
      organizationBootstrap: "WITH_BOOTSTRAP_TOKEN",
      openBao: undefined,
      cryptPad: undefined,
      advisedProtections: [],
    };
    expect(await (await newParsec()).serverConfig(server.url)).toMatchObject(nothing);
    const old = encode(serverConfig.reply, {
      status: "ok",
      account: "DISABLED",
      organizationBootstrap: "WITH_BOOTSTRAP_TOKEN",
      openbao: {
        type: "ENABLED",
        serverUrl: "https://bao.example.com/",
        secret: { type: "KV2", mountPath: "s" },
        auths: [{ id: "SOMETHING_ELSE", mountPath: "auth/else" }],
      },
    });
    const newer = encode(serverConfig.reply, {
      status: "ok",
      account: "DISABLED",
      organizationBootstrap: "SPONTANEOUS",
      openbao: { type: "DISABLED" },
      advisoryDeviceFileProtection: ["HOPE", "PKI"],
    });
    const later = await (await newParsec({ server_config: () => newer })).serverConfig(server.url);
    expect(later).toMatchObject({ openBao: undefined, advisedProtections: [{ type: "pki", totp: false }] });
    const config = await (await newParsec({ server_config: () => old })).serverConfig(server.url);
    expect(config).toMatchObject({
      cryptPad: undefined,
      advisedProtections: [],
      openBao: { transitMountPath: "transit", auths: [] },
    });
  });

  test("of nobody, of a proxy, of an address that is none", async () => {
    const server = await start();
    const parsec = await newParsec({ server_config: { status: 404 } });
    await expect(parsec.serverConfig(server.url)).rejects.toMatchObject({ code: "UNEXPECTED_STATUS" });
    await expect((await newParsec()).serverConfig("http://127.0.0.1:9/")).rejects.toMatchObject({ code: "OFFLINE" });
    for (const address of ["nonsense", "ftp://example.com", ""]) {
      await expect(parsec.serverConfig(address)).rejects.toMatchObject({ name: "AddressError" });
    }
  });
});

test("the head of a window: who is logged in where, and how it stands", async () => {
  const server = await start();
  const transport = createTransport();
  onTestFinished(() => transport.close());
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), transport });
  const session = await parsec.bootstrap(await server.createOrganization("Info"), {
    human: { email: "alice@example.com", label: "Alice" },
    deviceLabel: "laptop",
    protection: keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() }),
  });
  onTestFinished(() => session.close());
  const online = new Promise<void>((resolve) => {
    if (session.connectionState.status === "online") resolve();
    session.events.on("connection", ({ state }) => {
      if (state.status === "online") resolve();
    });
  });
  await comes("the session to be online", online);
  const { info } = session;
  expect(info).toMatchObject({
    organizationId: "Info",
    serverAddress: parseServerHttpUrl(server.url),
    organizationLink: expect.stringMatching(/^parsec3:\/\/127\.0\.0\.1:\d+\/Info\?/),
    userId: session.userId,
    deviceId: session.deviceId,
    humanHandle: { email: "alice@example.com", label: "Alice" },
    deviceLabel: "laptop",
    profile: "ADMIN",
    connection: { status: "online" },
    isServerOnline: true,
    isOrganizationExpired: false,
    mustAcceptTermsOfService: false,
    isRevoked: false,
    isFrozen: false,
    organizationConfig: { activeUsersLimit: null },
  });
  expect(JSON.stringify(info)).not.toMatch(/signingKey|privateKey|localSymkey/);
  await session.close();
  expect(() => session.info).toThrow(expect.objectContaining({ code: "SESSION_CLOSED" }));
});
