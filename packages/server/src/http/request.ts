import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

/** Node's request, read directly: its body is consumed under our own limits. */
export type HttpRequest = IncomingMessage;

/** The request that a route handles. */
export type HttpContext = Context<{ Bindings: HttpBindings }>;
