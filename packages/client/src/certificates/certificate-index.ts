import type {
  AnyCertificate,
  DateTime,
  DeviceCertificate,
  DeviceId,
  RealmArchivingCertificate,
  RealmKeyRotationCertificate,
  RealmNameCertificate,
  RealmRoleCertificate,
  RevokedUserCertificate,
  SequesterAuthorityCertificate,
  SequesterRevokedServiceCertificate,
  SequesterServiceCertificate,
  SequesterServiceId,
  ShamirRecoveryBriefCertificate,
  ShamirRecoveryDeletionCertificate,
  ShamirRecoveryShareCertificate,
  UserCertificate,
  UserId,
  UserUpdateCertificate,
  VlobId,
} from "@parsec/types";
import type { Topic, TopicTimestamps } from "./topic.ts";
import { topicOf } from "./topic-of.ts";
import type { CertificateView } from "./view.ts";

/** Lists of certificates by id. A list is replaced, never changed: forks share them. */
type Lists<Id, C> = Map<Id, readonly C[]>;

interface Tables {
  readonly users: Lists<UserId, UserCertificate>;
  readonly devices: Lists<DeviceId, DeviceCertificate>;
  readonly devicesOfUsers: Lists<UserId, DeviceCertificate>;
  readonly updates: Lists<UserId, UserUpdateCertificate>;
  readonly revocations: Lists<UserId, RevokedUserCertificate>;
  readonly roles: Lists<VlobId, RealmRoleCertificate>;
  readonly names: Lists<VlobId, RealmNameCertificate>;
  readonly rotations: Lists<VlobId, RealmKeyRotationCertificate>;
  readonly archivings: Lists<VlobId, RealmArchivingCertificate>;
  readonly services: Lists<SequesterServiceId, SequesterServiceCertificate>;
  readonly serviceRevocations: Lists<SequesterServiceId, SequesterRevokedServiceCertificate>;
  readonly shares: Lists<DeviceId, ShamirRecoveryShareCertificate>;
  readonly deletions: Lists<UserId, ShamirRecoveryDeletionCertificate>;
  readonly realmTimestamps: Map<VlobId, DateTime>;
  briefs: readonly ShamirRecoveryBriefCertificate[];
  authority: SequesterAuthorityCertificate | undefined;
  common: DateTime | undefined;
  sequester: DateTime | undefined;
  shamirRecovery: DateTime | undefined;
}

/** The same content in tables of its own. */
function copyTables(tables: Partial<Tables>): Tables {
  return {
    users: new Map(tables.users),
    devices: new Map(tables.devices),
    devicesOfUsers: new Map(tables.devicesOfUsers),
    updates: new Map(tables.updates),
    revocations: new Map(tables.revocations),
    roles: new Map(tables.roles),
    names: new Map(tables.names),
    rotations: new Map(tables.rotations),
    archivings: new Map(tables.archivings),
    services: new Map(tables.services),
    serviceRevocations: new Map(tables.serviceRevocations),
    shares: new Map(tables.shares),
    deletions: new Map(tables.deletions),
    realmTimestamps: new Map(tables.realmTimestamps),
    briefs: tables.briefs ?? [],
    authority: tables.authority,
    common: tables.common,
    sequester: tables.sequester,
    shamirRecovery: tables.shamirRecovery,
  };
}

/**
 * The certificates of one organization, in memory. A batch is validated over a {@link fork} that takes its place once
 * the batch is stored: readers keep the snapshot that they hold (architecture §2, overlay of the batch).
 */
export class CertificateIndex implements CertificateView {
  readonly #tables: Tables;

  constructor(tables: Partial<Tables> = {}) {
    this.#tables = copyTables(tables);
  }

