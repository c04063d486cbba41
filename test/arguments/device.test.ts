import { createTransport } from "@parsec/connection";
import { PrivateKey, ready, SecretKey, SigningKey } from "@parsec/crypto";
import * as device from "@parsec/device";
import { DeviceLabel, serverAddress, TotpOpaqueKeyId, UserId } from "@parsec/types";
import { afterAll, expect, test } from "vitest";
import { expectArgumentsChecked, options, type Parameter, parameter } from "../support/bad-arguments.ts";
import { newLocalDevice } from "../support/local-device.ts";

await ready();

const transport = createTransport();
afterAll(() => transport.close());

const keys = { upload: async () => "id", fetch: async () => SecretKey.generate() };
const store = parameter("object", "store", device.memoryDeviceStore());
const path = parameter("filledText", "path", "devices/a.keys");
const secret = device.password("p");
const protection = (name: string) => parameter("object", name, secret);
const localDevice = parameter("object", "device", newLocalDevice());
const connection = parameter("object", "connection", { send: async () => ({ status: "unknown_status" }) });
const code = parameter("filledText", "code", "123456");
const organizationId = parameter("filledText", "organizationId", "Acme");
const link = parameter("object", "link", { userId: UserId.generate(), token: "0".repeat(32) });
const http = { transport, serverUrl: "http://127.0.0.1:9" };
const loginOptions = parameter("object", "options", { ...http, authMountPath: "auth/x" });
const bytes = (name: string) => parameter("bytes", name, new Uint8Array(3));
const text = (name: string) => parameter("text", name, "text");
const enrollment = { enrollmentId: "0".repeat(32) };
const totpKey = { opaqueKeyId: TotpOpaqueKeyId.generate(), key: SecretKey.generate() };

type Table = Readonly<Record<string, readonly Parameter[]>>;

/** What returns a promise. */
const asynchronous: Table = {
  archiveDevice: [store, path],
  changeProtection: [store, path, protection("current"), protection("next"), options],
  confirmTotp: [connection, code, options],
  confirmTotpReset: [connection, link, code, options],
  createTotpKey: [connection, options],
  fetchTotpKey: [
    connection,
    parameter("object", "device", { userId: UserId.generate(), totpOpaqueKeyId: TotpOpaqueKeyId.generate() }),
    code,
    options,
  ],
  finishOpenBaoLogin: [loginOptions, parameter("object", "answer", { code: "c", state: "s" })],
  isKeyringAvailable: [parameter("optional", "backend", device.memoryKeyring())],
  listDevices: [store],
  listPendingEnrollments: [store],
  listPreparedDevices: [store],
  listRefusedDevices: [store],
  listTokenCertificates: [parameter("object", "options", { library: "/none.so" })],
  loadAvailableDevice: [store, path],
  loadDevice: [store, path, protection("protection"), options],
  openPendingEnrollment: [store, path, protection("identity"), options],
  openTokenKey: [parameter("object", "options", { library: "/none.so", reference: {}, pin: "1" })],
  overwriteServerAddress: [
    store,
    path,
    protection("protection"),
    parameter("object", "address", serverAddress("x.example.com")),
    options,
  ],
  oneTimePassword: [bytes("secret"), parameter("natural", "timestamp", 0)],
  pemX509Key: [text("certificate"), text("privateKey")],
  pkcs12X509Key: [bytes("file"), text("password")],
  loadUnprotected: [store, path],
  prepareDevice: [store, localDevice, protection("protection"), options],
  prepareUnprotected: [store, localDevice, options],
  protectDevice: [store, path, protection("protection"), options],
  removeDeviceFile: [store, path],
  removePendingEnrollment: [store, path],
  resetTotpSecret: [connection, link, options],
  saveDevice: [store, localDevice, protection("protection"), options],
  savePendingEnrollment: [
    store,
    parameter("object", "request", enrollment),
    parameter("object", "keys", { signingKey: SigningKey.generate(), privateKey: PrivateKey.generate() }),
    protection("identity"),
    options,
  ],
  smartcardService: [
    connection,
    parameter("object", "options(.bridge|.webApplicationCertificate)?", {
      bridge: { findService: async () => ({}), createEnvironment: async () => ({}) },
      webApplicationCertificate: "certificate",
    }),
  ],
  softwareX509Key: [bytes("certificate"), bytes("pkcs8")],
  startOpenBaoLogin: [loginOptions, parameter("filledText", "redirectUri", "https://x.example.com/")],
  totpSecret: [bytes("bytes"), organizationId],
  totpStatus: [connection, organizationId, options],
  unlockDevice: [store, parameter("filledText", "deviceId", "0".repeat(32)), protection("protection"), options],
  verifyCertificateChain: [parameter("object", "chain", { certificate: new Uint8Array(3), roots: [] })],
  verifyWithCertificate: [bytes("certificate"), bytes("signature"), bytes("payload")],
  webCryptoX509Key: [bytes("certificate"), parameter("object", "keys", {})],
  x509CertificateDetails: [bytes("der")],
  x509CertificateReference: [bytes("der")],
  x509Names: [bytes("der")],
};

