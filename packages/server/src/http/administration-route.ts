import { createHash, timingSafeEqual } from "node:crypto";
import { OrganizationId } from "@parsec/types";
import { AdministrationError } from "../administration/error.ts";
import type { ServerContext } from "../context.ts";
import { readBody } from "./body.ts";
import { headerOf } from "./client-info.ts";
import { JsonFieldError, JsonFields } from "./json-fields.ts";
import type { HttpContext } from "./request.ts";
import { jsonResponse } from "./response.ts";

/** Larger than any certificate: the largest body of this interface. */
const bodyLimit = 1024 * 1024;

/** One route of the administration interface: from the body's fields to the reply's JSON (spec 08c §1.1). */
export type AdministrationHandler = (server: ServerContext, c: HttpContext, fields: JsonFields) => Promise<Response>;
export type OrganizationHandler = (
  server: ServerContext,
  organizationId: OrganizationId,
  fields: JsonFields,
  c: HttpContext,
) => Promise<Response>;

/** Token, then body, then what the route does; refusals become their HTTP replies. */
export function administrationRoute(handle: AdministrationHandler) {
  return async (server: ServerContext, c: HttpContext): Promise<Response> => {
    const refusal = unauthorized(server, c);
    if (refusal !== undefined) return refusal;
    try {
      return await handle(server, c, await bodyFields(c));
    } catch (error) {
      if (error instanceof JsonFieldError) return jsonResponse(422, { detail: error.message });
      if (error instanceof AdministrationError) return jsonResponse(error.httpStatus, { detail: error.detail });
      throw error;
    }
  };
}

/** A route about one organization. */
export function organizationRoute(handle: OrganizationHandler) {
  return administrationRoute(async (server, c, fields) => {
    return await handle(server, organizationIdOf(c), fields, c);
  });
}

function organizationIdOf(c: HttpContext): OrganizationId {
  try {
    return OrganizationId.parse(c.req.param("organizationId") ?? "");
  } catch {
    throw new AdministrationError(404, "Invalid organization ID");
  }
}

async function bodyFields(c: HttpContext): Promise<JsonFields> {
  if (c.req.method === "GET") return new JsonFields({});
  const body = await readBody(c.env.incoming, bodyLimit);
  return JsonFields.parse(new TextDecoder().decode(body));
}

function unauthorized({ config }: ServerContext, c: HttpContext): Response | undefined {
  const [scheme, token] = (headerOf(c.env.incoming, "authorization") ?? "").split(" ", 2);
  if (scheme?.toLowerCase() !== "bearer" || token === undefined) {
    return jsonResponse(403, { detail: "Not authenticated" });
  }
  if (!sameText(token, config.administrationToken)) return jsonResponse(403, { detail: "Bad authorization token" });
  return undefined;
}

/** Takes the same time wherever the texts differ. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
