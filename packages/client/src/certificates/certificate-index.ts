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

/** Lists of certificates by id. A list is replaced, never changed: a fork may share it. */
type Lists<Id, C> = Map<Id, readonly C[]>;

/**
 * The certificates of one organization, in memory. A batch is validated over a {@link fork} that takes its place once
 * the batch is stored: readers keep the snapshot that they hold (architecture §2, overlay of the batch).
 */
export class CertificateIndex implements CertificateView {
  readonly #users: Lists<UserId, UserCertificate>;
  readonly #devices: Lists<DeviceId, DeviceCertificate>;
  readonly #devicesOfUsers: Lists<UserId, DeviceCertificate>;
  readonly #updates: Lists<UserId, UserUpdateCertificate>;
  readonly #revocations: Lists<UserId, RevokedUserCertificate>;
  readonly #roles: Lists<VlobId, RealmRoleCertificate>;
  readonly #names: Lists<VlobId, RealmNameCertificate>;
  readonly #rotations: Lists<VlobId, RealmKeyRotationCertificate>;
  readonly #archivings: Lists<VlobId, RealmArchivingCertificate>;
  readonly #services: Lists<SequesterServiceId, SequesterServiceCertificate>;
  readonly #serviceRevocations: Lists<SequesterServiceId, SequesterRevokedServiceCertificate>;
  readonly #shares: Lists<DeviceId, ShamirRecoveryShareCertificate>;
  readonly #deletions: Lists<UserId, ShamirRecoveryDeletionCertificate>;
  readonly #realmTimestamps: Map<VlobId, DateTime>;
  #briefs: readonly ShamirRecoveryBriefCertificate[];
  #authority: SequesterAuthorityCertificate | undefined;
  #common: DateTime | undefined;
  #sequester: DateTime | undefined;
  #shamir: DateTime | undefined;

  constructor(base?: CertificateIndex) {
    this.#users = new Map(base?.#users);
    this.#devices = new Map(base?.#devices);
    this.#devicesOfUsers = new Map(base?.#devicesOfUsers);
    this.#updates = new Map(base?.#updates);
    this.#revocations = new Map(base?.#revocations);
    this.#roles = new Map(base?.#roles);
    this.#names = new Map(base?.#names);
    this.#rotations = new Map(base?.#rotations);
    this.#archivings = new Map(base?.#archivings);
    this.#services = new Map(base?.#services);
    this.#serviceRevocations = new Map(base?.#serviceRevocations);
    this.#shares = new Map(base?.#shares);
    this.#deletions = new Map(base?.#deletions);
    this.#realmTimestamps = new Map(base?.#realmTimestamps);
    this.#briefs = base?.#briefs ?? [];
    this.#authority = base?.#authority;
    this.#common = base?.#common;
    this.#sequester = base?.#sequester;
    this.#shamir = base?.#shamir;
  }

  /** A copy that can be added to without changing this one. */
  fork(): CertificateIndex {
    return new CertificateIndex(this);
  }

