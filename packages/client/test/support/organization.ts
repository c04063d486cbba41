import { PrivateKey, SigningKey } from "@parsec/crypto";
import {
  type AnyCertificate,
  DateTime,
  type DeviceCertificate,
  DeviceId,
  DeviceLabel,
  HumanHandle,
  type RealmRole,
  type SignedCertificate,
  signCertificate,
  type UserCertificate,
  UserId,
  type UserProfile,
  VlobId,
} from "@parsec/types";
import { CertificateIndex } from "../../src/certificates/certificate-index.ts";

export interface TestUser {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  readonly signingKey: SigningKey;
  readonly privateKey: PrivateKey;
  readonly user: UserCertificate;
  readonly device: DeviceCertificate;
}

/** An organization made of certificates alone, without server: one second passes at each of them. */
export class TestOrganization {
  readonly rootKey = SigningKey.generate();
  readonly index = new CertificateIndex();
  readonly #users = new Map<string, TestUser>();
  #now = 1_000_000_000_000_000;

  /** The time of the next certificate. */
  tick(): DateTime {
    this.#now += 1_000_000;
    return DateTime.fromMicros(this.#now);
  }

  /** Adds a user; the first one is signed by root. */
  user(name: string, profile: UserProfile, author?: TestUser): TestUser {
    const made = this.newUser(name, profile, author);
    this.index.add(made.user);
    this.index.add(made.device);
    this.#users.set(name, made);
    return made;
  }

  /** A user whose certificates nobody has seen yet. */
  newUser(name: string, profile: UserProfile, author?: TestUser): TestUser {
    const common = { author: author?.deviceId ?? null, timestamp: this.tick() };
    const [userId, deviceId] = [UserId.generate(), DeviceId.generate()];
    const [signingKey, privateKey] = [SigningKey.generate(), PrivateKey.generate()];
    return {
      userId,
      deviceId,
      signingKey,
      privateKey,
      user: {
        type: "user_certificate",
        ...common,
        userId,
        humanHandle: HumanHandle.parse(`${name}@example.com`, name),
        publicKey: privateKey.publicKey,
        algorithm: "X25519_XSALSA20_POLY1305",
        profile,
      },
      device: {
        type: "device_certificate",
        purpose: "STANDARD",
        ...common,
        userId,
        deviceId,
        deviceLabel: DeviceLabel.parse("laptop"),
        verifyKey: signingKey.verifyKey,
        algorithm: "ED25519",
      },
    };
  }

  role(author: TestUser, realmId: VlobId, { userId }: TestUser, role: RealmRole | null): void {
    this.add(author, (common) => ({ type: "realm_role_certificate", ...common, realmId, userId, role }));
  }

  revoke(author: TestUser, { userId }: TestUser): void {
    this.add(author, (common) => ({ type: "revoked_user_certificate", ...common, userId }));
  }

  profile(author: TestUser, { userId }: TestUser, newProfile: UserProfile): void {
    this.add(author, (common) => ({ type: "user_update_certificate", ...common, userId, newProfile }));
  }

  rotation(author: TestUser, realmId: VlobId): void {
    const keyIndex = this.index.keyRotations(realmId).length + 1;
    this.add(author, (common) => ({
      type: "realm_key_rotation_certificate",
      ...common,
      realmId,
      keyIndex,
      encryptionAlgorithm: "BLAKE2_XSALSA20_POLY1305",
      hashAlgorithm: "SHA256",
      keyCanary: new Uint8Array(40),
    }));
  }

  /** A realm of one owner, with a first key. */
  realm(owner: TestUser): VlobId {
    const realmId = VlobId.generate();
    this.role(owner, realmId, owner, "OWNER");
    this.rotation(owner, realmId);
    return realmId;
  }

  add(author: TestUser, make: (common: { author: DeviceId; timestamp: DateTime }) => AnyCertificate): void {
    this.index.add(make({ author: author.deviceId, timestamp: this.tick() }));
  }

  sign(certificate: SignedCertificate, key: SigningKey = this.rootKey): Uint8Array {
    return signCertificate(key, certificate);
  }
}
