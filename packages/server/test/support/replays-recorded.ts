import assert from "node:assert/strict";
import { toBase64 } from "@parsec/base";
import { DateTime, type DeviceId, loadTrustedCertificate, UserId, ValidationCode } from "@parsec/types";
import { freshActor, freshHandle } from "../../conformance/support/actor.ts";
import { ownAccount } from "./anew.ts";
import {
  bootstrap,
  dumpedAuthor,
  headOf,
  realmRotate,
  shamirDelete,
  shamirSetup,
  userCreate,
  userRevoke,
} from "./operations.ts";
import {
  bytesOf,
  type Dump,
  type Exchange,
  known,
  type Operation,
  readDump,
  recorded,
  recordedOn,
  replyOf,
  requestOf,
} from "./recorded.ts";
import { type Changes, type Stage } from "./stage.ts";
import { aliceDevice, aliceId, bobDevice, bobId, operationsOf, streamOf } from "./streams.ts";

/** Brings the server to the state that an exchange was recorded on. @returns what to change in its request */
export type Prepare = (stage: Stage, exchange: Exchange) => Promise<Changes | undefined>;

const nothing: Prepare = async () => undefined;
const malloryId = known(UserId.parse("3a11031c001000000000000000000000"));
const mikeId = known(UserId.parse("31cec001000000000000000000000000"));
const mikeDevice = "de1031cec00100000000000000000000";

/** A dump of the vectors, and what came after it. */
function template(
  name: string,
  after: (dump: Dump, exchange: Exchange) => readonly Operation[] = () => [],
  count?: number,
): Prepare {
  return async (stage, exchange) => {
    const dump = await stage.loadTemplate(exchange, name, count);
    await stage.extend(exchange, after(dump, exchange));
    return undefined;
  };
}

const coolorg = template("coolorg");
const unbootstrapped: Prepare = async (stage, exchange) => {
  await stage.load(exchange, []);
  return undefined;
};

export function micros(value: unknown): DateTime {
  return typeof value === "number" ? DateTime.fromMicros(value) : assert.fail("not a date");
}

/** Replays exchanges of the same organization first. */
function following(before: Prepare, ...names: readonly string[]): Prepare {
  return async (stage, exchange) => {
    await before(stage, exchange);
    for (const name of names) await stage.lead(recorded(name));
    return undefined;
  };
}

/** coolorg, then what the events of a recorded stream tell, up to that date (µs, not included). */
function streamed(organizationId: string, device: string, until: (exchange: Exchange) => number): Prepare {
  return template("coolorg", (dump, exchange) =>
    operationsOf(streamOf(organizationId, device), dump).filter(({ timestamp }) => Number(timestamp) < until(exchange)),
  );
}

const beforeRequest = (exchange: Exchange) => micros(requestOf(exchange)["timestamp"]);
const org80 = (until: (exchange: Exchange) => number) => streamed("TestbedOrg80", aliceDevice, until);
const update80 = "authenticated/vlob_update/ok";
const beforeUpdate80 = org80(() => beforeRequest(recorded(update80)));

/** The mailed code of the recording, replaced by the one that our server mails. */
export async function withMailedCode(stage: Stage, exchange: Exchange, email: string): Promise<Changes> {
  const fields = requestOf(exchange);
  const step = fields["accountCreateStep"] as { readonly validationCode: string } | undefined;
  const encoder = new TextEncoder();
  const recordedCode = ValidationCode.parse(String(step?.validationCode ?? fields["validationCode"]));
  return { substitutions: [[encoder.encode(recordedCode), encoder.encode(await stage.mailedCode(email))]] };
}

const zack = "0f1f075d-00bf-4084-8f2a-0fa3106900fa@example.com";
const createZack: Prepare = async (stage) => {
  await stage.lead(recorded("anonymous_server/account_create_send_validation_email/ok"));
  return withMailedCode(stage, recorded("anonymous_server/account_create_proceed/ok"), zack);
};

