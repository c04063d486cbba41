import assert from "node:assert/strict";
import { fromHex, toBase64 } from "@parsec/base";
import { HashDigest, PrivateKey } from "@parsec/crypto";
import {
  type ClaimerStep,
  type GreeterStep,
  inviteClaimerStartGreetingAttempt,
  inviteClaimerStep,
  inviteGreeterStartGreetingAttempt,
  inviteGreeterStep,
} from "@parsec/protocol";
import {
  AccessToken,
  type DateTime,
  type GreetingAttemptId,
  loadTrustedCertificate,
  type SignedCertificate,
  UserId,
  VlobId,
} from "@parsec/types";
import { Coverage, RpcClient } from "../../conformance/support/client.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { type OwnOrganization, ownAccount, ownOrganization, signedAnew as signAnew } from "./anew.ts";
import { headOf, realmRename, realmRole, realmRotate, shamirSetup } from "./operations.ts";
import { type Exchange, known, type Operation, recorded, recordedDate, replyOf, requestOf } from "./recorded.ts";
import { micros, type Prepare, withMailedCode } from "./replays-recorded.ts";
import { type Changes, organizationOf, type Stage } from "./stage.ts";

type After = (own: OwnOrganization, exchange: Exchange) => readonly Operation[];
type Options = Parameters<typeof ownOrganization>[2];

/** An organization of ours, and what came before the exchange. */
function own(after: After = () => [], options: (exchange: Exchange) => Options = () => ({})): Prepare {
  return async (stage, exchange) => {
    const organization = await ownOrganization(stage, exchange, options(exchange));
    await stage.extend(exchange, after(organization, exchange));
    return organization.changes;
  };
}

/** The certificate that a field of the recorded request holds. */
function certificateIn<T extends SignedCertificate["type"]>(exchange: Exchange, field: string, type: T) {
  const certificate = loadTrustedCertificate(requestOf(exchange)[field] as Uint8Array).value;
  const isExpected = (found: SignedCertificate): found is Extract<SignedCertificate, { type: T }> =>
    found.type === type;
  return isExpected(certificate) ? certificate : assert.fail(`not a ${type}`);
}

/** A realm of the author with its first key. */
function realm({ author, date }: OwnOrganization, realmId: VlobId): Operation[] {
  const { userId } = author;
  return [
    realmRole(author, { realmId, timestamp: date(), userId, role: "OWNER" }, "realm_create"),
    realmRotate(author, { realmId, timestamp: date() }, { userId }),
  ];
}

const realmOfRequest: After = (organization, exchange) =>
  realm(organization, known(VlobId.parse(String(requestOf(exchange)["realmId"]))));

const realmOfName: After = (organization, exchange) =>
  realm(organization, certificateIn(exchange, "realmNameCertificate", "realm_name_certificate").realmId);

const named: After = (organization, exchange) => {
  const { realmId } = certificateIn(exchange, "realmNameCertificate", "realm_name_certificate");
  const timestamp = micros(replyOf(exchange)["lastRealmCertificateTimestamp"]);
  return [...realm(organization, realmId), realmRename(organization.author, { realmId, timestamp })];
};

function standards(ids: Iterable<UserId>) {
  return new Map([...ids].map((id) => [id, "STANDARD"] as const));
}

/** The writes that give the changes of the recorded reply, in the same order. */
const polled: After = (organization, exchange) => {
  const { changes } = replyOf(exchange) as { readonly changes: ReadonlyMap<string, number> };
  const realmId = known(VlobId.parse(String(requestOf(exchange)["realmId"])));
  const writes = [...changes].flatMap(([vlobId, last]) =>
    Array.from({ length: last }, (_, index): Operation => {
      const op = index === 0 ? "vlob_create" : "vlob_update";
      const fields = { realm_id: realmId, vlob_id: vlobId, key_index: 1, blob: toBase64(new Uint8Array(9)) };
      const version = index === 0 ? {} : { version: index + 1 };
      return { ...headOf(op, organization.author, { timestamp: organization.date() }), ...fields, ...version };
    }),
  );
  return [...realm(organization, realmId), ...writes];
};

const bundled: After = ({ author, date }, exchange) => {
  const { keysBundle, keysBundleAccess } = replyOf(exchange) as Readonly<Record<string, Uint8Array>>;
  const realmId = known(VlobId.parse(String(requestOf(exchange)["realmId"])));
  const { userId } = author;
  assert(keysBundle !== undefined && keysBundleAccess !== undefined);
  return [
    realmRole(author, { realmId, timestamp: date(), userId, role: "OWNER" }, "realm_create"),
    realmRotate(author, { realmId, timestamp: date() }, { userId, keysBundle, access: keysBundleAccess }),
  ];
};

