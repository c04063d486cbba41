import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import {
  anonymousTotpSetupConfirm,
  anonymousTotpSetupGetSecret,
  totpCreateOpaqueKey,
  totpFetchOpaqueKey,
  totpSetupConfirm,
  totpSetupGetSecret,
} from "@parsec/protocol";
import { AccessToken, parseAddress, TotpOpaqueKeyId } from "@parsec/types";
import { expectStatus } from "../support/organization.ts";
import { scenario } from "../support/scenario.ts";

/** RFC 6238 for now, written apart from the server's. */
function currentPassword(secret: Uint8Array): string {
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(Math.floor(Date.now() / 30_000), 4);
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) % 16;
  return `${(mac.readUInt32BE(offset) & 0x7fffffff) % 1e6}`.padStart(6, "0");
}

function wrongPassword(secret: Uint8Array): string {
  return currentPassword(secret) === "000000" ? "111111" : "abcdef";
}

export const totpScenarios = [
  scenario("one-time passwords: setup, opaque keys, throttle, reset", async (target) => {
    const org = await target.organization();
    const bob = await org.addUser();
    const key = await org.send(bob, totpCreateOpaqueKey, {});
    expectStatus(key, "ok");
    const { opaqueKeyId } = key;
    const fetchKey = (oneTimePassword: string, id = opaqueKeyId, userId = bob.userId) =>
      org.sendAnonymously(totpFetchOpaqueKey, { userId, opaqueKeyId: id, oneTimePassword });
    expectStatus(await fetchKey("000000"), "invalid_one_time_password");

    expectStatus(await org.send(bob, totpSetupConfirm, { oneTimePassword: "000000" }), "invalid_one_time_password");
    const pending = await org.send(bob, totpSetupGetSecret, {});
    expectStatus(pending, "ok");
    const secret = pending.totpSecret;
    assert.equal(secret.length, 20);
    const same = await org.send(bob, totpSetupGetSecret, {});
    expectStatus(same, "ok");
    assert.deepEqual([...same.totpSecret], [...secret]);
    const confirm = () => org.send(bob, totpSetupConfirm, { oneTimePassword: currentPassword(secret) });
    expectStatus(await confirm(), "ok");
    expectStatus(await confirm(), "already_setup");
    expectStatus(await org.send(bob, totpSetupGetSecret, {}), "already_setup");

    const fetched = await fetchKey(currentPassword(secret));
    expectStatus(fetched, "ok");
    assert(fetched.opaqueKey.equals(key.opaqueKey));
    expectStatus(await fetchKey(currentPassword(secret), TotpOpaqueKeyId.generate()), "invalid_one_time_password");
    expectStatus(await fetchKey(currentPassword(secret), opaqueKeyId, org.alice.userId), "invalid_one_time_password");
    expectStatus(await fetchKey(wrongPassword(secret)), "invalid_one_time_password");
    const throttled = await fetchKey(currentPassword(secret));
    expectStatus(throttled, "throttled");

    const reset = await target.administrate("POST", `/organizations/${org.id}/users/reset_totp`, {
      user_id: bob.userId,
    });
    assert.equal(reset.status, 200);
    const { totp_reset_url: url } = reset.json as { readonly totp_reset_url: string };
    const { token } = parseAddress("totp_reset", url);
    const getSecret = (withToken: AccessToken, userId = bob.userId) =>
      org.sendAnonymously(anonymousTotpSetupGetSecret, { userId, token: withToken });
    const confirmWith = (withToken: AccessToken, oneTimePassword: string) =>
      org.sendAnonymously(anonymousTotpSetupConfirm, { userId: bob.userId, token: withToken, oneTimePassword });
    expectStatus(await getSecret(AccessToken.generate()), "bad_token");
    expectStatus(await getSecret(token, org.alice.userId), "bad_token");
    const renewed = await getSecret(token);
    expectStatus(renewed, "ok");
    assert.notDeepEqual([...renewed.totpSecret], [...secret]);
    expectStatus(await confirmWith(AccessToken.generate(), "000000"), "bad_token");
    expectStatus(await confirmWith(token, wrongPassword(renewed.totpSecret)), "invalid_one_time_password");
    expectStatus(await confirmWith(token, currentPassword(renewed.totpSecret)), "ok");
    expectStatus(await getSecret(token), "bad_token");
  }),
];
