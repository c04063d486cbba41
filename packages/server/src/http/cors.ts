import { cors } from "hono/cors";
import type { ServerConfig } from "../config.ts";

/** Seconds for which browsers may remember the answer to a preflight: the most that any of them does is less. */
const preflightMaxAge = 24 * 3600;

/** Spec 08c §2.3; browsers may also read which versions the server speaks. */
export function corsFor({ corsAllowOrigins }: ServerConfig) {
  return cors({
    origin: corsAllowOrigins.includes("*") ? "*" : [...corsAllowOrigins],
    allowMethods: ["OPTIONS", "GET", "POST", "PATCH", "PUT", "DELETE"],
    allowHeaders: ["api-version", "authorization", "content-type", "user-agent", "last-event-id"],
    maxAge: preflightMaxAge,
    exposeHeaders: ["server", "api-version", "supported-api-versions"],
  });
}
