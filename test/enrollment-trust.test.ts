import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EnrollmentIdentity, openBaoIdentity, type Session, x509Identity } from "@parsec/client";
import { softwareX509Key } from "@parsec/device";
import { asyncEnrollmentCancel, asyncEnrollmentSubmit } from "@parsec/protocol";
import { encode } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { makeLeaf, makePki } from "../packages/device/test/support/test-pki.ts";
import {
  EnrollmentWorld,
  leafKey,
  type Newcomer,
  newcomer,
  newProtection,
  onlyRequestOf,
  sessionBefore,
  submitTo,
} from "./support/enrollment-world.ts";
import { openBaoClientOf } from "./support/openbao-login.ts";

// Whom an enrollment trusts, and what becomes of it when nobody answers, or somebody else.

let world: EnrollmentWorld;
let admin: Session;

beforeAll(async () => {
  world = await EnrollmentWorld.start();
});
beforeEach(async () => {
  admin = await world.newAdmin();
});
afterAll(() => world.close());

const submitted = (person: Newcomer, identity: EnrollmentIdentity) => submitTo(admin, person, identity);
const onlyRequest = () => onlyRequestOf(admin);

test("each side must be of the same system", async () => {
  const bob = await newcomer();
  await submitted(bob, world.certified(world.bobKey));
  const request = await onlyRequest();
  const identity = await world.signedOn("admin@example.com");
  await expect(request.accept({ identity, profile: "STANDARD" })).rejects.toMatchObject({
    code: "IDENTITY_MISMATCH",
    own: "OPEN_BAO",
    peer: "PKI",
  });
});

test("only an ADMIN sees requests", async () => {
  const bob = await newcomer();
  const pending = await submitted(bob, world.certified(world.bobKey));
  await (await onlyRequest()).accept({ identity: world.certified(world.adminKey), profile: "STANDARD" });
  const protection = newProtection();
  const { deviceId } = await (await bob.parsec.enrollments.complete(pending, world.certified(world.bobKey))).save(
    protection,
  );
  const session = await bob.parsec.login(deviceId, protection);
  await expect(session.enrollments.list()).rejects.toMatchObject({ code: "NOT_ALLOWED" });
  await session.close();
  await expect(session.enrollments.list()).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  await expect(submitted(bob, world.certified(world.bobKey))).rejects.toMatchObject({ code: "EMAIL_ALREADY_ENROLLED" });
});

test.each(["lose_request", { status: 403 }, { status: 404 }] as const)(
  "an answer that is not the server's loses nothing: %o",
  async (tamper) => {
    const bob = await newcomer();
    const pending = await submitted(bob, world.certified(world.bobKey));
    for (const command of ["async_enrollment_info", "async_enrollment_cancel"]) bob.tampers[command] = tamper;
    await expect(bob.parsec.enrollments.status(pending)).rejects.toThrow();
    await expect(bob.parsec.enrollments.cancel(pending)).rejects.toThrow();
    await expect(bob.parsec.enrollments.complete(pending, world.certified(world.bobKey))).rejects.toThrow();
    expect(await bob.parsec.enrollments.list()).toEqual([pending]);
  },
);

test("a status that the protocol does not know cancels nothing here", async () => {
  const bob = await newcomer();
  const pending = await submitted(bob, world.certified(world.bobKey));
  bob.tampers["async_enrollment_cancel"] = () =>
    encode(asyncEnrollmentSubmit.reply, { status: "invalid_submit_payload" });
  await expect(bob.parsec.enrollments.cancel(pending)).rejects.toMatchObject({ code: "UNEXPECTED_REPLY" });
  expect(await bob.parsec.enrollments.list()).toEqual([pending]);
  bob.tampers["async_enrollment_cancel"] = () =>
    encode(asyncEnrollmentCancel.reply, { status: "enrollment_not_found" });
  await bob.parsec.enrollments.cancel(pending);
  expect(await bob.parsec.enrollments.list()).toEqual([]);
});

