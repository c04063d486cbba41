import type { Queries } from "../../port/store.ts";
import type { SqlConnection, WriteGuard } from "../database.ts";
import { sqlAccounts } from "./accounts.ts";
import { sqlBlocks } from "./blocks.ts";
import { sqlCryptpad } from "./cryptpad.ts";
import { sqlEnrollments } from "./enrollments.ts";
import { sqlInvitations } from "./invitations.ts";
import { sqlOrganizations } from "./organizations.ts";
import { sqlRealms } from "./realms.ts";
import { sqlSequester } from "./sequester.ts";
import { sqlShamir } from "./shamir.ts";
import { sqlTopics } from "./topics.ts";
import { sqlTotp } from "./totp.ts";
import { sqlUsers } from "./users.ts";
import { sqlVlobs } from "./vlobs.ts";

/** The named queries of the port, on one connection, in either dialect. */
export function sqlQueries(connection: SqlConnection, guard: WriteGuard): Queries {
  return {
    organizations: sqlOrganizations(connection, guard),
    topics: sqlTopics(connection, guard),
    users: sqlUsers(connection, guard),
    realms: sqlRealms(connection, guard),
    vlobs: sqlVlobs(connection, guard),
    blocks: sqlBlocks(connection, guard),
    invitations: sqlInvitations(connection, guard),
    shamir: sqlShamir(connection, guard),
    sequester: sqlSequester(connection, guard),
    enrollments: sqlEnrollments(connection, guard),
    totp: sqlTotp(connection, guard),
    cryptpad: sqlCryptpad(connection, guard),
    accounts: sqlAccounts(connection, guard),
  };
}
