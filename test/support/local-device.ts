import { PrivateKey, SecretKey, SigningKey } from "@parsec/crypto";
import {
  DeviceId,
  DeviceLabel,
  HumanHandle,
  type LocalDevice,
  OrganizationId,
  serverAddress,
  UserId,
  VlobId,
} from "@parsec/types";

/** A device that no server knows. */
export function newLocalDevice(): LocalDevice {
  return {
    type: "local_device",
    serverUrl: serverAddress("parsec.example.com"),
    organizationId: OrganizationId.parse("Acme"),
    rootVerifyKey: SigningKey.generate().verifyKey,
    userId: UserId.generate(),
    deviceId: DeviceId.generate(),
    deviceLabel: DeviceLabel.parse("laptop"),
    humanHandle: HumanHandle.parse("alice@example.com", "Alice"),
    signingKey: SigningKey.generate(),
    privateKey: PrivateKey.generate(),
    initialProfile: "ADMIN",
    userRealmId: VlobId.generate(),
    userRealmKey: SecretKey.generate(),
    localSymkey: SecretKey.generate(),
  };
}
