import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import { serialize } from "node:v8";
import { randomBytes, toHex } from "@parsec/base";
import {
  DecryptionError,
  KeyDerivation,
  PrivateKey,
  PublicKey,
  ready,
  SecretKey,
  SequesterPrivateKey,
  SequesterSigningKey,
  SigningKey,
  splitSecret,
  VerifyKey,
} from "@parsec/crypto";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => ready());

/** Everything that a program may do with a value to see it. */
function everyPrint(value: { toString(): string }): string {
  let logged = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk);
      done();
    },
  });
  const console = new Console(sink, sink);
  console.log(value);
  console.dir(value, { showHidden: true, depth: null });
  console.table([value]);
  return [
    logged,
    inspect(value, { showHidden: true, depth: null, getters: true }),
    inspect({ nested: [value] }, { depth: null, customInspect: true }),
    inspect(value, { customInspect: false, showHidden: true, depth: null }),
    JSON.stringify({ value }),
    String(value),
    serialize(JSON.parse(JSON.stringify({ value }))).toString("latin1"),
  ].join("\n");
}

test.each([SecretKey, KeyDerivation, PrivateKey, PublicKey, SigningKey, VerifyKey])(
  "%o shows its type only",
  (type) => {
    const raw = randomBytes(32);
    const printed = everyPrint(type.fromBytes(raw));
    expect(printed).toContain(`${type.name}(****)`);
    for (const form of secretForms(raw)) expect(printed).not.toContain(form);
  },
);

test("RSA private keys and shares show their type only", async () => {
  const der = (await SequesterPrivateKey.generate(1024)).toDer();
  for (const type of [SequesterPrivateKey, SequesterSigningKey]) {
    const printed = everyPrint(type.fromDer(der));
    expect(printed).toContain(`${type.name}(****)`);
    for (const form of secretForms(der.subarray(-16))) expect(printed).not.toContain(form);
  }
  for (const share of splitSecret(randomBytes(32), 2, 2)) {
    const printed = everyPrint(share);
    expect(printed).toContain("ShamirShare(****)");
    for (const form of secretForms(share.toBytes())) expect(printed).not.toContain(form);
  }
});

test("errors that a key throws hold nothing of it", () => {
  const raw = randomBytes(32);
  const key = SecretKey.fromBytes(raw);
  const errors: unknown[] = [];
  for (const fail of [
    () => key.decrypt(new Uint8Array(64)),
    () => SecretKey.fromBytes(randomBytes(31)),
    () => SecretKey.fromRecoveryPassphrase(`${key.toRecoveryPassphrase()}-AAAA`),
    () => {
      key.destroy();
      key.toBytes();
    },
  ]) {
    try {
      fail();
    } catch (error) {
      errors.push(error);
    }
  }
  expect(errors).toHaveLength(4);
  expect(errors[0]).toBeInstanceOf(DecryptionError);
  const printed = inspect(errors, { depth: null, showHidden: true });
  for (const form of secretForms(raw)) expect(printed).not.toContain(form);
});

/** How bytes may look in a print: hex, base64, the lists of inspect and of JSON. */
function secretForms(raw: Uint8Array): string[] {
  const head = [...raw.subarray(0, 6)];
  return [
    toHex(raw.subarray(0, 6)),
    Buffer.from(raw.subarray(0, 6)).toString("base64"),
    head.join(", "),
    head.join(","),
    Buffer.from(raw.subarray(0, 6)).toString("latin1"),
  ];
}