function tos(date: (exchange: Exchange) => DateTime, urls: Readonly<Record<string, string>>): After {
  return (_own, exchange) => [{ op: "organization_update", timestamp: date(exchange), tos: urls }];
}

/** A greeting on a recorded invitation: its token and greeter are those of the recording, its attempt is ours. */
interface Greeting {
  readonly organization: OwnOrganization;
  readonly attempt: GreetingAttemptId;
  readonly greeter: (step: GreeterStep) => Promise<string>;
  readonly claimer: (step: ClaimerStep) => Promise<string>;
}

const userInvitation = {
  token: AccessToken.parse("3da4e7f8fa14a712a9e9aa26566233a4"),
  greeter: known(UserId.parse("840cb6d253f04cbe8c2feb1d95493969")),
};
const shamirInvitation = { token: AccessToken.parse("68e0da513fda9b819dc619a15c4af054"), greeter: UserId.generate() };
/** Whose recovery it is. */
const claimer = known(UserId.parse("8275a2c3d6314e3c9425c4b9d17f58f8"));
const greeterWaits = recorded("authenticated/invite_greeter_step/not_ready");
const greeterPays = recorded("authenticated/invite_greeter_step/ok");

const inviteUser: After = ({ author, date }) => [
  {
    ...headOf("invite_new_user", author, { timestamp: date() }),
    claimer_email: "claimer@example.com",
    token: userInvitation.token,
  },
];

const inviteShamir: After = (organization, exchange) => {
  const { author, date } = organization;
  const reveal = recorded("invited/invite_shamir_recovery_reveal/ok");
  const { cipheredData } = replyOf(reveal) as { readonly cipheredData: Uint8Array };
  const setup = { userId: claimer, timestamp: date(), recipients: [author.userId], cipheredData };
  const revealToken = String(requestOf(reveal)["revealToken"]);
  const claimerDevice = organization.devices.get(claimer) ?? assert.fail();
  const invite = headOf("invite_new_shamir_recovery", author, { timestamp: date() });
  const token =
    requestOf(exchange)["claimerUserId"] === undefined
      ? [{ ...invite, claimer_user_id: claimer, token: shamirInvitation.token }]
      : [];
  return [shamirSetup(claimerDevice, { ...setup, revealToken }), ...token];
};

/** The invitation of a recorded greeting, in an organization whose greeter has the device of that greeter. */
async function invitation(stage: Stage, of: Exchange): Promise<OwnOrganization> {
  const isShamir = organizationOf(of) === organizationOf(greeterWaits);
  const { greeter } = isShamir ? shamirInvitation : userInvitation;
  const asGreeter = isShamir ? greeterWaits : greeterPays;
  const others = standards(isShamir ? [claimer] : []);
  const organization = await ownOrganization(stage, asGreeter, { userId: greeter, others });
  await stage.extend(asGreeter, (isShamir ? inviteShamir : inviteUser)(organization, of));
  return organization;
}

async function greeting(stage: Stage, of: Exchange): Promise<Greeting> {
  const organization = await invitation(stage, of);
  const isShamir = organizationOf(of) === organizationOf(greeterWaits);
  const { token, greeter: greeterId } = isShamir ? shamirInvitation : userInvitation;
  const client = new RpcClient(stage.url, new Coverage());
  const now = recordedDate(isShamir ? greeterWaits : greeterPays);
  await stage.setClock(now);
  const options = { organizationId: organizationOf(of), now };
  const device = { kind: "device", ...organization.author } as const;
  const invited = { kind: "invitation", token } as const;
  const started = await client.send(inviteGreeterStartGreetingAttempt, device, { token }, options);
  expectStatus(started, "ok");
  expectStatus(await client.send(inviteClaimerStartGreetingAttempt, invited, { greeter: greeterId }, options), "ok");
  const { greetingAttempt } = started;
  return {
    organization,
    attempt: greetingAttempt,
    greeter: async (greeterStep) =>
      (await client.send(inviteGreeterStep, device, { greetingAttempt, greeterStep }, options)).status,
    claimer: async (claimerStep) =>
      (await client.send(inviteClaimerStep, invited, { greetingAttempt, claimerStep }, options)).status,
  };
}

