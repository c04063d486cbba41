import { SettableClock } from "@parsec/base";
import { PrivateKey, ready, SecretKey, SigningKey } from "@parsec/crypto";
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

await ready();

export const start = 1_700_000_000_000_000;

export function newClock(): SettableClock {
  return new SettableClock(start);
}

export function newDevice(label = "laptop"): LocalDevice {
  return {
    type: "local_device",
    serverUrl: serverAddress("parsec.example.com"),
    organizationId: OrganizationId.parse("Acme"),
    rootVerifyKey: SigningKey.generate().verifyKey,
    userId: UserId.generate(),
    deviceId: DeviceId.generate(),
    deviceLabel: DeviceLabel.parse(label),
    humanHandle: HumanHandle.parse("alice@example.com", "Alice"),
    signingKey: SigningKey.generate(),
    privateKey: PrivateKey.generate(),
    initialProfile: "ADMIN",
    userRealmId: VlobId.generate(),
    userRealmKey: SecretKey.generate(),
    localSymkey: SecretKey.generate(),
  };
}