const threeProfiles: Prepare = async (stage, exchange) => {
  const admin = freshActor();
  const date = 1_795_254_000_000_000;
  const others = (["STANDARD", "OUTSIDER"] as const).map((profile) => userCreate(admin, freshActor(), profile, date));
  await stage.load(exchange, [bootstrap(admin, date), ...others]);
  return undefined;
};

const aliceAlone: Prepare = async (stage, exchange) => {
  const { user_id: userId, user_email: email } = JSON.parse(
    new TextDecoder().decode(bytesOf(exchange.response.body)),
  ) as {
    readonly user_id?: string;
    readonly user_email?: string;
  };
  const alice = freshActor(
    { ...freshHandle(), ...(email === undefined ? {} : { email }) } as ReturnType<typeof freshHandle>,
    userId === undefined ? UserId.generate() : known(UserId.parse(userId)),
  );
  await stage.control("PUT", "/config", { server_addr: "http://127.0.0.1:6781" });
  await stage.load(exchange, [bootstrap(alice, 1_795_254_000_000_000)]);
  return undefined;
};

/** The certificates of the reply take the places of those of the dump that hold the same (spec 13 §8). */
const certificatesOfReply: Prepare = async (stage, exchange) => {
  const dump = readDump("coolorg");
  const { commonCertificates, realmCertificates } = replyOf(exchange) as {
    readonly commonCertificates: readonly Uint8Array[];
    readonly realmCertificates: ReadonlyMap<string, readonly Uint8Array[]>;
  };
  const operations = dump.operations.map((operation) => {
    const field = { realm_rotate_key: "realm_key_rotation_certificate", realm_rename: "realm_name_certificate" }[
      operation.op
    ];
    const same = [...realmCertificates.values()].flat().find((bytes) => timestampOf(bytes) === operation["timestamp"]);
    return field === undefined || same === undefined ? operation : { ...operation, [field]: toBase64(same) };
  });
  const added = commonCertificates
    .filter((bytes) => timestampOf(bytes) > 1_000_000_000_000_000)
    .map((bytes): Operation => {
      const certificate = toBase64(bytes);
      const { author, timestamp } = loadTrustedCertificate(bytes).value as { author: DeviceId; timestamp: number };
      const fields = { device_certificate: certificate, redacted_device_certificate: certificate };
      return { op: "device_create", author, timestamp, ...fields };
    });
  await stage.load(exchange, [...operations, ...added], dump.organization);
  return undefined;
};

function timestampOf(certificate: Uint8Array): number {
  return loadTrustedCertificate(certificate).value.timestamp;
}

const enrollment = ["anonymous/async_enrollment_submit/ok", "authenticated/async_enrollment_accept/ok"] as const;