const nonce = new Uint8Array(64);
const stepPairs: readonly (() => readonly [GreeterStep, ClaimerStep])[] = [
  () => [
    { step: "NUMBER_0_WAIT_PEER", publicKey: PrivateKey.generate().publicKey },
    { step: "NUMBER_0_WAIT_PEER", publicKey: PrivateKey.generate().publicKey },
  ],
  () => [
    { step: "NUMBER_1_GET_HASHED_NONCE" },
    { step: "NUMBER_1_SEND_HASHED_NONCE", hashedNonce: HashDigest.of(nonce) },
  ],
  () => [{ step: "NUMBER_2_SEND_NONCE", greeterNonce: nonce }, { step: "NUMBER_2_GET_NONCE" }],
  () => [{ step: "NUMBER_3_GET_NONCE" }, { step: "NUMBER_3_SEND_NONCE", claimerNonce: nonce }],
  () => [{ step: "NUMBER_4_WAIT_PEER_TRUST" }, { step: "NUMBER_4_SIGNIFY_TRUST" }],
  () => [{ step: "5" }, { step: "NUMBER_5_WAIT_PEER_TRUST" }],
  () => [{ step: "NUMBER_6_GET_PAYLOAD" }, { step: "NUMBER_6_SEND_PAYLOAD", claimerPayload: nonce }],
];

/** Both sides go through the first `count` steps. */
async function walk({ greeter, claimer }: Greeting, count: number): Promise<void> {
  for (const pair of stepPairs.slice(0, count)) {
    const [ofGreeter, ofClaimer] = pair();
    assert.equal(await greeter(ofGreeter), "not_ready");
    assert.equal(await claimer(ofClaimer), "ok");
    assert.equal(await greeter(ofGreeter), "ok");
  }
}

/** The id of our attempt in the place of the recorded one. */
function ofAttempt(exchange: Exchange, attempt: GreetingAttemptId): Changes {
  const from = fromHex(String(requestOf(exchange)["greetingAttempt"])) ?? assert.fail();
  return { substitutions: [[from, fromHex(attempt) ?? assert.fail()]] };
}

function greeted(steps: number, side: "greeter" | "claimer"): Prepare {
  return async (stage, exchange) => {
    const ongoing = await greeting(stage, exchange);
    await walk(ongoing, steps);
    const asGreeter = { ...ofAttempt(exchange, ongoing.attempt), headers: ongoing.organization.changes.headers ?? {} };
    if (steps < stepPairs.length) return side === "greeter" ? asGreeter : ofAttempt(exchange, ongoing.attempt);
    assert.equal(await ongoing.claimer({ step: "NUMBER_7_GET_PAYLOAD" }), "not_ready");
    if (side === "greeter") return asGreeter;
    const { headers = {} } = ongoing.organization.changes;
    await stage.lead(greeterPays, { ...ofAttempt(greeterPays, ongoing.attempt), headers });
    return ofAttempt(exchange, ongoing.attempt);
  };
}

const invited: Prepare = async (stage, exchange) => {
  await invitation(stage, exchange);
  return undefined;
};

const asGreeter: Prepare = async (stage, exchange) => (await invitation(stage, exchange)).changes;

const account: Prepare = async (stage, exchange) => (await ownAccount(stage, exchange)).changes;