/** What returns at once, or throws. */
const synchronous: Table = {
  accountVault: [parameter("object", "vault", keys)],
  checkProtection: [
    parameter("array", "advised", []),
    parameter("optional", "used", { type: "password", totp: false }),
  ],
  createRecoveryFile: [localDevice, options],
  fileDeviceStore: [parameter("filledText", "dir", "/tmp/none")],
  keyring: [parameter("optional", "options", { backend: device.memoryKeyring() })],
  newDeviceOfUser: [localDevice, parameter("filledText", "deviceLabel", DeviceLabel.parse("phone"))],
  openBao: [parameter("object", "(protection|keys)", { keys, entityId: "e", preferredAuthId: "a" })],
  openBaoKeys: [parameter("object", "client", { uploadKey: keys.upload, fetchKey: keys.fetch })],
  openRecoveryFile: [bytes("bytes"), text("passphrase")],
  parseAdvisedProtections: [parameter("array", "entries", ["PASSWORD"])],
  password: [parameter("filledText", "text", "p")],
  smartcard: [parameter("object", "key", { certificate: new Uint8Array(1), decrypt: 1, sign: 1, close: 1 })],
  withTotp: [protection("protection"), parameter("object", "totp", totpKey)],
};

/** Take nothing, or what another function of ours has just given. */
const unchecked = ["defaultFolders", "humanHandleOf", "memoryDeviceStore", "memoryKeyring", "systemName"];

const isClass = (value: object) => /^class\b/.test(Function.prototype.toString.call(value));

test("every function is in one of the tables", () => {
  const functions = Object.entries(device).flatMap(([name, value]) =>
    typeof value === "function" && !isClass(value) ? [name] : [],
  );
  expect([...Object.keys(asynchronous), ...Object.keys(synchronous), ...unchecked].sort()).toEqual(functions.sort());
});

function named(name: string): (...parameters: readonly unknown[]) => unknown {
  const found: unknown = Reflect.get(device, name);
  if (typeof found !== "function") throw new Error(`${name} is no function`);
  return (...parameters) => Reflect.apply(found, undefined, parameters);
}

test.each(Object.keys(asynchronous))("%s", async (name) => {
  await expectArgumentsChecked("async", named(name), asynchronous[name] ?? []);
});

test.each(Object.keys(synchronous))("%s", async (name) => {
  await expectArgumentsChecked("sync", named(name), synchronous[name] ?? []);
});

test.each([
  ["no transport", { serverUrl: "x", token: "t", entityId: "e", secretMountPath: "s" }, "options.transport"],
  ["no address", { transport, token: "t", entityId: "e", secretMountPath: "s" }, "options.serverUrl"],
  ["no token", { ...http, entityId: "e", secretMountPath: "s" }, "options.token"],
  ["no entity", { ...http, token: "t", secretMountPath: "s" }, "options.entityId"],
  ["no mount path", { ...http, token: "t", entityId: "e" }, "options.secretMountPath"],
])("OpenBaoClient with %s", (_what, given, argument) => {
  expect(() => Reflect.construct(device.OpenBaoClient, [given])).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", argument }),
  );
});

test.each(["fetchKey", "uploadKey", "sign", "verify", "listEmails"])("OpenBaoClient.%s", async (name) => {
  const client = new device.OpenBaoClient({ ...http, token: "t", entityId: "e", secretMountPath: "s" });
  const method: unknown = Reflect.get(client, name);
  if (typeof method !== "function") throw new Error("no method");
  const call = (...parameters: readonly unknown[]) => Reflect.apply(method, client, parameters);
  const parameters: Table = {
    fetchKey: [path, options],
    uploadKey: [parameter("object", "key", SecretKey.generate()), options],
    sign: [bytes("payload"), options],
    verify: [bytes("payload"), text("signature"), parameter("filledText", "authorEntityId", "e"), options],
    listEmails: [parameter("optional", "entityId", "e"), options].slice(1),
  };
  if (name === "listEmails") await expectArgumentsChecked("async", (given) => call(undefined, given), [options]);
  else await expectArgumentsChecked("async", call, parameters[name] ?? []);
});
