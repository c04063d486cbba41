import {
  bool,
  bytes,
  count,
  date,
  described,
  id,
  listOf,
  mapOf,
  nullable,
  type OpenApiSchema,
  object,
  oneOf,
  text,
} from "./schema.ts";

/** One operation of the administration interface (spec 08c §1). */
export interface Operation {
  readonly method: "get" | "post" | "patch" | "put";
  readonly path: string;
  readonly summary: string;
  readonly query?: Readonly<Record<string, OpenApiSchema>>;
  readonly body?: OpenApiSchema;
  readonly reply: OpenApiSchema;
  /** What is refused with 400, 404 with an organization apart. */
  readonly refusals?: readonly string[];
}

const tosUrls = described(mapOf(text), "locale to URL of the terms of service");
const clientAgent = oneOf("NATIVE_ONLY", "NATIVE_OR_WEB");
const archivingPeriod = described(count, "seconds");
const usersLimit = described(nullable(count), "null for no limit");
const settings = {
  user_profile_outsider_allowed: bool,
  active_users_limit: usersLimit,
  realm_minimum_archiving_period_before_deletion: archivingPeriod,
  allowed_client_agent: clientAgent,
};
const statistics = {
  realms: count,
  data_size: described(count, "bytes of all blocks"),
  metadata_size: described(count, "bytes of all versions of all vlobs"),
  users: count,
  active_users: count,
  users_per_profile_detail: object({
    ADMIN: object({ active: count, revoked: count }),
    STANDARD: object({ active: count, revoked: count }),
    OUTSIDER: object({ active: count, revoked: count }),
  }),
};
const user = { user_id: id, user_email: text, user_name: text, frozen: bool };
const userChoice = {
  user_id: described(id, "this, or user_email"),
  user_email: described(text, "this, or user_id"),
};
const userRefusals = ["both or none of user_id and user_email"];
const serviceConfig: OpenApiSchema = {
  oneOf: [
    object({ type: oneOf("storage") }),
    object({ type: oneOf("webhook"), webhook_url: described(text, "http(s), without name and password") }),
  ],
};
const organizations = "/administration/organizations";
const organization = `${organizations}/{organization_id}`;

/** Every operation, in the order of the documentation. */
export const operations: readonly Operation[] = [
  {
    method: "post",
    path: organizations,
    summary: "Create an organization, or begin again one that is not bootstrapped",
    body: object({ organization_id: text }, { ...settings, tos: tosUrls }),
    reply: object({ bootstrap_url: text, bootstrap_url_as_http_redirection: text }),
    refusals: ["the organization exists and is bootstrapped"],
  },
  {
    method: "get",
    path: organization,
    summary: "Settings and state of an organization",
    reply: object({
      is_bootstrapped: bool,
      is_expired: bool,
      ...settings,
      tos: nullable(object({ per_locale_urls: tosUrls, updated_on: date })),
    }),
  },
  {
    method: "patch",
    path: organization,
    summary: "Change settings; what is left out stays",
    body: object({}, { is_expired: bool, ...settings, tos: described(nullable(tosUrls), "null removes them") }),
    reply: object({}),
  },
  {
    method: "get",
    path: `${organization}/stats`,
    summary: "What an organization holds",
    reply: object(statistics),
  },
  {
    method: "get",
    path: "/administration/stats",
    summary: "What every organization holds, as JSON or CSV",
    query: { format: oneOf("json", "csv"), at: described(date, "as it was then; now when left out") },
    reply: object({ stats: listOf(object({ organization_id: text, ...statistics })) }),
    refusals: ["`at` is no date"],
  },
  {
    method: "get",
    path: `${organization}/users`,
    summary: "The users that are not revoked",
    reply: object({ users: listOf(object(user)) }),
  },
  {
    method: "post",
    path: `${organization}/users/freeze`,
    summary: "Freeze a user, or let them in again",
    body: object({ frozen: bool }, userChoice),
    reply: object(user),
    refusals: userRefusals,
  },
  {
    method: "post",
    path: `${organization}/users/reset_totp`,
    summary: "Make a link that sets up one-time passwords anew",
    body: object({}, { ...userChoice, send_email: bool }),
    reply: object({
      user_id: id,
      user_email: text,
      totp_reset_url: text,
      totp_reset_url_as_http_redirection: text,
      email_sent_status: oneOf(
        "SENT_AS_REQUESTED",
        "NOT_SENT_AS_REQUESTED",
        "BAD_SMTP_CONFIG",
        "RECIPIENT_REFUSED",
        "SERVER_UNAVAILABLE",
      ),
    }),
    refusals: userRefusals,
  },
  {
    method: "get",
    path: `${organization}/sequester/services`,
    summary: "The sequester services, revoked ones included",
    reply: object({
      services: listOf(
        object(
          {
            service_id: id,
            service_label: text,
            created_on: date,
            revoked_on: nullable(date),
            type: oneOf("storage", "webhook"),
          },
          { webhook_url: text },
        ),
      ),
    }),
    refusals: ["the organization is not sequestered"],
  },
  {
    method: "post",
    path: `${organization}/sequester/services`,
    summary: "Create a sequester service",
    body: object({ service_certificate: bytes, config: serviceConfig }),
    reply: object({}),
    refusals: [
      "the organization is not sequestered",
      "the certificate is invalid, or not newer than the last one",
      "the service exists",
    ],
  },
  {
    method: "post",
    path: `${organization}/sequester/services/revoke`,
    summary: "Revoke a sequester service",
    body: object({ revoked_service_certificate: bytes }),
    reply: object({}),
    refusals: [
      "the organization is not sequestered",
      "the certificate is invalid, or not newer than the last one",
      "the service is revoked already",
    ],
  },
  {
    method: "put",
    path: `${organization}/sequester/services/config`,
    summary: "Change where a sequester service gets its data",
    body: object({ service_id: id, config: serviceConfig }),
    reply: object({}),
    refusals: ["the organization is not sequestered"],
  },
];
