import type { OrganizationId } from "@parsec/types";
import type { BlockStore } from "../../block-store/port.ts";
import type { OrganizationRow } from "../../store/port/organizations.ts";
import type { Store } from "../../store/port/store.ts";
import { TestbedError } from "../error.ts";
import { invitationAndShamirOperations } from "./invitations.ts";
import type { DumpContext } from "./operation.ts";
import { realmOperations } from "./realms.ts";
import { sequesterOperations } from "./sequester.ts";
import { userOperations } from "./users.ts";

/** Everything that an organization holds, as operations that make it again (spec 13 §7). @throws TestbedError */
export async function dumpOrganization(store: Store, blockStore: BlockStore, organizationId: OrganizationId) {
  return await store.transaction(async (tx) => {
    const organization = await tx.organizations.find(organizationId);
    if (organization === undefined) throw new TestbedError("organization_not_found", "There is no such organization");
    const context: DumpContext = { tx, organizationId, organization };
    const operations = [
      ...(await userOperations(context)),
      ...(await sequesterOperations(context)),
      ...(await realmOperations(context, blockStore)),
      ...(await invitationAndShamirOperations(context)),
    ];
    return { end: "commit", value: { organization: settingsJson(organization), operations } };
  });
}

function settingsJson(organization: OrganizationRow) {
  const { tos, bootstrapToken, allowedClientAgent } = organization;
  return {
    created_on: organization.createdOn,
    bootstrap_token: bootstrapToken,
    is_expired: organization.isExpired,
    active_users_limit: organization.activeUsersLimit,
    user_profile_outsider_allowed: organization.userProfileOutsiderAllowed,
    realm_minimum_archiving_period_before_deletion: organization.realmMinimumArchivingPeriodBeforeDeletion,
    allowed_client_agent: allowedClientAgent,
    tos: tos && { per_locale_urls: Object.fromEntries(tos.perLocaleUrls), updated_on: tos.updatedOn },
  };
}
