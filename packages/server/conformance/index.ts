import { accountScenarios } from "./scenarios/accounts.ts";
import { enrollmentScenarios } from "./scenarios/enrollments.ts";
import { eventScenarios } from "./scenarios/events.ts";
import { httpScenarios } from "./scenarios/http.ts";
import { invitationScenarios } from "./scenarios/invitations.ts";
import { realmScenarios } from "./scenarios/realms.ts";
import { sequesterScenarios } from "./scenarios/sequester.ts";
import { shamirScenarios } from "./scenarios/shamir.ts";
import { tosScenarios } from "./scenarios/tos.ts";
import { totpScenarios } from "./scenarios/totp.ts";
import { userScenarios } from "./scenarios/users.ts";
import { vlobScenarios } from "./scenarios/vlobs.ts";
import type { Scenario } from "./support/scenario.ts";

/** Everything that a Parsec server is checked for, whoever wrote it. `ready()` of `@parsec/crypto` must be done. */
export const scenarios: readonly Scenario[] = [
  ...httpScenarios,
  ...eventScenarios,
  ...userScenarios,
  ...realmScenarios,
  ...vlobScenarios,
  ...invitationScenarios,
  ...shamirScenarios,
  ...sequesterScenarios,
  ...enrollmentScenarios,
  ...totpScenarios,
  ...tosScenarios,
  ...accountScenarios,
];

export { runScenario } from "./support/scenario.ts";
export { Target } from "./support/target.ts";
