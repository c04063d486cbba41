import { IncreasingClock, systemClock } from "@parsec/base";
import { PrivateKey, SigningKey } from "@parsec/crypto";
import {
  DateTime,
  DeviceId,
  DeviceLabel,
  HumanHandle,
  type LocalDevice,
  OrganizationId,
  serverAddress,
  signCertificate,
  UserId,
  VlobId,
} from "@parsec/types";
import { bootstrapRequest, newOrganization } from "../../src/bootstrap/new-organization.ts";
import { CertificateIndex } from "../../src/certificates/certificate-index.ts";
import { type CertificateBatch, ingest } from "../../src/certificates/ingest.ts";
import { signNewUser } from "../../src/invitations/create-user.ts";

// Organizations of many people, without anybody to greet them.

const clock = new IncreasingClock(systemClock);
const now = () => DateTime.fromMicros(clock.next());

interface PublicKeys {
  readonly publicKey: PrivateKey["publicKey"];
  readonly verifyKey: SigningKey["verifyKey"];
}

let keys: PublicKeys | undefined;

/** All people have the same keys: nobody logs in as one of them. */
function keysOfAll(): PublicKeys {
  keys ??= { publicKey: PrivateKey.generate().publicKey, verifyKey: SigningKey.generate().verifyKey };
  return keys;
}

/** The certificates of a new user, signed by an ADMIN. */
export function signPerson(device: LocalDevice, index: number) {
  const person = {
    humanHandle: HumanHandle.parse(`user${index}@example.com`, `User ${index}`),
    deviceLabel: DeviceLabel.parse("laptop"),
    profile: "STANDARD" as const,
    ...keysOfAll(),
  };
  return signNewUser(device, person, { userId: UserId.generate(), deviceId: DeviceId.generate() }, now());
}

export interface Population {
  readonly device: LocalDevice;
  readonly batch: CertificateBatch;
  readonly count: number;
}

/** Validates all certificates of an organization, as a new device does. */
export async function ingestAll({ batch, device }: Population): Promise<void> {
  await ingest(new CertificateIndex(), batch, device);
}

/** An organization of so many users, whose first has so many workspaces. */
export function populate(users: number, realms: number): Population {
  const address = {
    ...serverAddress("parsec.example.com"),
    kind: "organization_bootstrap",
    organizationId: OrganizationId.parse("Acme"),
    token: null,
  } as const;
  const organization = newOrganization(address, {
    humanHandle: HumanHandle.parse("admin@example.com", "Admin"),
    deviceLabel: DeviceLabel.parse("desk"),
    sequesterAuthorityKey: undefined,
  });
  const { device } = organization;
  const first = bootstrapRequest(organization, address, undefined, now());
  const commonCertificates = [first.userCertificate, first.deviceCertificate];
  for (let index = 1; index < users; index += 1) {
    const signed = signPerson(device, index);
    commonCertificates.push(signed.userCertificate, signed.deviceCertificate);
  }
  const realmCertificates = new Map(
    Array.from({ length: realms }, () => {
      const realmId = VlobId.generate();
      const common = { author: device.deviceId, timestamp: now(), userId: device.userId };
      const role = { type: "realm_role_certificate", ...common, realmId, role: "OWNER" } as const;
      return [realmId, [signCertificate(device.signingKey, role)]];
    }),
  );
  const batch = { commonCertificates, realmCertificates, sequesterCertificates: [], shamirRecoveryCertificates: [] };
  return { device, batch, count: commonCertificates.length + realms };
}