  /** Adds a certificate, blindly. Certificates of one topic come in their order. */
  add(certificate: AnyCertificate): void {
    this.#touch(topicOf(certificate), certificate.timestamp);
    switch (certificate.type) {
      case "user_certificate":
        return append(this.#users, certificate.userId, certificate);
      case "device_certificate":
        append(this.#devices, certificate.deviceId, certificate);
        return append(this.#devicesOfUsers, certificate.userId, certificate);
      case "user_update_certificate":
        return append(this.#updates, certificate.userId, certificate);
      case "revoked_user_certificate":
        return append(this.#revocations, certificate.userId, certificate);
      case "realm_role_certificate":
        return append(this.#roles, certificate.realmId, certificate);
      case "realm_name_certificate":
        return append(this.#names, certificate.realmId, certificate);
      case "realm_key_rotation_certificate":
        return append(this.#rotations, certificate.realmId, certificate);
      case "realm_archiving_certificate":
        return append(this.#archivings, certificate.realmId, certificate);
      case "sequester_authority_certificate":
        this.#authority = certificate;
        return;
      case "sequester_service_certificate":
        return append(this.#services, certificate.serviceId, certificate);
      case "sequester_revoked_service_certificate":
        return append(this.#serviceRevocations, certificate.serviceId, certificate);
      case "shamir_recovery_brief_certificate":
        this.#briefs = [...this.#briefs, certificate];
        return;
      case "shamir_recovery_share_certificate":
        return append(this.#shares, certificate.author, certificate);
      case "shamir_recovery_deletion_certificate":
        return append(this.#deletions, certificate.setupToDeleteUserId, certificate);
    }
  }

  #touch(topic: Topic, timestamp: DateTime): void {
    const last = this.last(topic);
    if (last !== undefined && last >= timestamp) return;
    if (topic.kind === "common") this.#common = timestamp;
    else if (topic.kind === "sequester") this.#sequester = timestamp;
    else if (topic.kind === "shamir_recovery") this.#shamir = timestamp;
    else this.#realmTimestamps.set(topic.realmId, timestamp);
  }

  last(topic: Topic): DateTime | undefined {
    if (topic.kind === "common") return this.#common;
    if (topic.kind === "sequester") return this.#sequester;
    if (topic.kind === "shamir_recovery") return this.#shamir;
    return this.#realmTimestamps.get(topic.realmId);
  }

  get lastTimestamps(): TopicTimestamps {
    return {
      common: this.#common,
      sequester: this.#sequester,
      shamirRecovery: this.#shamir,
      realm: new Map(this.#realmTimestamps),
    };
  }

  get isEmpty(): boolean {
    return (
      this.#common === undefined &&
      this.#sequester === undefined &&
      this.#shamir === undefined &&
      this.#realmTimestamps.size === 0
    );
  }

  user(id: UserId): UserCertificate | undefined {
    return this.#users.get(id)?.at(-1);
  }

  users(): readonly UserCertificate[] {
    return [...this.#users.values()].flat();
  }

  device(id: DeviceId): DeviceCertificate | undefined {
    return this.#devices.get(id)?.at(-1);
  }

  devicesOf(user: UserId): readonly DeviceCertificate[] {
    return this.#devicesOfUsers.get(user) ?? [];
  }

  updatesOf(user: UserId): readonly UserUpdateCertificate[] {
    return this.#updates.get(user) ?? [];
  }

  revocationOf(user: UserId): RevokedUserCertificate | undefined {
    return this.#revocations.get(user)?.at(-1);
  }

  realmIds(): readonly VlobId[] {
    return [...this.#realmTimestamps.keys()];
  }

  realmRoles(realm: VlobId): readonly RealmRoleCertificate[] {
    return this.#roles.get(realm) ?? [];
  }

  realmNames(realm: VlobId): readonly RealmNameCertificate[] {
    return this.#names.get(realm) ?? [];
  }

  keyRotations(realm: VlobId): readonly RealmKeyRotationCertificate[] {
    return this.#rotations.get(realm) ?? [];
  }

  archivings(realm: VlobId): readonly RealmArchivingCertificate[] {
    return this.#archivings.get(realm) ?? [];
  }

  sequesterAuthority(): SequesterAuthorityCertificate | undefined {
    return this.#authority;
  }

  sequesterServices(): readonly SequesterServiceCertificate[] {
    return [...this.#services.values()].flat();
  }

  sequesterRevocationOf(service: SequesterServiceId): SequesterRevokedServiceCertificate | undefined {
    return this.#serviceRevocations.get(service)?.at(-1);
  }

  sequesterRevocations(): readonly SequesterRevokedServiceCertificate[] {
    return [...this.#serviceRevocations.values()].flat();
  }

  shamirBriefs(): readonly ShamirRecoveryBriefCertificate[] {
    return this.#briefs;
  }

  shamirSharesOf(author: DeviceId): readonly ShamirRecoveryShareCertificate[] {
    return this.#shares.get(author) ?? [];
  }

  shamirDeletionsOf(user: UserId): readonly ShamirRecoveryDeletionCertificate[] {
    return this.#deletions.get(user) ?? [];
  }
}

function append<Id, C>(lists: Lists<Id, C>, id: Id, certificate: C): void {
  lists.set(id, [...(lists.get(id) ?? []), certificate]);
}
