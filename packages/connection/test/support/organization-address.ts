import { SigningKey } from "@parsec/crypto";
import { type OrganizationAddress, OrganizationId, parseServerHttpUrl } from "@parsec/types";

/** The address of an organization on a server of these tests. */
export function organizationAt(url: string, id = "TestOrg"): OrganizationAddress {
  const verifyKey = SigningKey.generate().verifyKey;
  const server = parseServerHttpUrl(url);
  return { ...server, kind: "organization", organizationId: OrganizationId.parse(id), rootVerifyKey: verifyKey };
}
