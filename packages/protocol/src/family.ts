/** The command families of spec 05 §1.1, each with its own route and authorization. */
export const families = [
  "authenticated",
  "tos",
  "invited",
  "anonymous",
  "anonymous_server",
  "authenticated_account",
] as const;
export type Family = (typeof families)[number];

/** Families whose route holds an organization id. */
export type OrganizationFamily = Exclude<Family, ServerFamily>;
/** Families of the server as a whole. */
export type ServerFamily = "anonymous_server" | "authenticated_account";

/** How a request of a family proves who sends it (spec 05 §3). */
export type Authorization = "device" | "invitation" | "account" | "none";

const authorizations: Readonly<Record<Family, Authorization>> = {
  authenticated: "device",
  tos: "device",
  invited: "invitation",
  anonymous: "none",
  anonymous_server: "none",
  authenticated_account: "account",
};

export function authorizationOf(family: Family): Authorization {
  return authorizations[family];
}

/** The path segments of a family's route; a segment is not percent-encoded yet. */
export function organizationRoute(family: OrganizationFamily, organizationId: string): readonly string[] {
  return family === "tos" ? ["authenticated", organizationId, "tos"] : [family, organizationId];
}

/** The path segments of the route of server events (spec 05 §8.1). */
export function eventsRoute(organizationId: string): readonly string[] {
  return ["authenticated", organizationId, "events"];
}

export function serverRoute(family: ServerFamily): readonly string[] {
  return [family];
}

/** Route segments as the path of a URL: each one percent-encoded as UTF-8, with a leading slash. */
export function routePath(segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}
