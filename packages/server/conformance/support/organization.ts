import assert from "node:assert/strict";
import { IncreasingClock, systemClock } from "@parsec/base";
import { type SequesterSigningKey, SigningKey } from "@parsec/crypto";
import {
  type Command,
  deviceCreate,
  type Family,
  type OrganizationBootstrapRequest,
  organizationBootstrap,
  realmCreate,
  realmRotateKey,
  realmShare,
  realmUnshare,
  userCreate,
  userRevoke,
  userUpdate,
  vlobCreate,
} from "@parsec/protocol";
import {
  type AccessToken,
  DateTime,
  type RealmArchivingConfiguration,
  type RealmRole,
  type SequesterServiceId,
  signCertificate,
  type UserId,
  type UserProfile,
  VlobId,
} from "@parsec/types";
import {
  type Actor,
  type CertificateChanges,
  deviceCertificates,
  freshActor,
  type Signer,
  userCertificates,
} from "./actor.ts";
import type { RpcClient, SendOptions } from "./client.ts";

type Reply = { readonly status: string };
type Fields<C> = C extends Command<Family, string, infer Request, unknown> ? Omit<Request, "cmd"> : never;

/** Fails with the whole reply unless its status is that one. */
export function expectStatus<R extends Reply, S extends R["status"]>(
  reply: R,
  status: S,
): asserts reply is Extract<R, { readonly status: S }> {
  assert.equal(reply.status, status, `got ${JSON.stringify(reply)}`);
}

/** An organization of the server under test, and what is needed to act in it. */
export class TestOrganization {
  readonly id: string;
  readonly client: RpcClient;
  readonly bootstrapToken: AccessToken | null;
  readonly rootKey = SigningKey.generate();
  /** Null: not sequestered. */
  readonly authorityKey: SequesterSigningKey | null;
  /** The first user, an ADMIN once {@link bootstrap} is done. */
  readonly alice = freshActor();
  readonly #clock = new IncreasingClock(systemClock);

  constructor(
    client: RpcClient,
    id: string,
    bootstrapToken: AccessToken | null,
    authorityKey: SequesterSigningKey | null = null,
  ) {
    this.client = client;
    this.id = id;
    this.bootstrapToken = bootstrapToken;
    this.authorityKey = authorityKey;
  }

