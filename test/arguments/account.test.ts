import * as accounts from "@parsec/account";
import { createTransport } from "@parsec/connection";
import { KeyDerivation, ready, SecretKey } from "@parsec/crypto";
import { startServer } from "@parsec/server";
import { EmailAddress, HumanHandle, parseServerHttpUrl } from "@parsec/types";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import {
  expectArgumentsChecked,
  expectFieldChecked,
  options,
  type Parameter,
  parameter,
} from "../support/bad-arguments.ts";
import { newLocalDevice } from "../support/local-device.ts";

await ready();

const transport = createTransport();
const running = await startServer({ dev: true, config: { emailRateLimit: { cooldown: 0, maxPerHour: 0 } } });
afterAll(async () => {
  await transport.close();
  await running.close();
});

const address = parseServerHttpUrl(running.url);
const email = EmailAddress.parse("alice@example.com");
const humanHandle = HumanHandle.parse(email, "Alice");
const masterSecret = KeyDerivation.generate();
const credentials = { masterSecret };
const code = "ABCDEF";

const server = parameter("object", "server", { address, transport });
const emailParameter = parameter("filledText", "email", email);

const functions: Readonly<Record<string, readonly Parameter[]>> = {
  checkCreationCode: [server, parameter("object", "(request|email)", { email, code }), options],
  createAccount: [server, parameter("object", "(account|humanHandle)", { humanHandle, code, credentials }), options],
  logIn: [server, parameter("object", "credentials", credentials), options],
  recoverAccount: [server, parameter("object", "(recovery|email)", { email, code, credentials }), options],
  sendCreationCode: [server, emailParameter, options],
  sendRecoveryCode: [server, emailParameter, options],
};

/** Checked at once, not by a rejection. */
const synchronous = { accountVaultKeys: [parameter("object", "account", { vault: {} })] };

const call = (of: object, name: string) => {
  const found: unknown = Reflect.get(of, name);
  if (typeof found !== "function") throw new Error(`${name} is no function`);
  return (...parameters: readonly unknown[]) => Reflect.apply(found, of, parameters);
};

test("every function is in one of the tables", () => {
  const isFunction = (value: unknown) => typeof value === "function" && !/^class\b/.test(String(value));
  const found = Object.entries(accounts).flatMap(([name, value]) => (isFunction(value) ? [name] : []));
  expect([...Object.keys(functions), ...Object.keys(synchronous)].sort()).toEqual(found.sort());
});

test.each(Object.keys(functions))("%s", async (name) => {
  await expectArgumentsChecked("async", call(accounts, name), functions[name] ?? []);
});

test("accountVaultKeys", async () => {
  await expectArgumentsChecked("sync", call(accounts, "accountVaultKeys"), synchronous.accountVaultKeys);
});

test.each([
  ["createAccount", { humanHandle, code, credentials }, ["humanHandle", "code", "credentials"]],
  ["recoverAccount", { email, code, credentials }, ["email", "code", "credentials"]],
  ["checkCreationCode", { email, code }, ["email", "code"]],
] as const)("the fields of %s", async (name, request, fields) => {
  for (const field of fields) {
    const kind = field === "code" ? "text" : field === "email" ? "filledText" : "object";
    await expectFieldChecked(call(accounts, name), [server.value, request, {}], 1, { name: field, kind });
  }
});

test.each(["", new Uint8Array(), undefined, 5, null])("%j is no password, old or new", async (password) => {
  const refused = { code: "INVALID_ARGUMENT", argument: "credentials.password" };
  const { logIn, recoverAccount } = accounts;
  await expect(Reflect.apply(logIn, undefined, [server.value, { email, password }])).rejects.toMatchObject(refused);
  const recovery = { email, code, credentials: { password } };
  await expect(Reflect.apply(recoverAccount, undefined, [server.value, recovery])).rejects.toMatchObject(refused);
});

describe("an account", () => {
  const id = (name: string) => parameter("id", name, "0".repeat(32));
  const user = { organizationId: "Acme", userId: "0".repeat(32) };
  const methods: Readonly<Record<"account" | "authMethods" | "vault", Readonly<Record<string, readonly Parameter[]>>>> =
    {
      account: {
        delete: [parameter("text", "code", code), options],
        listInvitations: [options],
        listOrganizations: [options],
        logOut: [],
        sendDeletionCode: [options],
      },
      authMethods: {
        addMasterSecret: [parameter("object", "masterSecret", masterSecret), options],
        changePassword: [parameter("filledText", "password", "p"), options],
        disable: [id("authMethodId"), options],
        list: [options],
      },
      vault: {
        fetchKey: [id("id"), options],
        fetchRegistrationDevice: [parameter("object", "user", user), options],
        listRegistrationDevices: [options],
        restorePrevious: [parameter("object", "credentials", credentials), options],
        rotateKey: [parameter("object", "credentials", credentials), options],
        uploadKey: [parameter("object", "key", SecretKey.generate()), options],
        uploadRegistrationDevice: [parameter("object", "device", newLocalDevice()), options],
      },
    };

  async function newAccount(): Promise<accounts.Account> {
    const account = { email: `${crypto.randomUUID()}@example.com`, masterSecret: KeyDerivation.generate() };
    const handle = HumanHandle.parse(account.email, "Alice");
    const reached = { address, transport };
    await accounts.sendCreationCode(reached, handle.email);
    const mail = running.mailbox?.received(handle.email).at(-1);
    const [, sent = ""] = /<pre id="code">([A-Z2-9]{6})<\/pre>/.exec(mail?.html ?? "") ?? [];
    await accounts.createAccount(reached, { humanHandle: handle, code: sent, credentials: account });
    return accounts.logIn(reached, account);
  }

  test("every method is in a table, checks its arguments, and after the logout says LOGGED_OUT", async () => {
    const account = await newAccount();
    onTestFinished(() => account.logOut());
    const objects = { account, authMethods: account.authMethods, vault: account.vault };
    for (const [name, object] of Object.entries(objects)) {
      const table = methods[name as keyof typeof methods];
      const names = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object))).flatMap(
        ([key, { value }]) => (typeof value === "function" && key !== "constructor" ? [key] : []),
      );
      expect(names.sort()).toEqual(Object.keys(table).sort());
      for (const [method, parameters] of Object.entries(table)) {
        await expectArgumentsChecked("async", call(object, method), parameters);
      }
    }
    await account.logOut();
    for (const [name, object] of Object.entries(objects)) {
      for (const [method, parameters] of Object.entries(methods[name as keyof typeof methods])) {
        if (method === "logOut") continue;
        const given = parameters.map(({ value }) => value);
        const outcome = Promise.resolve(call(object, method)(...given));
        await expect(outcome, `${name}.${method}`).rejects.toMatchObject({ code: "LOGGED_OUT" });
      }
    }
  });
});