  /** A copy that can be added to without changing this one. */
  fork(): CertificateIndex {
    return new CertificateIndex(this.#tables);
  }

  /** Adds a certificate, blindly. Certificates of one topic come in their order. */
  add(certificate: AnyCertificate): void {
    this.#touch(topicOf(certificate), certificate.timestamp);
    switch (certificate.type) {
      case "user_certificate":
        return append(this.#tables.users, certificate.userId, certificate);
      case "device_certificate":
        append(this.#tables.devices, certificate.deviceId, certificate);
        return append(this.#tables.devicesOfUsers, certificate.userId, certificate);
      case "user_update_certificate":
        return append(this.#tables.updates, certificate.userId, certificate);
      case "revoked_user_certificate":
        return append(this.#tables.revocations, certificate.userId, certificate);
      case "realm_role_certificate":
        return append(this.#tables.roles, certificate.realmId, certificate);
      case "realm_name_certificate":
        return append(this.#tables.names, certificate.realmId, certificate);
      case "realm_key_rotation_certificate":
        return append(this.#tables.rotations, certificate.realmId, certificate);
      case "realm_archiving_certificate":
        return append(this.#tables.archivings, certificate.realmId, certificate);
      case "sequester_authority_certificate":
        this.#tables.authority = certificate;
        return;
      case "sequester_service_certificate":
        return append(this.#tables.services, certificate.serviceId, certificate);
      case "sequester_revoked_service_certificate":
        return append(this.#tables.serviceRevocations, certificate.serviceId, certificate);
      case "shamir_recovery_brief_certificate":
        this.#tables.briefs = [...this.#tables.briefs, certificate];
        return;
      case "shamir_recovery_share_certificate":
        return append(this.#tables.shares, certificate.author, certificate);
      case "shamir_recovery_deletion_certificate":
        return append(this.#tables.deletions, certificate.setupToDeleteUserId, certificate);
    }
  }

  #touch(topic: Topic, timestamp: DateTime): void {
    const last = this.last(topic);
    if (last !== undefined && last >= timestamp) return;
    if (topic.kind === "common") this.#tables.common = timestamp;
    else if (topic.kind === "sequester") this.#tables.sequester = timestamp;
    else if (topic.kind === "shamir_recovery") this.#tables.shamirRecovery = timestamp;
    else this.#tables.realmTimestamps.set(topic.realmId, timestamp);
  }

  last(topic: Topic): DateTime | undefined {
    if (topic.kind === "common") return this.#tables.common;
    if (topic.kind === "sequester") return this.#tables.sequester;
    if (topic.kind === "shamir_recovery") return this.#tables.shamirRecovery;
    return this.#tables.realmTimestamps.get(topic.realmId);
  }

  get lastTimestamps(): TopicTimestamps {
    return {
      common: this.#tables.common,
      sequester: this.#tables.sequester,
      shamirRecovery: this.#tables.shamirRecovery,
      realm: new Map(this.#tables.realmTimestamps),
    };
  }

  get isEmpty(): boolean {
    return (
      this.#tables.common === undefined &&
      this.#tables.sequester === undefined &&
      this.#tables.shamirRecovery === undefined &&
      this.#tables.realmTimestamps.size === 0
    );
  }

  user(id: UserId): UserCertificate | undefined {
    return this.#tables.users.get(id)?.at(-1);
  }

  users(): readonly UserCertificate[] {
    return [...this.#tables.users.values()].flat();
  }

  device(id: DeviceId): DeviceCertificate | undefined {
    return this.#tables.devices.get(id)?.at(-1);
  }

  devicesOf(user: UserId): readonly DeviceCertificate[] {
    return this.#tables.devicesOfUsers.get(user) ?? [];
  }

  updatesOf(user: UserId): readonly UserUpdateCertificate[] {
    return this.#tables.updates.get(user) ?? [];
  }

  revocationOf(user: UserId): RevokedUserCertificate | undefined {
    return this.#tables.revocations.get(user)?.at(-1);
  }

  realmIds(): readonly VlobId[] {
    return [...this.#tables.realmTimestamps.keys()];
  }

  realmRoles(realm: VlobId): readonly RealmRoleCertificate[] {
    return this.#tables.roles.get(realm) ?? [];
  }

  realmNames(realm: VlobId): readonly RealmNameCertificate[] {
    return this.#tables.names.get(realm) ?? [];
  }

  keyRotations(realm: VlobId): readonly RealmKeyRotationCertificate[] {
    return this.#tables.rotations.get(realm) ?? [];
  }

  archivings(realm: VlobId): readonly RealmArchivingCertificate[] {
    return this.#tables.archivings.get(realm) ?? [];
  }

  sequesterAuthority(): SequesterAuthorityCertificate | undefined {
    return this.#tables.authority;
  }

  sequesterServices(): readonly SequesterServiceCertificate[] {
    return [...this.#tables.services.values()].flat();
  }

  sequesterRevocationOf(service: SequesterServiceId): SequesterRevokedServiceCertificate | undefined {
    return this.#tables.serviceRevocations.get(service)?.at(-1);
  }

  sequesterRevocations(): readonly SequesterRevokedServiceCertificate[] {
    return [...this.#tables.serviceRevocations.values()].flat();
  }

  shamirBriefs(): readonly ShamirRecoveryBriefCertificate[] {
    return this.#tables.briefs;
  }

  shamirSharesOf(author: DeviceId): readonly ShamirRecoveryShareCertificate[] {
    return this.#tables.shares.get(author) ?? [];
  }

  shamirDeletionsOf(user: UserId): readonly ShamirRecoveryDeletionCertificate[] {
    return this.#tables.deletions.get(user) ?? [];
  }
}

function append<Id, C>(lists: Lists<Id, C>, id: Id, certificate: C): void {
  lists.set(id, [...(lists.get(id) ?? []), certificate]);
}
