import { createTransport } from "@parsec/connection";
import { KeyDerivation, ready } from "@parsec/crypto";
import { HumanHandle, serverAddress } from "@parsec/types";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type AuthMethodKeys, keysOf } from "../src/auth-method-keys.ts";
import { AccountSession } from "../src/session.ts";

beforeAll(() => ready());

const newKeys = () => keysOf(KeyDerivation.generate());
const destroyed = expect.objectContaining({ code: "KEY_DESTROYED" });

function expectWiped({ macKey, secretKey }: AuthMethodKeys): void {
  expect(() => macKey.toBytes()).toThrow(destroyed);
  expect(() => secretKey.toBytes()).toThrow(destroyed);
}

function openSession(keys: AuthMethodKeys): AccountSession {
  const transport = createTransport({ proxy: "none" });
  onTestFinished(() => transport.close());
  const server = { address: serverAddress("parsec.invalid"), transport };
  return new AccountSession(server, HumanHandle.parse("alice@example.com", "Alice"), keys);
}

test("a session wipes its keys when it goes on with others, and at the end", async () => {
  const [first, second] = [newKeys(), newKeys()];
  const session = openSession(first);
  await session.run(async () => session.replaceMethod(second), {});
  expectWiped(first);
  expect(session.authMethodId).toBe(second.authMethodId);
  expect(second.secretKey.toBytes()).toHaveLength(32);
  await session.close();
  expectWiped(second);
});

test("one operation at a time, and no key is wiped under it", async () => {
  const keys = newKeys();
  const session = openSession(keys);
  const order: string[] = [];
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = session.run(async () => {
    order.push("first begins");
    await held;
    order.push(`first ends with ${keys.secretKey.toBytes().length} bytes of key`);
  }, {});
  const second = session.run(async () => order.push("second"), {});
  const last = second.then(() => session.close());
  release();
  await Promise.all([first, second, last]);
  expect(order).toEqual(["first begins", "first ends with 32 bytes of key", "second"]);
  expectWiped(keys);
});