  /** A date after all dates given so far. */
  now(): DateTime {
    return DateTime.fromMicros(this.#clock.next());
  }

  async send<Name extends string, Request, R extends Reply>(
    author: Actor,
    command: Command<Family, Name, Request, R>,
    fields: Omit<Request, "cmd">,
    options: Partial<SendOptions> = {},
  ): Promise<R> {
    const sender = { kind: "device", ...author } as const;
    return await this.client.send(command, sender, fields, { organizationId: this.id, now: this.now(), ...options });
  }

  async sendAnonymously<Name extends string, Request, R extends Reply>(
    command: Command<Family, Name, Request, R>,
    fields: Omit<Request, "cmd">,
    options: Partial<SendOptions> = {},
  ): Promise<R> {
    const all = { organizationId: this.id, now: this.now(), ...options };
    return await this.client.send(command, { kind: "nobody" }, fields, all);
  }

  async sendInvited<Name extends string, Request, R extends Reply>(
    token: AccessToken,
    command: Command<Family, Name, Request, R>,
    fields: Omit<Request, "cmd">,
    options: Partial<SendOptions> = {},
  ): Promise<R> {
    const sender = { kind: "invitation", token } as const;
    return await this.client.send(command, sender, fields, { organizationId: this.id, now: this.now(), ...options });
  }

  bootstrapFields(
    changes: CertificateChanges & { readonly timestamp?: DateTime; readonly profile?: UserProfile } = {},
  ): Omit<OrganizationBootstrapRequest, "cmd"> {
    const { authorityKey, rootKey } = this;
    const timestamp = changes.timestamp ?? this.now();
    const signer: Signer = { key: rootKey, author: null };
    return {
      bootstrapToken: this.bootstrapToken,
      rootVerifyKey: rootKey.verifyKey,
      ...userCertificates(this.alice, signer, { timestamp, profile: changes.profile ?? "ADMIN" }, changes),
      sequesterAuthorityCertificate: authorityKey && this.authorityCertificate(authorityKey, timestamp),
    };
  }

  authorityCertificate(authorityKey: SequesterSigningKey, timestamp: DateTime): Uint8Array {
    const verifyKeyDer = authorityKey.verifyKey;
    return signCertificate(this.rootKey, { type: "sequester_authority_certificate", timestamp, verifyKeyDer });
  }

  async bootstrap(): Promise<this> {
    expectStatus(await this.sendAnonymously(organizationBootstrap, this.bootstrapFields()), "ok");
    return this;
  }

  /** The signer that stands for an actor in `userCertificates`. */
  signer(actor: Actor): Signer {
    return { key: actor.signingKey, author: actor.deviceId };
  }

  async addUser(profile: UserProfile = "STANDARD", actor: Actor = freshActor()): Promise<Actor> {
    const certificates = userCertificates(actor, this.signer(this.alice), { timestamp: this.now(), profile });
    expectStatus(await this.send(this.alice, userCreate, certificates), "ok");
    return actor;
  }

  async addDevice(owner: Actor): Promise<Actor> {
    const actor = freshActor(owner.handle, owner.userId);
    const { device, redacted } = deviceCertificates(actor, this.signer(owner), this.now());
    const fields = { deviceCertificate: device, redactedDeviceCertificate: redacted };
    expectStatus(await this.send(owner, deviceCreate, fields), "ok");
    return actor;
  }

  updateFields(
    author: Actor,
    userId: UserId,
    newProfile: UserProfile,
    timestamp = this.now(),
  ): Fields<typeof userUpdate> {
    const certificate = {
      type: "user_update_certificate",
      author: author.deviceId,
      timestamp,
      userId,
      newProfile,
    } as const;
    return { userUpdateCertificate: signCertificate(author.signingKey, certificate) };
  }

  async setProfile(target: Actor, profile: UserProfile): Promise<void> {
    const fields = this.updateFields(this.alice, target.userId, profile);
    expectStatus(await this.send(this.alice, userUpdate, fields), "ok");
  }

  revokeFields(author: Actor, userId: UserId, timestamp = this.now()): Fields<typeof userRevoke> {
    const certificate = { type: "revoked_user_certificate", author: author.deviceId, timestamp, userId } as const;
    return { revokedUserCertificate: signCertificate(author.signingKey, certificate) };
  }

  async revoke(target: Actor, author: Actor = this.alice): Promise<void> {
    expectStatus(await this.send(author, userRevoke, this.revokeFields(author, target.userId)), "ok");
  }

  /** A signed role certificate. */
  role(author: Actor, realmId: VlobId, userId: UserId, role: RealmRole | null, timestamp = this.now()): Uint8Array {
    const certificate = {
      type: "realm_role_certificate",
      author: author.deviceId,
      timestamp,
      realmId,
      userId,
      role,
    } as const;
    return signCertificate(author.signingKey, certificate);
  }

  name(author: Actor, realmId: VlobId, keyIndex: number, timestamp = this.now()): Uint8Array {
    const content = { realmId, keyIndex, encryptedName: new Uint8Array([1]), timestamp };
    return signCertificate(author.signingKey, { type: "realm_name_certificate", author: author.deviceId, ...content });
  }

  archiving(
    author: Actor,
    realmId: VlobId,
    configuration: RealmArchivingConfiguration,
    timestamp = this.now(),
  ): Uint8Array {
    const content = { realmId, configuration, timestamp };
    return signCertificate(author.signingKey, {
      type: "realm_archiving_certificate",
      author: author.deviceId,
      ...content,
    });
  }

  /** A request that rotates the key of a realm for these participants. */
  rotationFields(
    author: Actor,
    realmId: VlobId,
    keyIndex: number,
    participants: readonly Actor[],
    options: { readonly services?: readonly SequesterServiceId[] | null; readonly timestamp?: DateTime } = {},
  ): Fields<typeof realmRotateKey> {
    const { services = null, timestamp = this.now() } = options;
    const certificate = {
      type: "realm_key_rotation_certificate",
      author: author.deviceId,
      timestamp,
      realmId,
      keyIndex,
      encryptionAlgorithm: "BLAKE2_XSALSA20_POLY1305",
      hashAlgorithm: "SHA256",
      keyCanary: new Uint8Array([keyIndex]),
    } as const;
    return {
      realmKeyRotationCertificate: signCertificate(author.signingKey, certificate),
      perParticipantKeysBundleAccess: new Map(
        participants.map(({ userId }) => [userId, new Uint8Array([keyIndex, 1])]),
      ),
      perSequesterServiceKeysBundleAccess:
        services === null ? null : new Map(services.map((id) => [id, new Uint8Array([keyIndex, 2])])),
      keysBundle: new Uint8Array([keyIndex, 3]),
    };
  }

  /** A realm without key. */
  async createBareRealm(owner: Actor): Promise<VlobId> {
    const realmId = VlobId.generate();
    const realmRoleCertificate = this.role(owner, realmId, owner.userId, "OWNER");
    expectStatus(await this.send(owner, realmCreate, { realmRoleCertificate }), "ok");
    return realmId;
  }

  /** A realm with its first key. */
  async createRealm(owner: Actor): Promise<VlobId> {
    const realmId = await this.createBareRealm(owner);
    const services = this.authorityKey === null ? null : [];
    const fields = this.rotationFields(owner, realmId, 1, [owner], { services });
    expectStatus(await this.send(owner, realmRotateKey, fields), "ok");
    return realmId;
  }

  shareFields(
    author: Actor,
    realmId: VlobId,
    userId: UserId,
    role: RealmRole | null,
    options: { readonly keyIndex?: number; readonly timestamp?: DateTime } = {},
  ): Fields<typeof realmShare> {
    return {
      realmRoleCertificate: this.role(author, realmId, userId, role, options.timestamp),
      recipientKeysBundleAccess: new Uint8Array([9]),
      keyIndex: options.keyIndex ?? 1,
    };
  }

  async share(author: Actor, realmId: VlobId, recipient: Actor, role: RealmRole): Promise<void> {
    const fields = this.shareFields(author, realmId, recipient.userId, role);
    expectStatus(await this.send(author, realmShare, fields), "ok");
  }

  async unshare(author: Actor, realmId: VlobId, recipient: Actor): Promise<void> {
    const realmRoleCertificate = this.role(author, realmId, recipient.userId, null);
    expectStatus(await this.send(author, realmUnshare, { realmRoleCertificate }), "ok");
  }

  vlobFields(realmId: VlobId, changes: Partial<Fields<typeof vlobCreate>> = {}): Fields<typeof vlobCreate> {
    const blob = new TextEncoder().encode("encrypted");
    return { realmId, vlobId: VlobId.generate(), keyIndex: 1, timestamp: this.now(), blob, ...changes };
  }

  async createVlob(author: Actor, realmId: VlobId): Promise<VlobId> {
    const fields = this.vlobFields(realmId);
    expectStatus(await this.send(author, vlobCreate, fields), "ok");
    return fields.vlobId;
  }
}
