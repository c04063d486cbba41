import type {
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

/**
 * The certificates that this device knows, all of them validated. Read-only and synchronous: validation rules and
 * queries are pure functions over it. Lists are oldest first.
 */
export interface CertificateView {
  readonly isEmpty: boolean;
  /** DateTime of the last certificate of a topic. */
  last(topic: Topic): DateTime | undefined;
  readonly lastTimestamps: TopicTimestamps;

  user(id: UserId): UserCertificate | undefined;
  users(): readonly UserCertificate[];
  device(id: DeviceId): DeviceCertificate | undefined;
  devicesOf(user: UserId): readonly DeviceCertificate[];
  updatesOf(user: UserId): readonly UserUpdateCertificate[];
  revocationOf(user: UserId): RevokedUserCertificate | undefined;

  realmIds(): readonly VlobId[];
  realmRoles(realm: VlobId): readonly RealmRoleCertificate[];
  realmNames(realm: VlobId): readonly RealmNameCertificate[];
  keyRotations(realm: VlobId): readonly RealmKeyRotationCertificate[];
  archivings(realm: VlobId): readonly RealmArchivingCertificate[];

  sequesterAuthority(): SequesterAuthorityCertificate | undefined;
  sequesterServices(): readonly SequesterServiceCertificate[];
  sequesterRevocationOf(service: SequesterServiceId): SequesterRevokedServiceCertificate | undefined;
  sequesterRevocations(): readonly SequesterRevokedServiceCertificate[];

  shamirBriefs(): readonly ShamirRecoveryBriefCertificate[];
  shamirSharesOf(author: DeviceId): readonly ShamirRecoveryShareCertificate[];
  shamirDeletionsOf(user: UserId): readonly ShamirRecoveryDeletionCertificate[];
}
