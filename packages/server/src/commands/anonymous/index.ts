import type { Handler } from "../handler.ts";
import type { OrganizationCaller } from "../scope.ts";
import { organizationBootstrapHandler } from "./organization-bootstrap.ts";
import { anonymousPingHandler } from "./ping.ts";

/** The commands of the family. */
export const anonymousHandlers: readonly Handler<OrganizationCaller>[] = [
  organizationBootstrapHandler,
  anonymousPingHandler,
];
