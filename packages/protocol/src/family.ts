/** The command families of spec 05 §1.1, each with its own route and authorization. The routes: `@parsec/types`. */
export const families = [
  "authenticated",
  "tos",
  "invited",
  "anonymous",
  "anonymous_server",
  "authenticated_account",
] as const;
export type Family = (typeof families)[number];