describe("whom certificates let in", () => {
  const accepting = async (identity: EnrollmentIdentity) =>
    (await onlyRequest()).accept({ identity, profile: "STANDARD" });

  test("not one of another root, be it trusted for something else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "parsec-enrollment-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const foreign = makePki(folder);
    const key = await leafKey(folder, "eve", "/CN=Eve", "eve@example.com");
    const eve = await newcomer();
    await submitted(eve, x509Identity({ signingKey: key, roots: [foreign.root] }));
    const trustsBoth = x509Identity({ signingKey: world.adminKey, roots: [foreign.root, world.pki.root] });
    await expect(accepting(trustsBoth)).rejects.toMatchObject({ code: "BAD_SUBMIT_PAYLOAD" });
  });

  test("not one who asks for another address than the certificate's", async () => {
    const bob = await newcomer();
    const lie: EnrollmentIdentity = Object.create(world.certified(world.bobKey), {
      humanHandle: { value: () => world.certified(world.adminKey).humanHandle() },
      protection: { value: world.certified(world.bobKey).protection },
      sign: {
        value: (...given: Parameters<EnrollmentIdentity["sign"]>) => world.certified(world.bobKey).sign(...given),
      },
    });
    await submitted(bob, lie);
    await expect(accepting(world.certified(world.adminKey))).rejects.toMatchObject({ code: "BAD_SUBMIT_PAYLOAD" });
  });

  test("nobody, when the own certificate is of none of the roots", async () => {
    const bob = await newcomer();
    await submitted(bob, world.certified(world.bobKey));
    const rootless = x509Identity({ signingKey: world.adminKey, roots: [] });
    await expect(accepting(rootless)).rejects.toMatchObject({
      code: "OWN_CERTIFICATE_UNUSABLE",
      cause: { code: "UNTRUSTED_CERTIFICATE" },
    });
  });

  test("a certificate without an e-mail address, or not made to encrypt or to sign, asks nobody", async () => {
    const bob = await newcomer();
    const nameless = await leafKey(world.pki.folder, "nameless", "/CN=No Mail", undefined);
    const only = async (name: string, usage: string) => {
      const extensions = [`keyUsage=critical,${usage}`, "extendedKeyUsage=clientAuth", "subjectAltName=email:o@e.com"];
      const { certificate, privateKey } = makeLeaf(world.pki.folder, { name, subject: "/CN=Only", extensions });
      return softwareX509Key(certificate, privateKey);
    };
    const [signer, encrypter] = [await only("signer", "digitalSignature"), await only("encrypter", "keyEncipherment")];
    for (const key of [nameless, signer, encrypter]) {
      await expect(submitted(bob, world.certified(key))).rejects.toMatchObject({ code: "OWN_CERTIFICATE_UNUSABLE" });
    }
    expect(await admin.enrollments.list()).toEqual([]);
    expect(await bob.parsec.enrollments.list()).toEqual([]);
    // Two certificates, each for its own use.
    const both = x509Identity({ signingKey: signer, encryptionKey: encrypter, roots: [world.pki.root] });
    const pending = await submitted(bob, both);
    await accepting(world.certified(world.adminKey));
    await (await bob.parsec.enrollments.complete(pending, both)).save(newProtection());
  });
});

test("single sign-on lets in whom it knows by that address only", async () => {
  const bob = await newcomer();
  const client = await openBaoClientOf(world.server, world.transport, "bob@example.com");
  const lie = openBaoIdentity({ client, human: { email: "carol@example.com", label: "Carol" } });
  await submitted(bob, lie);
  await expect(
    (await onlyRequest()).accept({ identity: await world.signedOn("admin@example.com"), profile: "STANDARD" }),
  ).rejects.toMatchObject({ code: "BAD_SUBMIT_PAYLOAD", cause: { cause: { code: "OPENBAO_UNEXPECTED_AUTHOR" } } });
  await expect(submitted(bob, openBaoIdentity({ client }))).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    argument: "identity.human",
  });
});

describe("a third party that does not answer", () => {
  const silent = (identity: EnrollmentIdentity, ...methods: readonly (keyof EnrollmentIdentity)[]) =>
    Object.create(
      Object.create(Object.getPrototypeOf(identity)),
      Object.fromEntries(
        (["type", "protection", "humanHandle", "sign", "verify"] as const).map((name) => {
          const value: unknown = identity[name];
          const bound = typeof value === "function" ? value.bind(identity) : value;
          return [name, { value: methods.includes(name) ? () => new Promise(() => undefined) : bound }];
        }),
      ),
    ) as EnrollmentIdentity;
  const enough = new Error("enough");
  const signal = AbortSignal.abort(enough);

  test("an abort settles all that waits for it, and nothing was asked", async () => {
    const bob = await newcomer();
    const submit = (identity: EnrollmentIdentity) =>
      bob.parsec.enrollments.submit(admin.enrollments.links.link, { identity, deviceLabel: "tablet" }, { signal });
    await expect(submit(silent(world.certified(world.bobKey), "humanHandle"))).rejects.toBe(enough);
    await expect(submit(silent(world.certified(world.bobKey), "sign"))).rejects.toBe(enough);
    expect(await bob.parsec.enrollments.list()).toEqual([]);
  });

  test.each(["verify", "sign"] as const)("a close settles an accept that waits for its %s", async (method) => {
    const bob = await newcomer();
    const session = await sessionBefore(admin, bob);
    await submitted(bob, world.certified(world.bobKey));
    const [request] = await session.enrollments.list();
    const identity = silent(world.certified(world.adminKey), method);
    const accepting = request?.accept({ identity, profile: "STANDARD" });
    accepting?.catch(() => undefined);
    await session.close();
    await expect(accepting).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });
});
