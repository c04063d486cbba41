import { ready, SigningKey } from "@parsec/crypto";
import { DateTime, DeviceId, signCertificate, UserId, unsecureLoadCertificate, verifyCertificate } from "@parsec/types";

await ready();
const signingKey = SigningKey.generate();
const author = DeviceId.generate();

const signed = signCertificate(signingKey, {
  type: "user_update_certificate",
  author,
  timestamp: DateTime.parseRfc3339("2024-06-07T12:00:00Z"),
  userId: UserId.generate(),
  newProfile: "ADMIN",
});

const unverified = unsecureLoadCertificate(signed); // tells who signed, and nothing else
const { value: certificate } = verifyCertificate(unverified, signingKey.verifyKey);
export const profile = certificate.type === "user_update_certificate" ? certificate.newProfile : undefined;