/** Requests sent byte for byte as recorded, save mailed codes. */
export const asRecorded: Readonly<Record<string, Prepare>> = {
  "administration/GET organizations/{id}/200": threeProfiles,
  "administration/GET stats/200": nothing,
  "administration/PATCH organizations/{id}/200": unbootstrapped,
  "administration/PATCH organizations/{id}/404": nothing,
  "administration/POST organizations/200": nothing,
  "administration/POST organizations/{id}/200": aliceAlone,
  "administration/POST organizations/{id}/404": aliceAlone,
  "anonymous/async_enrollment_info/ok": async (stage, exchange) => {
    await following(coolorg, enrollment[0])(stage, exchange);
    await stage.lead(recorded(enrollment[1]), { at: recordedOn(exchange) });
    return undefined;
  },
  "anonymous/async_enrollment_submit/ok": coolorg,
  "anonymous/organization_bootstrap/invalid_bootstrap_token": unbootstrapped,
  "anonymous/organization_bootstrap/ok": unbootstrapped,
  "anonymous/organization_bootstrap/organization_already_bootstrapped": coolorg,
  "anonymous/ping/ok": coolorg,
  "anonymous_server/account_create_proceed/ok": createZack,
  "anonymous_server/account_create_send_validation_email/ok": nothing,
  "anonymous_server/account_recover_proceed/ok": async (stage, exchange) => {
    const email = "agent3@example.com";
    await ownAccount(stage, exchange, { email, authMethodId: "0".repeat(32) });
    await stage.lead(recorded("anonymous_server/account_recover_send_validation_email/ok"));
    return withMailedCode(stage, exchange, email);
  },
  "anonymous_server/account_recover_send_validation_email/ok": nothing,
  "anonymous_server/auth_method_password_get_algorithm/ok": nothing,
  "anonymous_server/ping/ok": nothing,
  "authenticated/async_enrollment_accept/ok": following(coolorg, enrollment[0]),
  "authenticated/async_enrollment_list/ok": following(coolorg, enrollment[0]),
  "authenticated/block_read/ok": async (stage, exchange) => {
    await beforeUpdate80(stage, exchange);
    const { block } = replyOf(exchange) as { readonly block: Uint8Array };
    const { blockId, realmId } = requestOf(exchange);
    const author = dumpedAuthor(readDump("coolorg"), aliceDevice);
    const head = headOf("block_create", author, { timestamp: recordedOn(exchange) });
    const written = { ...head, realm_id: realmId, block_id: blockId, key_index: 1, block: toBase64(block) };
    await stage.extend(exchange, [written]);
    return undefined;
  },
  "authenticated/certificate_get/ok": certificatesOfReply,
  "authenticated/device_create/timestamp_out_of_ballpark": coolorg,
  "authenticated/events_listen/http_403": async (stage, exchange) => {
    await coolorg(stage, exchange);
    // Accept is left out of the recording.
    return { headers: { accept: "text/event-stream" } };
  },
  "authenticated/invite_list/ok": template(
    "shamir",
    (dump) => {
      const bob = dumpedAuthor(dump, bobDevice);
      const timestamp = DateTime.fromMicros(947_808_000_000_000);
      const setup = { userId: bobId, timestamp, recipients: [aliceId], revealToken: "e".repeat(32) };
      const invite = headOf("invite_new_shamir_recovery", dumpedAuthor(dump, aliceDevice), {
        timestamp: 947_894_400_000_000,
      });
      const token = "e0000000000000000000000000000006";
      return [shamirSetup(bob, setup), { ...invite, claimer_user_id: bobId, token }];
    },
    7,
  ),
  "authenticated/list_frozen_users/author_not_allowed": coolorg,
  "authenticated/list_frozen_users/ok": template("coolorg", () => [
    { op: "user_freeze", user_id: bobId, frozen: true },
  ]),
  "authenticated/organization_info/ok": coolorg,
  "authenticated/ping/http_403": coolorg,
  "authenticated/ping/ok": coolorg,
  "authenticated/realm_create/realm_already_exists": streamed(
    "TestbedOrg82",
    aliceDevice,
    (exchange) => micros(replyOf(exchange)["lastRealmCertificateTimestamp"]) + 1,
  ),
  "authenticated/realm_get_keys_bundle/author_not_allowed": template("workspace_history"),
  "authenticated/realm_rotate_key/author_not_allowed": coolorg,
  "authenticated/realm_rotate_key/bad_key_index": template("coolorg", (dump, exchange) => {
    const certificate = requestOf(exchange)["realmKeyRotationCertificate"] as Uint8Array;
    const rotation = loadTrustedCertificate(certificate).value;
    assert(rotation.type === "realm_key_rotation_certificate");
    const timestamp = micros(replyOf(exchange)["lastRealmCertificateTimestamp"]);
    const bytes = { userId: aliceId, keyIndex: 2 };
    return [realmRotate(dumpedAuthor(dump, aliceDevice), { realmId: rotation.realmId, timestamp }, bytes)];
  }),
  "authenticated/realm_rotate_key/ok": template("sequestered"),
  "authenticated/realm_rotate_key/realm_not_found": coolorg,
  "authenticated/realm_share/author_not_allowed": coolorg,
  "authenticated/realm_share/recipient_revoked": template("coolorg", (dump) => [
    userRevoke(dumpedAuthor(dump, aliceDevice), {
      userId: malloryId,
      timestamp: DateTime.fromMicros(948_931_200_000_000),
    }),
  ]),
  "authenticated/realm_share/role_incompatible_with_outsider": coolorg,
  "authenticated/realm_share/timestamp_out_of_ballpark": coolorg,
  "authenticated/realm_unshare/ok": streamed("TestbedOrg82", aliceDevice, (exchange) => {
    const certificate = requestOf(exchange)["realmRoleCertificate"] as Uint8Array;
    return timestampOf(certificate);
  }),
  "authenticated/realm_update_archiving/author_not_allowed": coolorg,
  "authenticated/shamir_recovery_delete/shamir_recovery_already_deleted": template("shamir", (dump, exchange) => {
    const sent = requestOf(exchange)["shamirRecoveryDeletionCertificate"] as Uint8Array;
    const deletion = loadTrustedCertificate(sent).value;
    assert(deletion.type === "shamir_recovery_deletion_certificate");
    const timestamp = micros(replyOf(exchange)["lastShamirCertificateTimestamp"]);
    return [shamirDelete(dumpedAuthor(dump, deletion.author), { ...deletion, timestamp })];
  }),
  "authenticated/shamir_recovery_delete/timestamp_out_of_ballpark": template("shamir"),
  "authenticated/shamir_recovery_setup/revoked_recipient": template(
    "shamir",
    (dump, exchange) => {
      const timestamp = micros(replyOf(exchange)["lastCommonCertificateTimestamp"]);
      return [userRevoke(dumpedAuthor(dump, aliceDevice), { userId: malloryId, timestamp })];
    },
    7,
  ),
  "authenticated/shamir_recovery_setup/shamir_recovery_already_exists": template("shamir", (dump, exchange) => {
    const timestamp = micros(replyOf(exchange)["lastShamirCertificateTimestamp"]);
    const setup = { userId: mikeId, timestamp, recipients: [bobId], revealToken: "e".repeat(32) };
    return [shamirSetup(dumpedAuthor(dump, mikeDevice), setup)];
  }),
  "authenticated/tos_accept/no_tos": following(coolorg, ...enrollment),
  "authenticated/user_update/author_not_allowed": coolorg,
  "authenticated/user_update/ok": coolorg,
  "authenticated/user_update/user_no_changes": coolorg,
  "authenticated/user_update/user_not_found": coolorg,
  "authenticated/user_update/user_revoked": template("coolorg_customized"),
  "authenticated/vlob_create/vlob_already_exists": org80(() => recordedOn(recorded(update80))),
  "authenticated/vlob_read_batch/ok": following(beforeUpdate80, update80),
  "authenticated/vlob_update/bad_vlob_version": streamed(
    "TestbedOrg81",
    "de20a11cec0010000000000000000000",
    () => Number.MAX_SAFE_INTEGER,
  ),
  "authenticated/vlob_update/ok": beforeUpdate80,
  "authenticated_account/account_info/http_403": nothing,
  "authenticated_account/account_info/ok": async (stage, exchange) => {
    await stage.lead(recorded("anonymous_server/account_create_proceed/ok"), await createZack(stage, exchange));
    return undefined;
  },
  "invited/invite_info/http_403": coolorg,
  "invited/invite_info/http_410": template("shamir", () => [
    {
      op: "invite_cancel",
      timestamp: 948_931_200_000_000,
      author: bobDevice,
      token: "e0000000000000000000000000000004",
    },
  ]),
  "invited/invite_info/ok": template("shamir", (dump, exchange) => {
    const { recipients } = replyOf(exchange) as {
      readonly recipients: readonly { userId: UserId; revokedOn: unknown }[];
    };
    return recipients
      .filter(({ revokedOn }) => revokedOn !== null)
      .map(({ userId, revokedOn }) =>
        userRevoke(dumpedAuthor(dump, aliceDevice), { userId, timestamp: micros(revokedOn) }),
      );
  }),
  "invited/ping/http_403": coolorg,
  "invited/ping/ok": coolorg,
};
