import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { RequestLabel } from "./request-summary.ts";

/** Node's request, read directly: its body is consumed under our own limits. */
export type HttpRequest = IncomingMessage;

/** What every request carries through the application. */
export interface HttpEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: { readonly label: RequestLabel };
}

/** The request that a route handles. */
export type HttpContext = Context<HttpEnv>;
