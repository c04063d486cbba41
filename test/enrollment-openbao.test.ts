import { type EnrollmentIdentity, openBaoIdentity } from "@parsec/client";
import type { Transport, TransportResponse } from "@parsec/connection";
import { RemoteOpaqueKeyError } from "@parsec/device";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EnrollmentWorld, newcomer, newProtection, onlyRequestOf, submitTo } from "./support/enrollment-world.ts";
import { openBaoClientOf } from "./support/openbao-login.ts";

// Single sign-on that fails at each of the questions that an enrollment asks it: a typed error, and the next try goes on.

let world: EnrollmentWorld;

beforeAll(async () => {
  world = await EnrollmentWorld.start();
});
afterAll(() => world.close());

/** Answers the k-th question to OpenBao in its stead; none when 0. */
class Refusing implements Transport {
  readonly #status: number;
  asked = 0;
  refuseAt = 0;

  constructor(status: number) {
    this.#status = status;
  }

  async request(...[request, cancellation]: Parameters<Transport["request"]>): Promise<TransportResponse> {
    this.asked += 1;
    if (this.asked !== this.refuseAt) return world.transport.request(request, cancellation);
    const body = (async function* () {
      yield new TextEncoder().encode('{"errors":["refused"]}');
    })();
    return { status: this.#status, header: () => undefined, body, discard: () => undefined };
  }

  async close(): Promise<void> {}

  /** Does the work with a refusal at each question; each time it ends with that error, and at last without one. */
  async each<T>(code: string, work: () => Promise<T>): Promise<T> {
    for (let at = 1; ; at += 1) {
      this.asked = 0;
      this.refuseAt = at;
      const outcome = await work().then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      );
      // A key to sign with is made once: a later try may ask less.
      if (this.asked < at) {
        if ("error" in outcome) throw outcome.error;
        expect(at).toBeGreaterThan(2);
        return outcome.result;
      }
      if ("result" in outcome) throw new Error(`done in spite of a refusal of question ${at}`);
      expect(openBaoCodeOf(outcome.error)).toBe(code);
    }
  }
}

/** A device file, too, is opened or protected with what OpenBao keeps: its errors tell which service failed, and how. */
function openBaoCodeOf(error: unknown): unknown {
  if (!(error instanceof RemoteOpaqueKeyError)) return Reflect.get(Object(error), "code");
  expect(error.server).toBe("OPENBAO");
  return Reflect.get(Object(error.cause), "code");
}

async function identityThrough(transport: Transport, email: string): Promise<EnrollmentIdentity> {
  const client = await openBaoClientOf(world.server, world.transport, email);
  const [known] = await client.listEmails();
  if (known === undefined) throw new Error("no address");
  const { entityId } = client;
  const asking = await openBaoClientOf(world.server, transport, email);
  expect(asking.entityId).toBe(entityId);
  return openBaoIdentity({ client: asking, human: { email: known, label: "Bob" } });
}

describe.each([
  ["sealed", 503, "OPENBAO_NO_RESPONSE"],
  ["with an expired login", 403, "OPENBAO_PERMISSION_DENIED"],
  ["that answers nonsense", 200, "OPENBAO_BAD_RESPONSE"],
] as const)("an OpenBao %s", (_, status, code) => {
  test("delays an enrollment, and spoils nothing", async () => {
    const admin = await world.newAdmin();
    const bob = await newcomer();
    const refusing = new Refusing(status);
    const submitter = await identityThrough(refusing, "bob@example.com");
    const accepter = await identityThrough(refusing, "admin@example.com");

    const pending = await refusing.each(code, async () => {
      expect(await admin.enrollments.list()).toEqual([]);
      return submitTo(admin, bob, submitter);
    });
    expect(await bob.parsec.enrollments.list()).toMatchObject([{ enrollmentId: pending.enrollmentId }]);

    const request = await onlyRequestOf(admin);
    const users = () => admin.users.list().length;
    await refusing.each(code, async () => {
      await admin.refresh();
      expect(users()).toBe(1);
      await request.accept({ identity: accepter, profile: "STANDARD" });
    });

    const unsaved = await refusing.each(code, () => bob.parsec.enrollments.complete(pending, submitter));
    const protection = newProtection();
    const { deviceId } = await unsaved.save(protection);
    expect(await bob.parsec.enrollments.list()).toEqual([]);
    expect(await bob.parsec.devices()).toMatchObject([{ deviceId }]);
    const session = await bob.parsec.login(deviceId, protection);
    await session.refresh();
    expect(session.users.list()).toHaveLength(2);
    await session.close();
  });
});

test("an OpenBao of somebody else opens nothing: the keys stay, and the right person goes on", async () => {
  const admin = await world.newAdmin();
  const bob = await newcomer();
  const pending = await submitTo(admin, bob, await world.signedOn("bob@example.com"));
  const request = await onlyRequestOf(admin);
  await request.accept({ identity: await world.signedOn("admin@example.com"), profile: "STANDARD" });
  const mallory = await world.signedOn("mallory@example.com");
  await expect(bob.parsec.enrollments.complete(pending, mallory)).rejects.toMatchObject({
    code: expect.stringMatching(/^(BAD_ACCESS_STRATEGY|DECRYPTION_FAILED|REMOTE_OPAQUE_KEY_FETCH_FAILED|OPENBAO_)/),
  });
  const unsaved = await bob.parsec.enrollments.complete(pending, await world.signedOn("bob@example.com"));
  await unsaved.save(newProtection());
});
