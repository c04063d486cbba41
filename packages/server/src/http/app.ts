import { Hono } from "hono";
import type { ServerContext } from "../context.ts";
import type { EventHub } from "../events/hub.ts";
import {
  createOrganizationRoute,
  getOrganizationRoute,
  organizationStatisticsRoute,
  serverStatisticsRoute,
  updateOrganizationRoute,
} from "./administration.ts";
import {
  configureServiceRoute,
  createServiceRoute,
  listServicesRoute,
  revokeServiceRoute,
} from "./administration-sequester.ts";
import { freezeUserRoute, listUsersRoute, resetTotpRoute } from "./administration-users.ts";
import { corsFor } from "./cors.ts";
import { documentationRoute, openApiRoute } from "./openapi/routes.ts";
import { landingPage, notFoundResponse } from "./pages.ts";
import { redirectRoute } from "./redirect.ts";
import type { HttpContext, HttpEnv } from "./request.ts";
import { type RequestSummary, routeCommand, routeFamily, summarize } from "./request-summary.ts";
import { errorResponse, htmlResponse, jsonResponse } from "./response.ts";
import {
  anonymousProbe,
  anonymousRoute,
  anonymousServerRoute,
  authenticatedAccountRoute,
  authenticatedRoute,
  invitedRoute,
  tosRoute,
} from "./rpc.ts";
import { eventsRoute } from "./sse.ts";
import { webAppRoute } from "./web-app.ts";

export type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
export type RouteHandler = (server: ServerContext, c: HttpContext) => Promise<Response>;

/** A path of the server, with what it does for each method; any other method gets 405. */
export interface Route {
  readonly path: string;
  readonly methods: { readonly [M in Method]?: RouteHandler };
}

export type App = Hono<HttpEnv>;

const administration = "/administration/organizations";

/** The routes of spec 08a §1 and 08c §1. */
export function serverRoutes(hub: EventHub): readonly Route[] {
  return [
    { path: "/authenticated/:organizationId", methods: { POST: authenticatedRoute } },
    {
      path: "/authenticated/:organizationId/events",
      methods: { GET: (server, c) => eventsRoute(server, hub, c) },
    },
    { path: "/authenticated/:organizationId/tos", methods: { POST: tosRoute } },
    { path: "/invited/:organizationId", methods: { POST: invitedRoute } },
    { path: "/anonymous/:organizationId", methods: { GET: anonymousProbe, POST: anonymousRoute } },
    { path: "/anonymous_server", methods: { POST: anonymousServerRoute } },
    { path: "/authenticated_account", methods: { POST: authenticatedAccountRoute } },
    { path: administration, methods: { POST: createOrganizationRoute } },
    { path: "/administration/stats", methods: { GET: serverStatisticsRoute } },
    {
      path: `${administration}/:organizationId`,
      methods: { GET: getOrganizationRoute, PATCH: updateOrganizationRoute },
    },
    { path: `${administration}/:organizationId/stats`, methods: { GET: organizationStatisticsRoute } },
    { path: `${administration}/:organizationId/users`, methods: { GET: listUsersRoute } },
    { path: `${administration}/:organizationId/users/freeze`, methods: { POST: freezeUserRoute } },
    { path: `${administration}/:organizationId/users/reset_totp`, methods: { POST: resetTotpRoute } },
    {
      path: `${administration}/:organizationId/sequester/services`,
      methods: { GET: listServicesRoute, POST: createServiceRoute },
    },
    { path: `${administration}/:organizationId/sequester/services/revoke`, methods: { POST: revokeServiceRoute } },
    { path: `${administration}/:organizationId/sequester/services/config`, methods: { PUT: configureServiceRoute } },
    { path: "/openapi.json", methods: { GET: openApiRoute } },
    { path: "/docs", methods: { GET: documentationRoute } },
    { path: "/redoc", methods: { GET: documentationRoute } },
    { path: "/client", methods: { GET: webAppRoute } },
    { path: "/client/*", methods: { GET: webAppRoute } },
    { path: "/static/*", methods: { GET: async () => jsonResponse(404, { detail: "Not Found" }) } },
    { path: "/redirect", methods: { GET: redirectRoute } },
    { path: "/redirect/*", methods: { GET: redirectRoute } },
  ];
}

export interface AppOptions {
  readonly extraRoutes?: readonly Route[];
  /** Told of what nobody expected. */
  readonly onBug: (error: unknown) => void;
  /** Told of each request that has ended. */
  readonly onRequest: (summary: RequestSummary) => void;
}

function movedTo(location: string): Response {
  return new Response(null, { status: 301, headers: { Location: location } });
}

/** The HTTP application: routes, CORS, the `Server` header, and one response for every error. */
export function createApp(server: ServerContext, hub: EventHub, options: AppOptions): App {
  const app: App = new Hono();
  app.use(async (c, next) => {
    c.set("label", summarize(c.env.incoming, c.env.outgoing, options.onRequest));
    await next();
    c.res.headers.set("Server", server.config.serverHeader);
  });
  app.use(corsFor(server.config));
  for (const { path, methods } of [...serverRoutes(hub), ...(options.extraRoutes ?? [])]) {
    const [family, command] = [routeFamily(path), routeCommand(path)];
    for (const [method, handle] of Object.entries(methods)) {
      app.on(method, path, (c) => {
        Object.assign(c.get("label"), { family, command });
        return handle(server, c);
      });
    }
    app.all(path, () => jsonResponse(405, { detail: "Method Not Allowed" }));
  }
  app.get("/", () =>
    server.config.webAppDirectory === null
      ? htmlResponse(200, server.config.templates?.landingPage ?? landingPage)
      : movedTo("/client/"),
  );
  app.notFound(() => notFoundResponse(server.config));
  app.onError((error) => {
    const response = errorResponse(error);
    if (response.status === 500) options.onBug(error);
    return response;
  });
  return app;
}
