import { SecretKey, type SigningKey, splitSigned } from "@parsec/crypto";
import {
  accountCreateProceed,
  accountCreateSendValidationEmail,
  bearer,
  createAccountToken,
  createDeviceToken,
} from "@parsec/protocol";
import { AccountAuthMethodId, DateTime, HumanHandle, UserId, type UserProfile, ValidationCode } from "@parsec/types";
import { type Actor, freshActor, freshHandle } from "../../conformance/support/actor.ts";
import { Coverage, RpcClient } from "../../conformance/support/client.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { bootstrap, userCreate } from "./operations.ts";
import {
  bearerIdOf,
  deviceOf,
  type Exchange,
  known,
  type Operation,
  recordedDate,
  recordedOn,
  requestOf,
} from "./recorded.ts";
import type { Changes, Stage, Substitution } from "./stage.ts";

/** µs before the exchange at which everything is in place. */
const preparation = 3_600_000_000;

export interface OwnOrganization {
  /** Has the recorded device id, and a key of ours. An ADMIN. */
  readonly author: Actor;
  /** A date before the exchange, later at each call. */
  readonly date: () => DateTime;
  /** Signs the recorded request with the author's key. */
  readonly changes: Changes;
  /** The devices of the other users. */
  readonly devices: ReadonlyMap<UserId, Actor>;
}

/**
 * An organization of ours under the recorded id. The recorder's keys are lost: the bearer token and the certificates of
 * the recorded request get signatures of a key of ours, and nothing else of the request changes.
 */
export async function ownOrganization(
  stage: Stage,
  exchange: Exchange,
  options: { readonly userId?: UserId; readonly others?: ReadonlyMap<UserId, UserProfile> } = {},
): Promise<OwnOrganization> {
  const author = {
    ...freshActor(freshHandle(), options.userId ?? UserId.generate()),
    deviceId: deviceOf(exchange),
  };
  let last = recordedOn(exchange) - preparation;
  const date = () => DateTime.fromMicros((last += 1));
  const devices = new Map<UserId, Actor>();
  const others = [...(options.others ?? [])].map(([userId, profile]): Operation => {
    const other = freshActor(freshHandle(), userId);
    devices.set(userId, other);
    return userCreate(author, other, profile, date());
  });
  await stage.load(exchange, [bootstrap(author, recordedOn(exchange) - preparation), ...others]);
  return { author, date, changes: signedAnew(exchange, author.signingKey), devices };
}

/** The changes that replace each signature of the request by one of this key. */
export function signedAnew(exchange: Exchange, key: SigningKey): Changes {
  const token = createDeviceToken(deviceOf(exchange), key, recordedDate(exchange));
  const certificates = Object.entries(requestOf(exchange)).flatMap(([field, value]) => {
    if (field.endsWith("Certificate") && value instanceof Uint8Array) return [value];
    return field.endsWith("Certificates") && Array.isArray(value) ? (value as Uint8Array[]) : [];
  });
  const substitutions = certificates.map((certificate): Substitution => {
    const { signature, message } = splitSigned(certificate);
    return [signature, key.signDetached(message)];
  });
  return { substitutions, headers: { authorization: bearer(token) } };
}

export interface OwnAccount {
  readonly email: string;
  readonly changes: Changes;
}

/** An account of ours whose authentication method has the id of the recorded bearer token. */
export async function ownAccount(
  stage: Stage,
  exchange: Exchange,
  options: { readonly email?: string; readonly vaultKeyAccess?: Uint8Array; readonly authMethodId?: string } = {},
): Promise<OwnAccount> {
  const client = new RpcClient(stage.url, new Coverage());
  const humanHandle = HumanHandle.parse(options.email ?? freshHandle().email, "Agent");
  const authMethodId = known(AccountAuthMethodId.parse(options.authMethodId ?? bearerIdOf(exchange)));
  const now = DateTime.fromMicros(recordedOn(exchange) - preparation);
  const macKey = SecretKey.generate();
  await stage.setClock(now);
  const nobody = { kind: "nobody" } as const;
  const { email } = humanHandle;
  expectStatus(await client.send(accountCreateSendValidationEmail, nobody, { email }, { now }), "ok");
  const accountCreateStep = {
    step: "NUMBER_1_CREATE",
    authMethodId,
    authMethodMacKey: macKey,
    authMethodPasswordAlgorithm: null,
    humanHandle,
    validationCode: ValidationCode.parse(await stage.mailedCode(email)),
    vaultKeyAccess: options.vaultKeyAccess ?? new Uint8Array(9),
  } as const;
  expectStatus(await client.send(accountCreateProceed, nobody, { accountCreateStep }, { now }), "ok");
  const token = createAccountToken(authMethodId, macKey, recordedDate(exchange));
  return { email, changes: { headers: { authorization: bearer(token) } } };
}
