import type { AnyCertificate } from "@parsec/types";
import { commonTopic, realmTopic, sequesterTopic, shamirTopic, type Topic } from "./topic.ts";

/** The topic that a certificate belongs to (spec 09a §2.1). */
export function topicOf(certificate: AnyCertificate): Topic {
  switch (certificate.type) {
    case "user_certificate":
    case "device_certificate":
    case "user_update_certificate":
    case "revoked_user_certificate":
      return commonTopic;
    case "realm_role_certificate":
    case "realm_name_certificate":
    case "realm_key_rotation_certificate":
    case "realm_archiving_certificate":
      return realmTopic(certificate.realmId);
    case "sequester_authority_certificate":
    case "sequester_service_certificate":
    case "sequester_revoked_service_certificate":
      return sequesterTopic;
    case "shamir_recovery_brief_certificate":
    case "shamir_recovery_share_certificate":
    case "shamir_recovery_deletion_certificate":
      return shamirTopic;
  }
}