/** Requests whose signatures, or MACs, were made anew: the keys of the recorder are in no vector. */
export const signedAnew: Readonly<Record<string, Prepare>> = {
  "authenticated/block_create/ok": own(realmOfRequest),
  "authenticated/device_create/ok": own(undefined, (exchange) => ({
    userId: certificateIn(exchange, "deviceCertificate", "device_certificate").userId,
  })),
  "authenticated/invite_cancel/ok": async (stage, exchange) => {
    const created = recorded("authenticated/invite_new_device/ok");
    const { author, changes } = await ownOrganization(stage, exchange);
    const { token } = await stage.lead(created, signAnew(created, author.signingKey));
    const from = fromHex(String(requestOf(exchange)["token"])) ?? assert.fail();
    return { ...changes, substitutions: [[from, fromHex(String(token)) ?? assert.fail()]] };
  },
  "authenticated/invite_complete/ok": asGreeter,
  "authenticated/invite_greeter_start_greeting_attempt/ok": asGreeter,
  "authenticated/invite_greeter_step/not_ready": greeted(2, "greeter"),
  "authenticated/invite_greeter_step/ok": greeted(stepPairs.length, "greeter"),
  "authenticated/invite_new_device/ok": own(),
  "authenticated/invite_new_shamir_recovery/ok": own(inviteShamir, () => ({ others: standards([claimer]) })),
  "authenticated/invite_new_user/ok": own(),
  "authenticated/realm_create/ok": own(undefined, (exchange) => ({
    userId: certificateIn(exchange, "realmRoleCertificate", "realm_role_certificate").userId,
  })),
  "authenticated/realm_get_keys_bundle/ok": own(bundled),
  "authenticated/realm_rename/initial_name_already_exists": own(named),
  "authenticated/realm_rename/ok": own(realmOfName),
  "authenticated/realm_share/ok": own(
    (organization, exchange) =>
      realm(organization, certificateIn(exchange, "realmRoleCertificate", "realm_role_certificate").realmId),
    (exchange) => ({
      others: standards([certificateIn(exchange, "realmRoleCertificate", "realm_role_certificate").userId]),
    }),
  ),
  "authenticated/realm_update_archiving/ok": own((organization, exchange) =>
    realm(organization, certificateIn(exchange, "archivingCertificate", "realm_archiving_certificate").realmId),
  ),
  "authenticated/shamir_recovery_delete/ok": own(
    ({ author }, exchange) => {
      const field = "shamirRecoveryDeletionCertificate";
      const deletion = certificateIn(exchange, field, "shamir_recovery_deletion_certificate");
      const recipients = [...deletion.shareRecipients];
      const timestamp = deletion.setupToDeleteTimestamp;
      return [shamirSetup(author, { userId: author.userId, timestamp, recipients, revealToken: "e".repeat(32) })];
    },
    (exchange) => {
      const field = "shamirRecoveryDeletionCertificate";
      const deletion = certificateIn(exchange, field, "shamir_recovery_deletion_certificate");
      return { userId: deletion.setupToDeleteUserId, others: standards(deletion.shareRecipients) };
    },
  ),
  "authenticated/shamir_recovery_setup/ok": own(undefined, (exchange) => {
    const brief = certificateIn(exchange, "shamirRecoveryBriefCertificate", "shamir_recovery_brief_certificate");
    return { userId: brief.userId, others: standards(brief.perRecipientShares.keys()) };
  }),
  "authenticated/tos_accept/ok": own(
    tos((exchange) => micros(requestOf(exchange)["tosUpdatedOn"]), { en: "http://example.com/tos" }),
  ),
  "authenticated/tos_get/no_tos": own(),
  "authenticated/tos_get/ok": async (stage, exchange) => {
    const { changes } = await ownOrganization(stage, exchange);
    await stage.send(recorded("administration/PATCH organizations/{id}/200"), {
      at: micros(replyOf(exchange)["updatedOn"]),
    });
    return changes;
  },
  "authenticated/user_create/ok": own(),
  "authenticated/user_revoke/ok": own(undefined, (exchange) => ({
    others: standards([certificateIn(exchange, "revokedUserCertificate", "revoked_user_certificate").userId]),
  })),
  "authenticated/vlob_create/ok": own(realmOfRequest),
  "authenticated/vlob_poll_changes/ok": own(polled),
  "authenticated_account/account_delete_proceed/ok": async (stage, exchange) => {
    const { email, changes } = await ownAccount(stage, exchange);
    await stage.lead(recorded("authenticated_account/account_delete_send_validation_email/ok"), changes);
    return { ...changes, ...(await withMailedCode(stage, exchange, email)) };
  },
  "authenticated_account/account_delete_send_validation_email/ok": account,
  "authenticated_account/auth_method_create/ok": account,
  "authenticated_account/vault_item_list/ok": async (stage, exchange) => {
    const { keyAccess } = replyOf(exchange) as { readonly keyAccess: Uint8Array };
    const { changes } = await ownAccount(stage, exchange, { vaultKeyAccess: keyAccess });
    await stage.lead(recorded("authenticated_account/vault_item_upload/ok"), changes);
    return changes;
  },
  "authenticated_account/vault_item_upload/ok": account,
  "invited/invite_claimer_start_greeting_attempt/ok": invited,
  "invited/invite_claimer_step/not_ready": greeted(3, "claimer"),
  "invited/invite_claimer_step/ok": greeted(stepPairs.length, "claimer"),
  "invited/invite_shamir_recovery_reveal/ok": invited,
};
